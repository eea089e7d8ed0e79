package rest

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

type pageIn struct {
	Room   string              `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
	Before optional[int64]     `query:"before" minimum:"1" maximum:"9007199254740991" doc:"Messages with a lower seq"`
	After  optional[int64]     `query:"after" minimum:"0" maximum:"9007199254740991" doc:"Messages with a higher seq"`
	Around optional[int64]     `query:"around" minimum:"1" maximum:"9007199254740991" doc:"Messages on both sides of a seq, and itself"`
	At     optional[time.Time] `query:"at" doc:"Messages on both sides of a moment: of the first message posted then or later"`
	Thread optional[int64]     `query:"thread" minimum:"1" maximum:"9007199254740991" doc:"The replies to this seq instead of the timeline"`
	Limit  optional[int]       `query:"limit" minimum:"1" maximum:"200" example:"50" doc:"50 unless said"`
}

func (h *Handler) messages(ctx context.Context, a chat.Actor, in *pageIn) (*bodyOut[wire.Page], error) {
	p, err := h.canteen.Messages(ctx, a, in.Room, chat.PageInput{
		Before: in.Before.value, After: in.After.value, Around: in.Around.value, At: in.At.value, Thread: in.Thread.value,
		Limit: in.Limit.value,
	})
	return ok(wire.NewPage(p)), err
}

type changesIn struct {
	Room  string        `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
	Since int64         `query:"since" minimum:"0" maximum:"9007199254740991" example:"0" required:"true" doc:"A revision; 0 for all"`
	Limit optional[int] `query:"limit" minimum:"1" maximum:"500" example:"500" doc:"500 unless said"`
}

func (h *Handler) changes(ctx context.Context, a chat.Actor, in *changesIn) (*bodyOut[wire.Changes], error) {
	c, err := h.canteen.Changes(ctx, a, in.Room, in.Since, in.Limit.value)
	return ok(wire.NewChanges(c)), err
}

func (h *Handler) post(ctx context.Context, a chat.Actor, in *roomBody[wire.PostMessage]) (*made[wire.Message], error) {
	m, created, err := h.canteen.PostMessage(ctx, a, in.Room, in.Body.Input())
	return &made[wire.Message]{status201(created), wire.NewMessage(m)}, err
}

func (h *Handler) message(ctx context.Context, a chat.Actor, in *MessageIn) (*bodyOut[wire.Message], error) {
	m, err := h.canteen.Message(ctx, a, in.Room, in.Seq)
	return ok(wire.NewMessage(m)), err
}

// messageBody is a command about a message.
type messageBody[T any] struct {
	MessageIn
	Body T
}

// Streams takes the next text of a message that is being written. It may put one aside that is not stored, and store it later; see
// [chat.Canteen.StreamMessage].
type Streams interface {
	StreamMessage(ctx context.Context, a chat.Actor, room string, seq int64, in chat.EditInput) (m chat.Message, later bool, err error)
}

const messagePath = "/rooms/{room}/messages/{seq}"

// edited is the answer to an edit: 202 with the message as it is stored, if the new text is not.
type edited struct {
	Status     int
	RetryAfter string `header:"Retry-After" doc:"With 202: in how many seconds a text is stored again"`
	Body       wire.Message
}

func (h *Handler) edit(ctx context.Context, a chat.Actor, in *messageBody[wire.EditMessage]) (*edited, error) {
	input := in.Body.Input()
	streams, err := h.canteen.Streams(ctx, a, in.Room, in.Seq, input)
	if err != nil {
		return nil, err
	}
	if !streams {
		m, err := h.canteen.EditMessage(ctx, a, in.Room, in.Seq, input)
		return &edited{Status: http.StatusOK, Body: wire.NewMessage(m)}, err
	}
	var s Streams = h.canteen
	if h.o.Stream != nil {
		s = h.o.Stream
	}
	m, later, err := s.StreamMessage(ctx, a, in.Room, in.Seq, input)
	out := &edited{Status: http.StatusOK, Body: wire.NewMessage(m)}
	if later {
		out.Status, out.RetryAfter = http.StatusAccepted, strconv.Itoa(int(chat.StreamEvery/time.Second))
	}
	return out, err
}

func (h *Handler) delete(ctx context.Context, a chat.Actor, in *MessageIn) (*none, error) {
	return nil, h.canteen.DeleteMessage(ctx, a, in.Room, in.Seq)
}

type historyIn struct {
	MessageIn
	Before optional[int64] `query:"before" minimum:"1" maximum:"9007199254740991" doc:"Versions with a lower n"`
}

func (h *Handler) history(ctx context.Context, a chat.Actor, in *historyIn) (*bodyOut[wire.Versions], error) {
	vs, err := h.canteen.History(ctx, a, in.Room, in.Seq, in.Before.value)
	return ok(wire.NewVersions(vs)), err
}
