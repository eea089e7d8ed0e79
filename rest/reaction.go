package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

type reactionIn struct {
	MessageIn
	Emoji string `path:"emoji" format:"emoji" doc:"One emoji, URL-encoded"`
}

func (h *Handler) reactions(ctx context.Context, a chat.Actor, in *MessageIn) (*bodyOut[wire.Reactions], error) {
	rs, err := h.canteen.Reactions(ctx, a, in.Room, in.Seq)
	return ok(wire.Reactions{Reactions: each(rs, wire.NewReaction)}), err
}

func (h *Handler) react(ctx context.Context, a chat.Actor, in *reactionIn) (*bodyOut[wire.Message], error) {
	m, err := h.canteen.SetReaction(ctx, a, in.Room, in.Seq, in.Emoji, true)
	return ok(wire.NewMessage(m)), err
}

func (h *Handler) unreact(ctx context.Context, a chat.Actor, in *reactionIn) (*bodyOut[wire.Message], error) {
	m, err := h.canteen.SetReaction(ctx, a, in.Room, in.Seq, in.Emoji, false)
	return ok(wire.NewMessage(m)), err
}
