package model

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/thread"
)

// message is a message with its history. ThreadInfo, Reactions and Tally are computed when it is read.
type message struct {
	chat.Message
	versions  []chat.Version // earlier ones that are kept, oldest first
	reactions []reaction
	votes     []poll.Vote // in its poll, by rev
	closed    bool        // somebody closed the poll
}

// viewMessage copies a message as viewer sees it; "" is no viewer.
func (r *room) viewMessage(m *message, viewer string) chat.Message {
	v := m.Message
	v.EditedAt, v.DeletedAt, v.System, v.Mentions = copied(v.EditedAt), copied(v.DeletedAt), copied(v.System), slices.Clone(v.Mentions)
	v.ThreadInfo, v.Tally = r.threadInfo(m.Seq), m.tally(viewer)
	for _, re := range m.reactions {
		v.Reactions = append(v.Reactions, re.view(viewer, chat.MaxReactionUsers))
	}
	return v
}

// threadInfo summarises the replies to root that are not deleted; nil if there are none.
func (r *room) threadInfo(root int64) *thread.Info {
	var info thread.Info
	for _, m := range r.messages {
		if m.Thread != root || m.DeletedAt != nil {
			continue
		}
		info = info.Add(m.Author, m.CreatedAt)
	}
	if info.Replies == 0 {
		return nil
	}
	return &info
}

// message finds a message and its room.
func (s *Store) message(id string, seq int64) (*room, *message, error) {
	r := s.rooms[id]
	if r == nil || seq < 1 || seq > int64(len(r.messages)) {
		return nil, nil, chat.ErrNotFound()
	}
	return r, r.messages[seq-1], nil
}

// changeable finds a message and its room. A tombstone is an error.
func (s *Store) changeable(id string, seq int64) (*room, *message, error) {
	r, m, err := s.message(id, seq)
	if err == nil {
		err = m.Changeable()
	}
	return r, m, err
}

// insert appends a message with the room's next seq and revision, and announces it.
func (s *Store) insert(r *room, m chat.Message) *message {
	r.LastSeq++
	m.Seq = r.LastSeq
	kept := &message{Message: m}
	r.messages = append(r.messages, kept)
	s.announceRevision(r, kept, true)
	return kept
}

// revise gives a message the room's next revision, and announces it.
func (s *Store) revise(r *room, m *message) { s.announceRevision(r, m, false) }

func (s *Store) announceRevision(r *room, m *message, posted bool) {
	r.Rev++
	m.Rev = r.Rev
	s.emit(chat.MessageChanged{Message: r.viewMessage(m, ""), Posted: posted})
}

// reviseRoot revises the root of a reply's thread.
func (s *Store) reviseRoot(r *room, reply *message) {
	if reply.Thread != 0 {
		s.revise(r, r.messages[reply.Thread-1])
	}
}

func (s *Store) postSystem(r *room, p chat.SystemPost, at time.Time) {
	s.insert(r, p.Message(r.ID, at))
}

// EditMessage implements chat.MessageStore.
func (s *Store) EditMessage(ctx context.Context, c chat.EditMessage) (chat.Message, error) {
	return command(ctx, s, c.Facts, func() (chat.Message, error) {
		r, m, err := s.message(c.Room, c.Seq)
		if err == nil {
			err = c.Holds(m.Message)
		}
		if err != nil {
			return chat.Message{}, err
		}
		if c.Changes(m.Message) {
			before := m.Message
			after := c.Apply(before, r.has)
			gone, fresh := c.Pictures(before, after)
			if !s.areReady(fresh) {
				return chat.Message{}, chat.ErrStale
			}
			s.endRows(gone, c.At)
			s.attachRows(fresh)
			if c.Stream == nil {
				m.versions = append(m.versions, m.Version())
			}
			if len(m.versions) == chat.MaxVersions {
				m.versions = m.versions[1:]
			}
			m.Message = after
			s.revise(r, m)
			if !c.Passing() {
				s.emitThread(r, m)
			}
		}
		return r.viewMessage(m, c.By), nil
	})
}

// DeleteMessage implements chat.MessageStore.
func (s *Store) DeleteMessage(ctx context.Context, c chat.DeleteMessage) error {
	return do(ctx, s, c.Facts, func() error {
		r, m, err := s.message(c.Room, c.Seq)
		if err != nil || m.DeletedAt != nil {
			return err
		}
		s.endFiles(m.Message, c.At)
		m.Message, m.versions, m.reactions, m.votes = m.Tombstone(c.At), nil, nil, nil
		delete(r.confirmed, c.Seq)
		s.revise(r, m)
		s.reviseRoot(r, m)
		s.emitThread(r, m)
		return nil
	})
}
