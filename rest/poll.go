package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) vote(ctx context.Context, a chat.Actor, in *messageBody[wire.Vote]) (*bodyOut[wire.Message], error) {
	m, err := h.canteen.SetVote(ctx, a, in.Room, in.Seq, in.Body.Options)
	return ok(wire.NewMessage(m)), err
}

func (h *Handler) closePoll(ctx context.Context, a chat.Actor, in *MessageIn) (*bodyOut[wire.Message], error) {
	m, err := h.canteen.ClosePoll(ctx, a, in.Room, in.Seq)
	return ok(wire.NewMessage(m)), err
}

func (h *Handler) votes(ctx context.Context, a chat.Actor, in *MessageIn) (*bodyOut[wire.Votes], error) {
	v, err := h.canteen.Votes(ctx, a, in.Room, in.Seq)
	return ok(wire.NewVotes(v)), err
}
