package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// PostMessage implements chat.MessageStore.
func (s *Store) PostMessage(ctx context.Context, c chat.PostMessage) (chat.Message, bool, error) {
	created := false
	m, err := command(ctx, s, chat.Facts{}, func() (chat.Message, error) {
		if r, m := s.posted(c.Room, c.Author, c.ClientID); m != nil {
			return r.viewMessage(m, c.Author), nil
		}
		if !s.hold(c.Facts) { // only now: what was posted stays posted
			return chat.Message{}, chat.ErrStale
		}
		r := s.rooms[c.Room]
		if r == nil {
			return chat.Message{}, errNotFound()
		}
		if err := s.mayAnswer(c); err != nil {
			return chat.Message{}, err
		}
		created = true
		return s.post(r, c), nil
	})
	return m, created, err
}

// mayAnswer says what keeps a post from being a reply.
func (s *Store) mayAnswer(c chat.PostMessage) error {
	if c.Thread == 0 {
		return nil
	}
	_, root, err := s.living(c.Room, c.Thread)
	if root != nil && (root.Thread != 0 || root.System != nil) {
		return chat.InvalidField("thread", "Message %d cannot be answered: a message of the timeline that somebody wrote is needed.", c.Thread)
	}
	return err
}

func (s *Store) post(r *room, c chat.PostMessage) chat.Message {
	m := s.insert(r, chat.Message{
		Room: r.ID, Author: c.Author, ClientID: c.ClientID, Text: c.Text, CreatedAt: c.At, Thread: c.Thread, AlsoInRoom: c.AlsoInRoom,
		Mentions: r.present(c.Mentions),
	})
	s.reviseRoot(r, m)
	if author := r.member(c.Author); author != nil && m.InTimeline() {
		author.readSeq = m.Seq
	}
	for _, e := range c.Emoji {
		s.useEmoji(c.Author, e, c.At)
	}
	return r.viewMessage(m, c.Author)
}

// present are those of users who are members, each once.
func (r *room) present(users []string) []string {
	var out []string
	for _, id := range users {
		if r.member(id) != nil && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// PostedMessage implements chat.MessageStore.
func (s *Store) PostedMessage(ctx context.Context, room, author, clientID string) (chat.Message, error) {
	return read(ctx, s, func() (chat.Message, error) {
		r, m := s.posted(room, author, clientID)
		if m == nil {
			return chat.Message{}, errNotFound()
		}
		return r.viewMessage(m, author), nil
	})
}

func (s *Store) posted(id, author, clientID string) (*room, *message) {
	r := s.rooms[id]
	if r == nil {
		return nil, nil
	}
	for _, m := range r.messages {
		if m.Author == author && m.ClientID == clientID && clientID != "" {
			return r, m
		}
	}
	return nil, nil
}
