package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

type inboxIn struct {
	Filter string        `query:"filter" enum:"all,unread,mentions,reactions" doc:"mentions: by name, of everybody, and keywords; all unless said"`
	Cursor string        `query:"cursor" maxLength:"200" doc:"The next of the page before"`
	Limit  optional[int] `query:"limit" minimum:"1" maximum:"100" doc:"50 unless said"`
}

func (h *Handler) inbox(ctx context.Context, a chat.Actor, in *inboxIn) (*bodyOut[wire.Inbox], error) {
	p, err := h.canteen.Inbox(ctx, a, chat.InboxInput{Filter: in.Filter, Cursor: in.Cursor, Limit: in.Limit.value})
	return ok(wire.NewInbox(p)), err
}

func (h *Handler) clearInbox(ctx context.Context, a chat.Actor, in *bodyIn[wire.ClearInbox]) (*none, error) {
	return nil, h.canteen.ClearInbox(ctx, a, in.Body.Key, in.Body.Before.Pointer())
}

func (h *Handler) seeInbox(ctx context.Context, a chat.Actor, in *bodyIn[wire.SeeInbox]) (*none, error) {
	return nil, h.canteen.SeeInbox(ctx, a, *in.Body.At.Pointer())
}
