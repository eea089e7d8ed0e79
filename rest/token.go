package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) tokens(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Tokens], error) {
	ts, err := h.canteen.Tokens(ctx, a)
	return ok(wire.Tokens{Tokens: each(ts, wire.NewToken)}), err
}

func (h *Handler) addToken(ctx context.Context, a chat.Actor, in *bodyIn[wire.NewTokenBody]) (*bodyOut[wire.MadeToken], error) {
	t, secret, err := h.canteen.AddToken(ctx, a, in.Body.Input())
	return ok(wire.MadeToken{Token: wire.NewToken(t), Secret: secret}), err
}

func (h *Handler) endToken(ctx context.Context, a chat.Actor, in *idIn) (*none, error) {
	return nil, h.canteen.EndToken(ctx, a, in.ID)
}
