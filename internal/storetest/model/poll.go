package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

// tally counts the votes of a message's poll, as viewer sees them; nil without a poll.
func (m *message) tally(viewer string) *poll.Tally {
	if m.Poll == nil {
		return nil
	}
	t := poll.Tally{Options: make([]poll.Choice, len(m.Poll.Options)), Voters: len(m.votes), Closed: m.closed}
	for _, v := range m.votes {
		for _, n := range v.Options {
			o := &t.Options[n]
			if o.Count++; o.Count <= poll.MaxUsers && !m.Poll.Anonymous {
				o.Users = append(o.Users, v.User)
			}
		}
	}
	t.Mine = slices.Clone(m.vote(viewer).Options)
	return &t
}

// vote is that of a user; without options if there is none.
func (m *message) vote(user string) poll.Vote {
	i := slices.IndexFunc(m.votes, func(v poll.Vote) bool { return v.User == user })
	if i < 0 {
		return poll.Vote{}
	}
	return m.votes[i]
}

// setVote replaces a user's vote. Votes are kept by rev.
func (m *message) setVote(v poll.Vote) {
	m.votes = slices.DeleteFunc(slices.Clone(m.votes), func(o poll.Vote) bool { return o.User == v.User })
	if len(v.Options) > 0 {
		m.votes = append(m.votes, v)
		slices.SortFunc(m.votes, func(a, b poll.Vote) int { return int(a.Rev - b.Rev) })
	}
}

// SetVote implements chat.PollStore.
func (s *Store) SetVote(ctx context.Context, c chat.SetVote) (chat.Message, error) {
	return command(ctx, s, c.Facts, func() (chat.Message, error) {
		r, m, err := s.message(c.Room, c.Seq)
		if err != nil {
			return chat.Message{}, err
		}
		changes, err := c.Changes(r.viewMessage(m, ""), m.vote(c.User).Options)
		if err != nil {
			return chat.Message{}, err
		}
		if changes {
			r.Rev++
			m.Rev = r.Rev
			m.setVote(poll.Vote{User: c.User, Options: slices.Clone(c.Options), Rev: m.Rev})
			e := chat.PollChanged{Room: r.ID, Rev: m.Rev, Seq: m.Seq, Voter: c.User, Tally: *m.tally(""), Anonymous: m.Poll.Anonymous}
			s.emit(e)
			e.Own, e.Tally = true, *m.tally(c.User)
			s.emit(e)
		}
		return r.viewMessage(m, c.User), nil
	})
}

// ClosePoll implements chat.PollStore.
func (s *Store) ClosePoll(ctx context.Context, c chat.ClosePoll) (chat.Message, error) {
	return command(ctx, s, c.Facts, func() (chat.Message, error) {
		r, m, err := s.changeable(c.Room, c.Seq)
		if err == nil && m.Poll == nil {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return chat.Message{}, err
		}
		if !m.closed {
			r.Rev++
			m.Rev, m.closed = r.Rev, true
			s.emit(chat.PollChanged{Room: r.ID, Rev: m.Rev, Seq: m.Seq, Tally: *m.tally(""), Anonymous: m.Poll.Anonymous})
		}
		return r.viewMessage(m, c.By), nil
	})
}

// Votes implements chat.PollStore.
func (s *Store) Votes(ctx context.Context, room string, seq int64) ([]poll.Vote, error) {
	return read(ctx, s, func() ([]poll.Vote, error) {
		_, m, err := s.message(room, seq)
		if err != nil {
			return nil, err
		}
		return slices.Clone(m.votes), nil
	})
}
