package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
	"github.com/canteen-chat/canteen/wire"
)

type threadsIn struct {
	Unread bool          `query:"unread" example:"false" doc:"Only those with something unread"`
	Cursor string        `query:"cursor" doc:"The next of an earlier answer"`
	Limit  optional[int] `query:"limit" minimum:"1" maximum:"100" example:"20" doc:"20 unless said"`
}

func (h *Handler) threads(ctx context.Context, a chat.Actor, in *threadsIn) (*bodyOut[wire.MyThreads], error) {
	l, err := h.canteen.Threads(ctx, a, chat.ThreadsInput{Unread: in.Unread, Cursor: in.Cursor, Limit: in.Limit.value})
	return ok(wire.NewMyThreads(l)), err
}

func (h *Handler) thread(ctx context.Context, a chat.Actor, in *MessageIn) (*bodyOut[wire.MyThread], error) {
	t, err := h.canteen.Thread(ctx, a, in.Room, in.Seq)
	return ok(wire.NewMyThread(t)), err
}

func (h *Handler) followThread(ctx context.Context, a chat.Actor, in *messageBody[wire.FollowThread]) (*bodyOut[wire.MyThread], error) {
	t, err := h.canteen.FollowThread(ctx, a, in.Room, in.Seq, thread.Follow(in.Body.Follow))
	return ok(wire.NewMyThread(t)), err
}

func (h *Handler) readThread(ctx context.Context, a chat.Actor, in *messageBody[wire.SetRead]) (*bodyOut[wire.MyThread], error) {
	t, err := h.canteen.ReadThread(ctx, a, in.Room, in.Seq, in.Body.Seq)
	return ok(wire.NewMyThread(t)), err
}
