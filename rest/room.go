package rest

import (
	"context"
	"net/http"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/wire"
)

type roomsIn struct {
	Conditional
	Browse bool   `query:"browse" doc:"List public rooms one is not in"`
	Q      string `query:"q" doc:"With browse: what the name contains"`
}

func (h *Handler) rooms(ctx context.Context, a canteen.Actor, in *roomsIn) (*tagged[any], error) {
	if in.Browse {
		rs, err := h.canteen.Browse(ctx, a, in.Q)
		return &tagged[any]{Status: http.StatusOK, Body: wire.Rooms{Rooms: each(rs, wire.NewRoom)}}, err
	}
	if in.Q != "" {
		return nil, canteen.InvalidField("q", "q goes with browse=true.")
	}
	l, err := h.canteen.Rooms(ctx, a)
	if err != nil {
		return nil, err
	}
	tag := `"` + l.Tag + `"`
	if out := unchanged[any](in.Conditional, tag); out != nil {
		return out, nil
	}
	return &tagged[any]{Status: http.StatusOK, ETag: tag, Body: wire.MyRooms{Epoch: l.Epoch, Rooms: each(l.Rooms, wire.NewMyRoom)}}, nil
}

func (h *Handler) addRoom(ctx context.Context, a canteen.Actor, in *bodyIn[wire.NewRoomBody]) (*made[wire.MyRoom], error) {
	b := in.Body
	r, created, err := h.canteen.AddRoom(ctx, a, canteen.NewRoomInput{Kind: canteen.Kind(b.Kind), Name: b.Name, Topic: b.Topic, Members: b.Members})
	return &made[wire.MyRoom]{status201(created), wire.NewMyRoom(r)}, err
}

// seen is a room as its viewer has it: MyRoom for members, else Room.
func seen(v canteen.RoomView) any {
	if v.Mine != nil {
		return wire.NewMyRoom(*v.Mine)
	}
	return wire.NewRoom(v.Room)
}

func (h *Handler) room(ctx context.Context, a canteen.Actor, in *roomIn) (*bodyOut[any], error) {
	v, err := h.canteen.Room(ctx, a, in.Room)
	return ok(seen(v)), err
}

func (h *Handler) updateRoom(ctx context.Context, a canteen.Actor, in *roomBody[wire.UpdateRoom]) (*bodyOut[any], error) {
	v, err := h.canteen.UpdateRoom(ctx, a, in.Room, in.Body.Input())
	return ok(seen(v)), err
}

func (h *Handler) updateMyRoom(ctx context.Context, a canteen.Actor, in *roomBody[wire.UpdateMyRoom]) (*bodyOut[wire.MyRoom], error) {
	r, err := h.canteen.UpdateMyRoom(ctx, a, in.Room, in.Body.Input())
	return ok(wire.NewMyRoom(r)), err
}

func (h *Handler) setRead(ctx context.Context, a canteen.Actor, in *roomBody[wire.SetRead]) (*bodyOut[wire.MyRoom], error) {
	r, err := h.canteen.SetRead(ctx, a, in.Room, in.Body.Seq)
	return ok(wire.NewMyRoom(r)), err
}
