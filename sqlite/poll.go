package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

// tally reads what poll.Tally.Encode wrote.
func tally(s *scanner) *poll.Tally {
	t, err := poll.DecodeTally(s.text())
	if err != nil {
		panic(fmt.Sprintf("sqlite: %v", err))
	}
	return t
}

// voteBits stores the options of a vote: bit n is option n.
func voteBits(options []int) int64 {
	var bits int64
	for _, n := range options {
		bits |= 1 << n
	}
	return bits
}

// votedFor is the inverse of voteBits.
func votedFor(bits int64) (options []int) {
	for n := range poll.MaxOptions {
		if bits&(1<<n) != 0 {
			options = append(options, n)
		}
	}
	return options
}

// vote returns the options that a user has voted for; none if the user has not voted.
func vote(c *conn, room string, seq int64, user string) ([]int, error) {
	bits, _, err := row(c, integer, "SELECT options FROM vote WHERE room = ? AND seq = ? AND user = ?", room, seq, user)
	return votedFor(bits), err
}

// markVote sets Mine in the tally of a message for the viewer.
func markVote(c *conn, viewer string, m *chat.Message) error {
	if viewer == "" || m.Tally == nil || m.Tally.Voters == 0 {
		return nil
	}
	mine, err := vote(c, m.Room, m.Seq, viewer)
	m.Tally = m.Tally.For(mine)
	return err
}

// SetVote implements chat.PollStore.
func (s *Store) SetVote(ctx context.Context, cmd chat.SetVote) (chat.Message, error) {
	return write(ctx, s, func(t *tx) (chat.Message, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.Message{}, err
		}
		m, err := message(t.Conn, cmd.Room, cmd.Seq)
		if err != nil {
			return m, err
		}
		before, err := vote(t.Conn, cmd.Room, cmd.Seq, cmd.User)
		if err != nil {
			return m, err
		}
		changes, err := cmd.Changes(m, before)
		if err == nil && changes {
			m, err = t.vote(m, cmd, before)
		}
		if err != nil {
			return chat.Message{}, err
		}
		return m, mark(t.Conn, cmd.User, &m)
	})
}

func (t *tx) vote(m chat.Message, cmd chat.SetVote, before []int) (chat.Message, error) {
	tally, err := cmd.Apply(m, before, func(option int) ([]string, error) {
		return rows(t.Conn, text, "SELECT user FROM vote WHERE room = ? AND seq = ? AND options & ? AND user <> ? ORDER BY rev LIMIT +?",
			m.Room, m.Seq, voteBits([]int{option}), cmd.User, poll.MaxUsers)
	})
	if err != nil {
		return m, err
	}
	if m, err = t.setTally(m, tally.For(nil)); err != nil {
		return m, err
	}
	if len(cmd.Options) > 0 {
		err = exec(t.Conn, "INSERT OR REPLACE INTO vote VALUES (?, ?, ?, ?, ?)", m.Room, m.Seq, cmd.User, voteBits(cmd.Options), m.Rev)
	} else {
		err = exec(t.Conn, "DELETE FROM vote WHERE room = ? AND seq = ? AND user = ?", m.Room, m.Seq, cmd.User)
	}
	if err != nil {
		return m, err
	}
	t.announcePoll(m, cmd.User, cmd.Options)
	return m, nil
}

func (t *tx) announcePoll(m chat.Message, voter string, options []int) {
	for _, e := range chat.PollEvents(m, voter, options) {
		t.announce(e)
	}
}

// setTally stores a message's tally with the room's next revision.
func (t *tx) setTally(m chat.Message, tally *poll.Tally) (_ chat.Message, err error) {
	m.Tally = tally
	if m.Rev, err = t.bumpRev(m.Room, m.Seq); err != nil {
		return m, err
	}
	return m, exec(t.Conn, "UPDATE message SET tally = ? WHERE room = ? AND seq = ?", tally.Encode(), m.Room, m.Seq)
}

// ClosePoll implements chat.PollStore.
func (s *Store) ClosePoll(ctx context.Context, cmd chat.ClosePoll) (chat.Message, error) {
	return write(ctx, s, func(t *tx) (chat.Message, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.Message{}, err
		}
		m, err := message(t.Conn, cmd.Room, cmd.Seq)
		if err == nil {
			err = m.Asks()
		}
		if err != nil {
			return chat.Message{}, err
		}
		if !m.Tally.Closed {
			if m, err = t.setTally(m, m.Tally.Close()); err != nil {
				return m, err
			}
			t.announcePoll(m, "", nil)
		}
		return m, mark(t.Conn, cmd.By, &m)
	})
}

// Votes implements chat.PollStore.
func (s *Store) Votes(ctx context.Context, room string, seq int64) ([]poll.Vote, error) {
	return read(ctx, s, func(c *conn) ([]poll.Vote, error) {
		if _, err := message(c, room, seq); err != nil {
			return nil, err
		}
		return rows(c, func(st *sqlite.Stmt) poll.Vote { return scanVote(&scanner{st: st}) },
			"SELECT user, options, rev FROM vote WHERE room = ? AND seq = ? ORDER BY rev", room, seq)
	})
}

func scanVote(s *scanner) poll.Vote {
	return poll.Vote{User: s.text(), Options: votedFor(s.int64()), Rev: s.int64()}
}
