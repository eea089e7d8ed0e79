package chat

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/poll"
)

// PollStore holds the votes of polls.
type PollStore interface {
	// SetVote replaces a user's vote; no options take it back. What [SetVote.Changes] refuses is refused, by the state at the commit.
	// The message is returned, also when the vote is the same and nothing changes.
	SetVote(ctx context.Context, c SetVote) (Message, error)
	// ClosePoll closes a poll for good. Of one that somebody closed: nothing changes. Gone for a tombstone, NotFound without a poll.
	ClosePoll(ctx context.Context, c ClosePoll) (Message, error)
	// Votes are all votes in a poll, by rev. NotFound when there is no such message; none when it has no poll.
	Votes(ctx context.Context, room string, seq int64) ([]poll.Vote, error)
}

// SetVote replaces a user's vote.
type SetVote struct {
	Facts   Facts
	Room    string
	Seq     int64
	User    string
	Options []int // ascending; empty: the vote is taken back
	At      time.Time
}

// ClosePoll closes a poll.
type ClosePoll struct {
	Facts Facts
	Room  string
	Seq   int64
	By    string
}

// ErrPollClosed is the answer to a vote that comes too late.
func ErrPollClosed() *Error {
	return Errorf(Conflict, "The poll is closed. Votes cannot be changed any more.")
}

// PollEvents are the events of a vote in the poll of a message, which has the state after it: for the others, and for the voter. Without
// a voter, the poll was closed.
func PollEvents(m Message, voter string, options []int) []Event {
	e := PollChanged{Room: m.Room, Rev: m.Rev, Seq: m.Seq, Voter: voter, Tally: *m.Tally.For(nil), Anonymous: m.Poll.Anonymous}
	if voter == "" {
		return []Event{e}
	}
	own := e
	own.Own, own.Tally.Mine = true, options
	return []Event{e, own}
}

// Asks is whether the message has a poll that can be changed: Gone for a tombstone, NotFound without a poll.
func (m Message) Asks() error {
	if err := m.Changeable(); err != nil {
		return err
	}
	if m.Poll == nil || m.Tally == nil {
		return ErrNotFound()
	}
	return nil
}

// Changes says whether the command changes the vote of a user who has voted for the options before. Gone for a tombstone, NotFound without
// a poll, Invalid for options that the poll has not, Conflict once it is closed.
func (cmd SetVote) Changes(m Message, before []int) (bool, error) {
	if err := m.Asks(); err != nil {
		return false, err
	}
	if err := reason("options", m.Poll.Allows(cmd.Options)); err != nil {
		return false, err
	}
	switch {
	case slices.Equal(before, cmd.Options):
		return false, nil
	case m.Tally.Over(m.Poll, cmd.At):
		return false, ErrPollClosed()
	}
	return true, nil
}

// Apply is the message's tally after a command that changes the vote of a user who has voted for the options before. For others see
// [poll.Tally.After].
func (cmd SetVote) Apply(m Message, before []int, others func(option int) ([]string, error)) (*poll.Tally, error) {
	return m.Tally.After(poll.Change{User: cmd.User, Before: before, Now: cmd.Options}, m.Poll.Anonymous, others)
}

// PollVotes is a poll with everyone who voted.
type PollVotes struct {
	Poll  poll.Poll
	Tally poll.Tally // Choice.Users are all of them
}

// takePoll checks the poll of a new message, and replaces it by what is kept. Without a text its question becomes the text.
func (in *PostInput) takePoll() error {
	if in.Poll == nil {
		return nil
	}
	kept, field, why := in.Poll.Kept()
	if why != "" {
		return InvalidField("poll."+field, "%s", why)
	}
	if in.Poll = kept; in.Text == "" {
		in.Text, kept.Question = kept.Question, ""
	}
	return nil
}

// SetVote replaces the actor's vote in a poll: any member's right. No options take it back. The same vote again changes nothing, also when
// the poll is closed.
func (c *Canteen) SetVote(ctx context.Context, a Actor, room string, seq int64, options []int) (Message, error) {
	options = union(slices.Sorted(slices.Values(options)), nil)
	var m Message
	return perform(ctx, c, a, CmdSetVote, use[Message]{
		room: room, about: []any{"seq", seq},
		state: func(at *attempt) (unchanged bool, err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return false, err
			}
			var mine []int
			if m.Tally != nil {
				mine = m.Tally.Mine
			}
			changes, err := SetVote{Options: options, At: c.clock.Time()}.Changes(m, mine)
			if err != nil || !changes {
				return !changes, err
			}
			return false, open(at.room.Room)
		},
		same: func(*attempt) (Message, error) { return m, nil },
		stores: func() int {
			if len(options) == 0 {
				return 0
			}
			return RowBytes
		},
		do: func(at *attempt) (Message, error) {
			return c.store.SetVote(ctx, SetVote{
				Facts: at.facts(), Room: room, Seq: seq, User: at.User.ID, Options: options, At: c.clock.Time(),
			})
		},
	})
}

// ClosePoll closes a poll for good: who may delete its message may. Of one that is closed: nothing happens.
func (c *Canteen) ClosePoll(ctx context.Context, a Actor, room string, seq int64) (Message, error) {
	var m Message
	return perform(ctx, c, a, CmdClosePoll, use[Message]{
		room: room, about: []any{"seq", seq},
		may: func(at *attempt) (err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return err
			}
			if !MayDelete(at.Actor, at.room, m.Author) {
				return Errorf(Forbidden, "You can close only your own polls. Owners of the room and admins can close all polls.")
			}
			return nil
		},
		state: func(at *attempt) (unchanged bool, err error) {
			if err := m.Asks(); err != nil {
				return false, err
			}
			if m.Tally.Over(m.Poll, c.clock.Time()) {
				return true, nil
			}
			return false, open(at.room.Room)
		},
		same: func(*attempt) (Message, error) { return m, nil },
		do: func(at *attempt) (Message, error) {
			at.quiet = m.Author == at.User.ID
			return c.store.ClosePoll(ctx, ClosePoll{Facts: at.facts(), Room: room, Seq: seq, By: at.User.ID})
		},
	})
}

// Votes says who voted for what. Of an anonymous poll nobody is told, whoever they are: Forbidden.
func (c *Canteen) Votes(ctx context.Context, a Actor, room string, seq int64) (PollVotes, error) {
	return perform(ctx, c, a, CmdVotes, use[PollVotes]{room: room, do: func(at *attempt) (PollVotes, error) {
		m, err := c.store.Message(ctx, room, seq, at.User.ID)
		if err != nil {
			return PollVotes{}, err
		}
		if m.Poll == nil || m.Tally == nil {
			return PollVotes{}, ErrNotFound()
		}
		if m.Poll.Anonymous {
			return PollVotes{}, Errorf(Forbidden, "The poll is anonymous. Nobody is told who voted for what.")
		}
		votes, err := c.store.Votes(ctx, room, seq)
		return PollVotes{Poll: *m.Poll, Tally: m.Poll.Count(votes, m.Tally, at.User.ID)}, err
	}})
}
