package dynamodb

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/poll"
)

// tally is that of a message's poll, in one attribute.
type tally struct{ *poll.Tally }

// MarshalDynamoDBAttributeValue implements attributevalue.Marshaler.
func (t tally) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberS{Value: t.Encode()}, nil
}

// UnmarshalDynamoDBAttributeValue implements attributevalue.Unmarshaler.
func (t *tally) UnmarshalDynamoDBAttributeValue(v types.AttributeValue) (err error) {
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok {
		return fmt.Errorf("the tally of a poll is a %T", v)
	}
	t.Tally, err = poll.DecodeTally(s.Value)
	return err
}

// pollChange is a vote, or the end of a poll if there is no voter.
type pollChange struct {
	Voter   string `dynamodbav:"voter,omitempty"`
	Options []int  `dynamodbav:"options,omitempty"`
}

// vote is one user's vote. The summary is in the message.
type vote struct {
	User    string `dynamodbav:"user"`
	Options []int  `dynamodbav:"options"`
	Rev     int64  `dynamodbav:"rev"`
}

func (v vote) toChat() poll.Vote { return poll.Vote{User: v.User, Options: v.Options, Rev: v.Rev} }

func voteKey(room string, seq int64, user string) table.Key {
	return table.NewKey(messages, messagePK(room), voteSK(seq, user))
}

// setMine sets Mine in the tallies of messages of one room. It loads, in one batch, the viewer's votes that the tallies do not show.
func (t *tx) setMine(viewer string, ms ...*chat.Message) error {
	var keys []table.Key
	for _, m := range ms {
		if m.Tally == nil || viewer == "" {
			continue
		}
		if mine, known := m.Tally.VotedBy(viewer, m.Poll); known {
			m.Tally = m.Tally.For(mine)
		} else {
			keys = append(keys, voteKey(m.Room, m.Seq, viewer))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if _, err := t.Load(keys...); err != nil {
		return err
	}
	for _, m := range ms {
		if m.Tally == nil {
			continue
		}
		if i := t.Seen[voteKey(m.Room, m.Seq, viewer)]; i != nil {
			v, err := table.Decode[vote](i)
			if err != nil {
				return err
			}
			m.Tally = m.Tally.For(v.Options)
		}
	}
	return nil
}

// SetVote implements chat.PollStore.
func (s *Store) SetVote(ctx context.Context, cmd chat.SetVote) (chat.Message, error) {
	return writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.Message, error) {
		t.requireFacts(cmd.Facts)
		k := voteKey(cmd.Room, cmd.Seq, cmd.User)
		if _, err := t.Load(messageKey(cmd.Room, cmd.Seq), roomKey(cmd.Room), k); err != nil {
			return chat.Message{}, err
		}
		m, err := t.message(cmd.Room, cmd.Seq)
		if err != nil {
			return chat.Message{}, err
		}
		before, _, err := loadOptional[vote](t, k)
		if err != nil {
			return chat.Message{}, err
		}
		changes, err := cmd.Changes(m.toChat(), before.Options)
		if err == nil && changes {
			err = t.vote(&m, cmd, before.Options)
		}
		if err != nil {
			return chat.Message{}, err
		}
		out := m.toChat()
		err = t.setMe(cmd.User, &out)
		out.Tally = out.Tally.For(cmd.Options)
		return out, err
	})
}

// vote replaces a vote and updates the tally.
func (t *tx) vote(m *message, cmd chat.SetVote, before []int) error {
	c := m.toChat()
	var all []poll.Vote // loaded once, if at all
	now, err := cmd.Apply(c, before, func(option int) (users []string, err error) {
		if all == nil {
			if all, err = t.s.votes(t.ctx, cmd.Room, cmd.Seq); err != nil {
				return nil, err
			}
		}
		for _, v := range all {
			if v.User != cmd.User && slices.Contains(v.Options, option) && len(users) < poll.MaxUsers {
				users = append(users, v.User)
			}
		}
		return users, nil
	})
	if err != nil {
		return err
	}
	if err := t.setTally(m, now, pollChange{Voter: cmd.User, Options: cmd.Options}); err != nil {
		return err
	}
	k := voteKey(cmd.Room, cmd.Seq, cmd.User)
	if len(cmd.Options) == 0 {
		t.Remove(k)
		return nil
	}
	return t.Put(k, vote{User: cmd.User, Options: cmd.Options, Rev: m.Rev})
}

// setTally gives a message a tally and the room's next revision.
func (t *tx) setTally(m *message, now *poll.Tally, change pollChange) error {
	c := m.toChat()
	c.Tally = now
	m.setFromChat(c)
	m.Polled = &change
	_, err := t.revise(m)
	return err
}

// ClosePoll implements chat.PollStore.
func (s *Store) ClosePoll(ctx context.Context, cmd chat.ClosePoll) (chat.Message, error) {
	return writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.Message, error) {
		t.requireFacts(cmd.Facts)
		if _, err := t.Load(messageKey(cmd.Room, cmd.Seq), roomKey(cmd.Room)); err != nil {
			return chat.Message{}, err
		}
		m, err := t.message(cmd.Room, cmd.Seq)
		if err == nil {
			err = m.toChat().Asks()
		}
		if err != nil {
			return chat.Message{}, err
		}
		if !m.Tally.Closed {
			if err := t.setTally(&m, m.Tally.Close(), pollChange{}); err != nil {
				return chat.Message{}, err
			}
		}
		out := m.toChat()
		return out, t.setMe(cmd.By, &out)
	})
}

// Votes implements chat.PollStore.
func (s *Store) Votes(ctx context.Context, room string, seq int64) ([]poll.Vote, error) {
	return read(ctx, s, func(t *tx) ([]poll.Vote, error) {
		m, err := t.message(room, seq)
		if err != nil || m.Tally == nil {
			return nil, err
		}
		return s.votes(ctx, room, seq)
	})
}

// votes returns all votes in a poll in the order of their revisions.
func (s *Store) votes(ctx context.Context, room string, seq int64) ([]poll.Vote, error) {
	items, err := s.db.Query(ctx, table.Range{
		Table: messages, PK: messagePK(room), From: voteSK(seq, ""), To: voteSK(seq, "\U0010FFFF"),
	})
	if err != nil {
		return nil, err
	}
	out := make([]poll.Vote, len(items))
	for i, it := range items {
		v, err := table.Decode[vote](it)
		if err != nil {
			return nil, err
		}
		out[i] = v.toChat()
	}
	slices.SortFunc(out, func(a, b poll.Vote) int { return cmp.Compare(a.Rev, b.Rev) })
	return out, nil
}
