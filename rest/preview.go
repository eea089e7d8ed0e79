package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) preview(ctx context.Context, a chat.Actor, in *bodyIn[wire.AskPreview]) (*bodyOut[wire.MadePreview], error) {
	id, p, err := h.canteen.Preview(ctx, a, in.Body.URL)
	return ok(wire.NewMadePreview(id, p)), err
}
