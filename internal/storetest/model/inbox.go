package model

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/thread"
)

// box is the rows and marks of a user, the rows by key.
type box struct {
	rows  map[string]inbox.Row
	marks chat.InboxMarks
}

func (s *Store) inboxOf(user string) *box {
	if s.inboxes[user] == nil {
		s.inboxes[user] = &box{rows: map[string]inbox.Row{}}
	}
	return s.inboxes[user]
}

// InboxRows implements inbox.Store.
func (s *Store) InboxRows(ctx context.Context, user string, keys []string) ([]inbox.Row, error) {
	return read(ctx, s, func() (out []inbox.Row, err error) {
		for _, k := range keys {
			if r, ok := s.inboxOf(user).rows[k]; ok {
				out = append(out, r)
			}
		}
		return out, nil
	})
}

// PutInbox implements inbox.Store. Rows are kept for ever; reads leave out the old ones.
func (s *Store) PutInbox(ctx context.Context, rows []inbox.Row) (bool, error) {
	return command(ctx, s, chat.Facts{}, func() (wrote bool, err error) {
		for _, r := range rows {
			now, changed := r.Over(s.inboxOf(r.User).rows[r.Key])
			s.inboxOf(r.User).rows[r.Key] = now
			wrote = wrote || changed
		}
		return wrote, nil
	})
}

// InboxRooms implements inbox.Store.
func (s *Store) InboxRooms(ctx context.Context, user string) ([]inbox.Room, chat.InboxMarks, error) {
	var marks chat.InboxMarks
	rooms, err := read(ctx, s, func() (out []inbox.Room, err error) {
		marks = s.inboxOf(user).marks
		for _, r := range s.rooms {
			if m := r.member(user); m != nil {
				out = append(out, r.inboxRoom(m))
			}
		}
		return out, nil
	})
	return rooms, marks, err
}

func (r *room) inboxRoom(m *member) inbox.Room {
	out := inbox.Room{
		ID: r.ID, Kind: r.Kind, Notify: m.notify, Muted: m.muted, JoinedAt: m.JoinedAt, ReadSeq: m.readSeq, LastSeq: r.LastSeq,
	}
	for _, of := range r.messages {
		if slices.Contains(of.Mentions, m.User) {
			out.LastMention = of.Seq
		}
		if of.Broadcast == chat.BroadcastRoom {
			out.LastBroadcast = of.Seq
		}
	}
	return out
}

// newest returns the first rows that are wanted and not hidden.
func newest(rows []inbox.Row, limit int, want func(inbox.Row) bool) []inbox.Row {
	rows = slices.DeleteFunc(rows, func(r inbox.Row) bool { return r.Hidden() || !want(r) })
	slices.SortFunc(rows, func(a, b inbox.Row) int { return a.Place().Compare(b.Place()) })
	return rows[:min(len(rows), limit)]
}

// Inbox implements inbox.Store.
func (s *Store) Inbox(ctx context.Context, q inbox.Query) ([]inbox.Row, error) {
	return read(ctx, s, func() ([]inbox.Row, error) {
		rows := slices.Collect(maps.Values(s.inboxOf(q.User).rows))
		return newest(rows, q.Limit, func(r inbox.Row) bool {
			wanted := q.Others
			if r.Cause == chat.InboxReaction {
				wanted = q.Reactions
			}
			return wanted && r.At.After(q.Oldest) && (q.After == nil || r.Place().Compare(*q.After) > 0)
		}), nil
	})
}

// InboxIn implements inbox.Store.
func (s *Store) InboxIn(ctx context.Context, user string, ranges []inbox.Range) ([][]inbox.Row, error) {
	return read(ctx, s, func() (out [][]inbox.Row, err error) {
		for _, in := range ranges {
			rows := slices.Collect(maps.Values(s.inboxOf(user).rows))
			if in.Broadcasts {
				rows = s.rooms[in.Room].broadcasts(user)
			}
			rows = newest(rows, len(rows), func(r inbox.Row) bool {
				return r.Room == in.Room && r.Cause != chat.InboxReaction && r.Seq > in.After &&
					(in.Before.IsZero() || !r.At.After(in.Before))
			})
			slices.SortFunc(rows, func(a, b inbox.Row) int { return cmp.Compare(b.Seq, a.Seq) })
			out = append(out, rows[:min(len(rows), in.Limit)])
		}
		return out, nil
	})
}

// broadcasts are rows of the messages of others that call everybody.
func (r *room) broadcasts(user string) (out []inbox.Row) {
	for _, m := range r.messages {
		if m.Broadcast == chat.BroadcastRoom && m.Author != user {
			out = append(out, inbox.Row{
				User: user, Key: inbox.Key(chat.InboxBroadcast, r.ID, m.Seq), Cause: chat.InboxBroadcast, Room: r.ID, Seq: m.Seq,
				Thread: m.Thread, At: m.CreatedAt,
			})
		}
	}
	return out
}

// InboxThreads implements inbox.Store.
func (s *Store) InboxThreads(ctx context.Context, q inbox.ThreadQuery) (threads, unread []thread.State, err error) {
	p, err := s.MyThreads(ctx, chat.ThreadQuery{User: q.User, Bound: chat.Bound{Limit: 1e6, Bytes: 1e12}})
	for _, t := range p.Threads {
		state := thread.State{Place: t.Place(), Unread: t.Unread > 0}
		if state.Unread && len(unread) < chat.MaxUnread {
			unread = append(unread, state)
		}
		if (state.Unread || !q.Unread) && (q.Before.IsZero() || !state.At.After(q.Before)) && len(threads) < q.Limit {
			threads = append(threads, state)
		}
	}
	return threads, unread, err
}

// InboxReplies implements inbox.Store.
func (s *Store) InboxReplies(ctx context.Context, user string, places []thread.Place) (out []inbox.Replies, err error) {
	for _, p := range places {
		t, err := s.MyThread(ctx, p.Room, p.Root, user)
		if err != nil {
			return nil, err
		}
		if len(t.Latest) == 0 {
			continue
		}
		r := inbox.Replies{Root: p.Root, Latest: t.Latest[len(t.Latest)-1]}
		for _, m := range slices.Backward(s.rooms[p.Room].messages) {
			if m.Thread == p.Root && m.Seq > t.ReadSeq && m.Author != user && m.DeletedAt == nil && !slices.Contains(r.By, m.Author) {
				r.By = append(r.By, m.Author)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// InboxMessages implements inbox.Store.
func (s *Store) InboxMessages(ctx context.Context, user string, places []inbox.MessagePlace) (out []inbox.Message, err error) {
	for _, p := range places {
		m, err := s.Message(ctx, p.Room, p.Seq, user)
		switch {
		case err == nil:
			im := inbox.Message{Message: m}
			if row := s.rooms[p.Room].threads[threadKey{p.Thread, user}]; row.Follows() {
				im.ThreadRead = row.ReadSeq
			}
			out = append(out, im)
		case chat.ErrorCode(err) != chat.NotFound:
			return nil, err
		}
	}
	return out, nil
}

// ClearInbox implements inbox.Store.
func (s *Store) ClearInbox(ctx context.Context, user, key string, at time.Time) error {
	return do(ctx, s, chat.Facts{}, func() error {
		in := s.inboxOf(user)
		r := in.rows[key]
		r.User, r.Key, r.ClearedAt = user, key, later(r.ClearedAt, at)
		in.rows[key], in.marks.KeysCleared = r, later(in.marks.KeysCleared, at)
		return nil
	})
}

// MarkInbox implements inbox.Store.
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

// Hearers implements inbox.HearerStore.
func (s *Store) Hearers(ctx context.Context, room string, users []string) (kind chat.Kind, _ []inbox.Hearer, _ error) {
	out, err := read(ctx, s, func() (out []inbox.Hearer, err error) {
		r := s.rooms[room]
		if r == nil {
			return nil, chat.ErrNotFound()
		}
		kind = r.Kind
		for _, m := range r.members {
			if users == nil || slices.Contains(users, m.User) {
				out = append(out, inbox.Hearer{User: s.users[m.User].view(), Notify: m.notify, Muted: m.muted})
			}
		}
		return out, nil
	})
	return kind, out, err
}
