package client

import (
	"context"
	"net/http"
	"slices"

	"github.com/canteen-chat/canteen/wire"
)

// Vote replaces the user's vote in the poll of a message; without options it takes the vote back. Errors: NotFound without a poll, Conflict
// if the poll is closed, Gone if the message was deleted.
func (c *Client) Vote(ctx context.Context, room string, seq int64, options ...int) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPut, message(room, seq)+"/vote", wire.Vote{Options: append([]int{}, options...)})
}

// ClosePoll closes the poll of a message for good.
func (c *Client) ClosePoll(ctx context.Context, room string, seq int64) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPost, message(room, seq)+"/poll/close", nil)
}

// Votes returns who voted for what. Errors: Forbidden for an anonymous poll, NotFound without a poll.
func (c *Client) Votes(ctx context.Context, room string, seq int64) (wire.Votes, error) {
	return call[wire.Votes](ctx, c, http.MethodGet, message(room, seq)+"/votes", nil)
}

// withMine sets Mine in the poll of m: live events of messages are the same for all users and do not contain it.
func withMine(m, before wire.Message) wire.Message {
	if m.Poll == nil || m.Poll.Mine != nil {
		return m
	}
	poll := *m.Poll
	if poll.Mine = &[]int{}; before.Poll != nil && before.Poll.Mine != nil {
		poll.Mine = before.Poll.Mine
	}
	m.Poll = &poll
	return m
}

// poll applies a poll event to the messages held.
func (s *State) poll(r *RoomState, e wire.PollEvent) {
	i, found := slices.BinarySearchFunc(r.Messages, e.Seq, bySeq)
	if !found || r.Messages[i].Rev >= e.Rev {
		return
	}
	m := r.Messages[i]
	m.Rev = e.Rev
	if m.Poll != nil && len(m.Poll.Options) == len(e.Poll.Options) {
		poll := *m.Poll
		poll.Voters, poll.Closed, poll.Options = e.Poll.Voters, e.Poll.Closed, slices.Clone(poll.Options)
		for n, o := range e.Poll.Options {
			poll.Options[n].Count, poll.Options[n].Users = o.Count, o.Users
		}
		if e.Poll.Mine != nil { // only the event that its voter gets has it
			poll.Mine = e.Poll.Mine
		}
		m.Poll = &poll
	}
	r.Messages[i] = m
}
