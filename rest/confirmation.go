package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) confirm(ctx context.Context, a chat.Actor, in *MessageIn) (*bodyOut[wire.Confirmations], error) {
	c, err := h.canteen.Confirm(ctx, a, in.Room, in.Seq)
	return ok(wire.NewConfirmations(c)), err
}

func (h *Handler) confirmations(ctx context.Context, a chat.Actor, in *MessageIn) (*bodyOut[wire.Confirmations], error) {
	c, err := h.canteen.Confirmations(ctx, a, in.Room, in.Seq)
	return ok(wire.NewConfirmations(c)), err
}
