package model

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
)

// PostMessage implements chat.MessageStore.
func (s *Store) PostMessage(ctx context.Context, c chat.PostMessage) (chat.Message, bool, error) {
	created := false
	m, err := command(ctx, s, chat.Facts{}, func() (chat.Message, error) {
		if r, m := s.posted(c.Room, c.Author, c.ClientID); m != nil {
			return r.viewMessage(m, c.Author), nil
		}
		if !s.hold(c.Facts) { // after the idempotency check: a repeated post succeeds even if the facts have changed
			return chat.Message{}, chat.ErrStale
		}
		r := s.rooms[c.Room]
		if r == nil {
			return chat.Message{}, chat.ErrNotFound()
		}
		if err := s.mayAnswer(c); err != nil {
			return chat.Message{}, err
		}
		if !s.attachable(c) {
			return chat.Message{}, chat.ErrStale
		}
		created = true
		return s.post(r, c), nil
	})
	return m, created, err
}

// mayAnswer checks that the root of a reply exists and can have replies.
func (s *Store) mayAnswer(c chat.PostMessage) error {
	if c.Thread == 0 {
		return nil
	}
	_, root, err := s.message(c.Room, c.Thread)
	if err != nil {
		return err
	}
	return root.Answerable()
}

func (s *Store) post(r *room, c chat.PostMessage) chat.Message {
	m := s.insert(r, c.Message(r.has))
	s.attach(m.Message)
	s.reviseRoot(r, m)
	if author := r.member(c.Author); author != nil && m.InTimeline() {
		author.readSeq = m.Seq
		author.readRev++
	}
	if m.Thread != 0 {
		s.reply(r, m)
	}
	return r.viewMessage(m, c.Author)
}

// PostedMessage implements chat.MessageStore.
func (s *Store) PostedMessage(ctx context.Context, room, author, clientID string) (chat.Message, error) {
	return read(ctx, s, func() (chat.Message, error) {
		r, m := s.posted(room, author, clientID)
		if m == nil {
			return chat.Message{}, chat.ErrNotFound()
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
