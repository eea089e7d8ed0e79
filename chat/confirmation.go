package chat

import (
	"context"
	"slices"
	"time"
)

// Confirmation says that somebody confirmed to have read a message that asked for it.
type Confirmation struct {
	User string
	At   time.Time
}

// ConfirmationStore holds who confirmed which message, one row for each. They end with the message.
type ConfirmationStore interface {
	// Confirm keeps the first confirmation of a user. Gone for a tombstone, Conflict for a message that asks for none. Announces
	// MessageConfirmed.
	Confirm(ctx context.Context, c ConfirmMessage) error
	// Confirmations are those of a message, by user.
	Confirmations(ctx context.Context, room string, seq int64) ([]Confirmation, error)
	// Confirmed is when a user confirmed the message; nil when they did not.
	Confirmed(ctx context.Context, room string, seq int64, user string) (*time.Time, error)
}

// ConfirmMessage confirms a message.
type ConfirmMessage struct {
	Facts Facts
	Room  string
	Seq   int64
	User  string
	At    time.Time
}

// Confirmable is nil for a message that asks for confirmation.
func (m Message) Confirmable() error {
	if err := m.Changeable(); err != nil {
		return err
	}
	if !m.Confirm {
		return Errorf(Conflict, "This message does not ask for confirmation.")
	}
	return nil
}

// Confirmations are who has confirmed a message, as the actor may see it.
type Confirmations struct {
	Mine      *time.Time     // when the actor confirmed
	All       bool           // the actor sees the others, below
	Confirmed []Confirmation // by time; those who left the room since included
	Missing   []string       // members who have not, without the author
}

// Confirm confirms that the actor has read a message. Repeating it changes nothing.
func (c *Canteen) Confirm(ctx context.Context, a Actor, room string, seq int64) (Confirmations, error) {
	var mine *time.Time
	var m Message
	return perform(ctx, c, a, CmdConfirm, use[Confirmations]{
		room: room, about: []any{"seq", seq},
		state: func(at *attempt) (_ bool, err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return false, err
			}
			if err := m.Confirmable(); err != nil {
				return false, err
			}
			if mine, err = c.store.Confirmed(ctx, room, seq, at.User.ID); err != nil || mine != nil {
				return mine != nil, err
			}
			return false, open(at.room.Room)
		},
		same:   func(at *attempt) (Confirmations, error) { return c.confirmations(ctx, at, m) },
		stores: func() int { return RowBytes },
		do: func(at *attempt) (Confirmations, error) {
			err := c.store.Confirm(ctx, ConfirmMessage{at.facts(), room, seq, at.User.ID, c.clock.Time()})
			if err != nil {
				return Confirmations{}, err
			}
			return c.confirmations(ctx, at, m)
		},
	})
}

// Confirmations are the actor's own and, for the author and owners of the room, those of everybody.
func (c *Canteen) Confirmations(ctx context.Context, a Actor, room string, seq int64) (Confirmations, error) {
	return perform(ctx, c, a, CmdConfirmations, use[Confirmations]{room: room, do: func(at *attempt) (Confirmations, error) {
		m, err := c.store.Message(ctx, room, seq, at.User.ID)
		if err == nil {
			err = m.Confirmable()
		}
		if err != nil {
			return Confirmations{}, err
		}
		return c.confirmations(ctx, at, m)
	}})
}

func (c *Canteen) confirmations(ctx context.Context, at *attempt, m Message) (out Confirmations, err error) {
	if out.Mine, err = c.store.Confirmed(ctx, m.Room, m.Seq, at.User.ID); err != nil || !MaySeeConfirmed(at.Actor, at.room, m.Author) {
		return out, err
	}
	out.All = true
	if out.Confirmed, err = c.store.Confirmations(ctx, m.Room, m.Seq); err != nil {
		return out, err
	}
	members, err := c.store.Members(ctx, m.Room)
	if err != nil {
		return out, err
	}
	has := map[string]bool{m.Author: true}
	for _, one := range out.Confirmed {
		has[one.User] = true
	}
	for _, one := range members {
		if !has[one.User] {
			out.Missing = append(out.Missing, one.User)
		}
	}
	slices.SortStableFunc(out.Confirmed, func(a, b Confirmation) int { return a.At.Compare(b.At) })
	return out, nil
}
