package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) invites(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Invites], error) {
	is, err := h.canteen.Invites(ctx, a)
	return ok(wire.Invites{Invites: each(is, wire.NewInvite)}), err
}

func (h *Handler) addInvite(ctx context.Context, a chat.Actor, in *bodyIn[wire.NewInviteBody]) (*bodyOut[wire.MadeInvite], error) {
	i, secret, err := h.canteen.AddInvite(ctx, a, in.Body.Input())
	return ok(wire.MadeInvite{Invite: wire.NewInvite(i), URL: h.o.Access.origins[0] + "/signup#" + secret, Secret: secret}), err
}

func (h *Handler) endInvite(ctx context.Context, a chat.Actor, in *idIn) (*none, error) {
	return nil, h.canteen.EndInvite(ctx, a, in.ID)
}
