package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

type roomsIn struct {
	Conditional
	Browse bool          `query:"browse" example:"true" doc:"List public rooms that you are not in"`
	Q      string        `query:"q" maxLength:"80" format:"line" doc:"With browse: what the name contains"`
	After  string        `query:"after" format:"id" doc:"With browse: rooms after the one with this id, by name"`
	Limit  optional[int] `query:"limit" minimum:"1" maximum:"200" example:"200" doc:"With browse; 200 unless said"`
}

// Answers of one of two types. Their Schema methods describe both to huma.
type (
	seenRoom struct{ shape any } // wire.MyRoom or wire.Room
	roomList struct{ shape any } // wire.MyRooms or wire.Rooms
)

// MarshalJSON implements json.Marshaler.
func (s seenRoom) MarshalJSON() ([]byte, error) { return json.Marshal(s.shape) }

// MarshalJSON implements json.Marshaler.
func (l roomList) MarshalJSON() ([]byte, error) { return json.Marshal(l.shape) }

// Schema implements huma.SchemaProvider.
func (seenRoom) Schema(r huma.Registry) *huma.Schema { return either[wire.MyRoom, wire.Room](r) }

// Schema implements huma.SchemaProvider.
func (roomList) Schema(r huma.Registry) *huma.Schema { return either[wire.MyRooms, wire.Rooms](r) }

func either[A, B any](r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{r.Schema(reflect.TypeFor[A](), true, ""), r.Schema(reflect.TypeFor[B](), true, "")}}
}

func (h *Handler) rooms(ctx context.Context, a chat.Actor, in *roomsIn) (*tagged[roomList], error) {
	if in.Browse {
		p, err := h.canteen.Browse(ctx, a, in.Q, in.After, in.Limit.value)
		rs := wire.Rooms{Rooms: each(p.Rooms, wire.NewRoom), More: p.More, Total: p.Total}
		return &tagged[roomList]{Status: http.StatusOK, Body: roomList{rs}}, err
	}
	for _, p := range []struct {
		name  string
		given bool
	}{{"q", in.Q != ""}, {"after", in.After != ""}, {"limit", in.Limit.value != nil}} {
		if p.given {
			return nil, chat.InvalidField(p.name, "%s is allowed only with browse=true.", p.name)
		}
	}
	l, err := h.canteen.Rooms(ctx, a)
	if err != nil {
		return nil, err
	}
	tag := `W/"` + l.Tag + `"`
	if out := unchanged[roomList](in.Conditional, tag); out != nil {
		return out, nil
	}
	body := roomList{wire.MyRooms{Epoch: l.Epoch, Rooms: each(l.Rooms, wire.NewMyRoom)}}
	return &tagged[roomList]{Status: http.StatusOK, ETag: tag, Body: body}, nil
}

func (h *Handler) addRoom(ctx context.Context, a chat.Actor, in *bodyIn[wire.NewRoomBody]) (*made[wire.MyRoom], error) {
	b := in.Body
	r, created, err := h.canteen.AddRoom(ctx, a, chat.NewRoomInput{
		Kind: chat.Kind(b.Kind), Name: b.Name, Topic: b.Topic, Members: b.Members,
	})
	return &made[wire.MyRoom]{status201(created), wire.NewMyRoom(r)}, err
}

// roomFor maps a room for its viewer: to a MyRoom for members, else to a Room.
func roomFor(v chat.RoomView) seenRoom {
	if v.Mine != nil {
		return seenRoom{wire.NewMyRoom(*v.Mine)}
	}
	return seenRoom{wire.NewRoom(v.Room)}
}

func (h *Handler) room(ctx context.Context, a chat.Actor, in *roomIn) (*bodyOut[seenRoom], error) {
	v, err := h.canteen.Room(ctx, a, in.Room)
	return ok(roomFor(v)), err
}

func (h *Handler) updateRoom(ctx context.Context, a chat.Actor, in *roomBody[wire.UpdateRoom]) (*bodyOut[seenRoom], error) {
	v, err := h.canteen.UpdateRoom(ctx, a, in.Room, in.Body.Input())
	return ok(roomFor(v)), err
}

func (h *Handler) updateMyRoom(ctx context.Context, a chat.Actor, in *roomBody[wire.UpdateMyRoom]) (*bodyOut[wire.MyRoom], error) {
	r, err := h.canteen.UpdateMyRoom(ctx, a, in.Room, in.Body.Input())
	return ok(wire.NewMyRoom(r)), err
}

func (h *Handler) setRead(ctx context.Context, a chat.Actor, in *roomBody[wire.SetRead]) (*bodyOut[wire.MyRoom], error) {
	r, err := h.canteen.SetRead(ctx, a, in.Room, in.Body.Seq)
	return ok(wire.NewMyRoom(r)), err
}

func (h *Handler) roomAbout(ctx context.Context, a chat.Actor, in *roomIn) (*bodyOut[wire.RoomAbout], error) {
	about, err := h.canteen.RoomAbout(ctx, a, in.Room)
	return ok(wire.RoomAbout(about)), err
}

func (h *Handler) describeRoom(ctx context.Context, a chat.Actor, in *roomBody[wire.UpdateRoomAbout]) (*bodyOut[wire.RoomAbout], error) {
	about, err := h.canteen.DescribeRoom(ctx, a, in.Room, chat.RoomAboutInput(in.Body))
	return ok(wire.RoomAbout(about)), err
}
