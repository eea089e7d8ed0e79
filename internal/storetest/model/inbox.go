package model

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// inbox is the rows and marks of a user, the rows by key.
type inbox struct {
	rows  map[string]chat.InboxRow
	marks chat.InboxMarks
}

func (s *Store) inboxOf(user string) *inbox {
	if s.inboxes[user] == nil {
		s.inboxes[user] = &inbox{rows: map[string]chat.InboxRow{}}
	}
	return s.inboxes[user]
}

// InboxRows implements chat.InboxStore.
func (s *Store) InboxRows(ctx context.Context, of []chat.InboxRow) ([]chat.InboxRow, error) {
	return read(ctx, s, func() (out []chat.InboxRow, err error) {
		for _, r := range of {
			if kept, ok := s.inboxOf(r.User).rows[r.Key]; ok {
				out = append(out, kept)
			}
		}
		return out, nil
	})
}

// PutInbox implements chat.InboxStore.
func (s *Store) PutInbox(ctx context.Context, rows []chat.InboxRow) error {
	return do(ctx, s, chat.Facts{}, func() error {
		for _, r := range rows {
			s.inboxOf(r.User).rows[r.Key] = r
		}
		return nil
	})
}

// Inbox implements chat.InboxStore.
func (s *Store) Inbox(ctx context.Context, user string) ([]chat.InboxRow, chat.InboxMarks, error) {
	var marks chat.InboxMarks
	rows, err := read(ctx, s, func() (out []chat.InboxRow, err error) {
		marks = s.inboxOf(user).marks
		for _, r := range s.inboxOf(user).rows {
			out = append(out, r)
		}
		return out, nil
	})
	return rows, marks, err
}

// InboxMessages implements chat.InboxStore.
func (s *Store) InboxMessages(ctx context.Context, user string, places []chat.MessagePlace) (out []chat.Message, err error) {
	for _, p := range places {
		m, err := s.Message(ctx, p.Room, p.Seq, user)
		switch {
		case err == nil:
			out = append(out, m)
		case chat.ErrorCode(err) != chat.NotFound:
			return nil, err
		}
	}
	return out, nil
}

// ClearInbox implements chat.InboxStore.
func (s *Store) ClearInbox(ctx context.Context, user, key string) error {
	return do(ctx, s, chat.Facts{}, func() error {
		r, ok := s.inboxOf(user).rows[key]
		if !ok {
			return chat.ErrNotFound()
		}
		r.Cleared = true
		s.inboxOf(user).rows[key] = r
		return nil
	})
}

// MarkInbox implements chat.InboxStore.
func (s *Store) MarkInbox(ctx context.Context, user string, m chat.InboxMarks) error {
	return do(ctx, s, chat.Facts{}, func() error {
		marks := &s.inboxOf(user).marks
		marks.SeenAt, marks.ClearedBefore = later(marks.SeenAt, m.SeenAt), later(marks.ClearedBefore, m.ClearedBefore)
		return nil
	})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Hearers implements chat.InboxStore.
func (s *Store) Hearers(ctx context.Context, room string, users []string) (kind chat.Kind, _ []chat.Hearer, _ error) {
	out, err := read(ctx, s, func() (out []chat.Hearer, err error) {
		r := s.rooms[room]
		if r == nil {
			return nil, chat.ErrNotFound()
		}
		kind = r.Kind
		for _, m := range r.members {
			if users == nil || slices.Contains(users, m.User) {
				out = append(out, chat.Hearer{User: s.users[m.User].view(), Notify: m.notify, Muted: m.muted})
			}
		}
		return out, nil
	})
	return kind, out, err
}
