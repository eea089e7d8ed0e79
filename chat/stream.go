package chat

import (
	"context"
	"time"
)

// Unwritten is the text of a message whose bot has not begun to write it.
const Unwritten = "…"

// Stream says that an edit is the next text of a message that its bot is still writing. Such a text makes no version, and is no edit to
// anybody.
type Stream struct {
	Last time.Time // when the text before was stored, as the rule saw it
	Done bool      // the text is the last one
}

// Passing says whether another text is to follow. It mentions nobody: a name may be half written.
func (cmd EditMessage) Passing() bool { return cmd.Stream != nil && !cmd.Stream.Done }

// Holds is Gone for a tombstone, and ErrStale when another text of a streamed message was stored since the rule read it.
func (cmd EditMessage) Holds(m Message) error {
	if s := cmd.Stream; s != nil && m.DeletedAt == nil && (m.StreamingAt == nil || !m.StreamingAt.Equal(s.Last)) {
		return ErrStale
	}
	return m.Changeable()
}

// streaming is what Message.StreamingAt becomes: the time of the edit, or nil when the message is done.
func (cmd EditMessage) streaming() *time.Time {
	if !cmd.Passing() {
		return nil
	}
	return &cmd.At
}

// streams says what a message that is streamed cannot have.
func (in PostInput) streams() error {
	if in.Stream && (in.Poll != nil || in.Forward != nil || in.Confirm || in.Cards != nil || in.Preview != "") {
		return InvalidField("stream", "Only text and files go with it: no poll, forward, confirm, cards or preview.")
	}
	return nil
}

func (in PostInput) mayStream(a Actor) error {
	if in.Stream && !a.User.Bot {
		return Errorf(Forbidden, "Only bots may stream a message. Leave `stream` out.")
	}
	return nil
}

// next decides about the next text of a message that is being written. same: the message has this text already. later: it is not stored,
// since another one was, less than StreamEvery ago; the last one is always stored. A text that comes after the last one is a Conflict, so
// that a request that was delayed replaces nothing.
func (m Message) next(body string, done bool, now time.Time) (same, later bool, err error) {
	if err := m.Changeable(); err != nil {
		return false, false, err
	}
	switch at := m.StreamingAt; {
	case m.Text == body && (at == nil || !done):
		return true, false, nil
	case at == nil:
		return false, false, Errorf(Conflict, "The message is done. To edit it, leave `done` out.")
	case done:
		_, err := messageText(body, len(m.Files) > 0)
		return false, false, err
	default:
		passed := now.Sub(*at)
		return false, passed >= 0 && passed < StreamEvery, nil
	}
}

// Streams says whether an edit is for StreamMessage and not for EditMessage: it says so itself, or is by the bot that is still writing the
// message. Handlers ask it; it refuses nobody.
func (c *Canteen) Streams(ctx context.Context, a Actor, room string, seq int64, in EditInput) (bool, error) {
	if in.Done != nil || !a.User.Bot {
		return in.Done != nil, nil
	}
	now := c.clock.Time()
	m, err := c.store.Message(ctx, room, seq, a.User.ID)
	if ErrorCode(err) == NotFound {
		return false, nil
	}
	return m.Author == a.User.ID && m.StreamingAt != nil && now.Sub(*m.StreamingAt) < StreamSilence, err
}

// StreamMessage stores the next text of a message that its bot is still writing. later says that the text is not stored, so that the
// message changes at most once in StreamEvery. What is returned is the message as it is stored.
func (c *Canteen) StreamMessage(ctx context.Context, a Actor, room string, seq int64, in EditInput) (m Message, later bool, err error) {
	done := in.Done != nil && *in.Done
	body, err := messageText(in.Text, true)
	if err == nil && (in.Preview != nil || in.Cards != nil) {
		err = InvalidField("done", "While a message is being written only its text changes. Set previews and cards when it is done.")
	}
	if err != nil {
		return m, false, err
	}
	if body == "" && !done {
		body = Unwritten
	}
	m, err = perform(ctx, c, a, CmdStream, use[Message]{
		room: room, about: []any{"seq", seq},
		may: func(at *attempt) (err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return err
			}
			if !at.User.Bot || !MayEdit(at.Actor, at.room, m) {
				return Errorf(Forbidden, "Only bots may stream messages: their own, in rooms where they may post. Leave `done` out.")
			}
			return nil
		},
		state: func(at *attempt) (unchanged bool, err error) {
			var same bool
			same, later, err = m.next(body, done, c.clock.Time())
			if err == nil && !same {
				err = open(at.room.Room)
			}
			return same || later, err
		},
		same:   func(*attempt) (Message, error) { return m, nil },
		stores: func() int { return max(1, len(body)-len(m.Text)) }, // it takes the place of the text before
		do: func(at *attempt) (_ Message, err error) {
			cmd := EditMessage{
				Facts: at.facts(), Room: room, Seq: seq, By: at.User.ID, Text: body, At: c.clock.Time(),
				Stream: &Stream{Last: *m.StreamingAt, Done: done},
			}
			if done {
				cmd.Mentions, err = c.mentions(ctx, body)
			}
			if err != nil {
				return Message{}, err
			}
			return c.store.EditMessage(ctx, cmd)
		},
	})
	return m, later && err == nil, err
}

// CountEdit is Count for a request that edits a message. That of a bot counts against the rate of streaming instead, since a bot that
// streams sends many.
func (c *Canteen) CountEdit(ctx context.Context, a Actor) (Actor, error) {
	if !a.User.Bot {
		return c.Count(ctx, a)
	}
	a.counted = c.rates.stream
	return a, c.take(ctx, c.rates.stream, a.key())
}
