package rest

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) join(ctx context.Context, a chat.Actor, in *roomIn) (*bodyOut[wire.MyRoom], error) {
	r, err := h.canteen.Join(ctx, a, in.Room)
	return ok(wire.NewMyRoom(r)), err
}

func (h *Handler) members(ctx context.Context, a chat.Actor, in *roomIn) (*bodyOut[wire.Members], error) {
	ms, err := h.canteen.Members(ctx, a, in.Room)
	return ok(wire.Members{Members: each(ms, wire.NewMember)}), err
}

type putMemberIn struct {
	MemberIn
	Body *wire.PutMember `required:"false"`
}

func (h *Handler) putMember(ctx context.Context, a chat.Actor, in *putMemberIn) (*bodyOut[wire.Member], error) {
	var role *chat.RoomRole
	if in.Body != nil && in.Body.Role != nil {
		r := chat.RoomRole(*in.Body.Role)
		role = &r
	}
	m, err := h.canteen.PutMember(ctx, a, in.Room, in.User, role)
	return ok(wire.NewMember(m)), err
}

func (h *Handler) removeMember(ctx context.Context, a chat.Actor, in *MemberIn) (*none, error) {
	return nil, h.canteen.RemoveMember(ctx, a, in.Room, in.User)
}
