package model

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// threadKey names a thread of a room as one user has it.
type threadKey struct {
	root int64
	user string
}

// sortedThreads are the keys of the room's rows, by root, then user.
func (r *room) sortedThreads() []threadKey {
	return slices.SortedFunc(maps.Keys(r.threads), func(a, b threadKey) int {
		return cmp.Or(cmp.Compare(a.root, b.root), cmp.Compare(a.user, b.user))
	})
}

// setThread keeps a row.
func (r *room) setThread(k threadKey, row thread.Row) {
	if r.threads == nil {
		r.threads = map[threadKey]thread.Row{}
	}
	r.threads[k] = row
}

// reply makes the author of a reply and the author of its root follow the thread.
func (s *Store) reply(r *room, m *message) {
	root := r.messages[m.Thread-1]
	if k := (threadKey{root.Seq, m.Author}); r.has(m.Author) {
		r.setThread(k, r.threads[k].Replied(m.Seq))
	}
	if k := (threadKey{root.Seq, root.Author}); r.has(root.Author) && root.Author != m.Author {
		r.setThread(k, r.threads[k].Heard(m.Seq))
	}
	s.emitThread(r, m)
}

// emitThread announces that a reply is new or has changed.
func (s *Store) emitThread(r *room, reply *message) {
	if reply.Thread != 0 {
		s.emit(chat.ThreadChanged{Room: r.ID, Root: reply.Thread})
	}
}

// followers are the users who follow a thread.
func (r *room) followers(root int64) []string {
	var out []string
	for _, k := range r.sortedThreads() {
		if k.root == root && r.threads[k].Follows() {
			out = append(out, k.user)
		}
	}
	return out
}

// myThread is a thread as a user has it. It goes through all messages of the room.
func (r *room) myThread(root *message, user string) chat.MyThread {
	row := r.threads[threadKey{root.Seq, user}]
	var latest []chat.Message
	unread, mentions := 0, 0
	for _, m := range r.messages {
		if m.Thread != root.Seq || m.DeletedAt != nil {
			continue
		}
		latest = append(latest, r.viewMessage(m, user))
		if m.Seq <= row.ReadSeq || m.Author == user || !row.Follows() {
			continue
		}
		unread = min(unread+1, chat.MaxUnread)
		if slices.Contains(m.Mentions, user) || m.Broadcast == chat.BroadcastRoom {
			mentions = min(mentions+1, chat.MaxUnread)
		}
	}
	t := chat.ThreadOf(row, r.viewMessage(root, user), latest[max(0, len(latest)-chat.MaxLatest):])
	t.Unread, t.MentionCount = unread, mentions
	return t
}

// root finds the root of a thread and its room.
func (s *Store) root(id string, seq int64) (*room, *message, error) {
	r, m, err := s.message(id, seq)
	if err == nil && !m.IsRoot() {
		err = chat.ErrNotFound()
	}
	return r, m, err
}

// rootOf is root for a member of the room.
func (s *Store) rootOf(id string, seq int64, user string) (*room, *message, error) {
	if _, _, err := s.membership(id, user); err != nil {
		return nil, nil, err
	}
	return s.root(id, seq)
}

// MyThread implements chat.ThreadStore.
func (s *Store) MyThread(ctx context.Context, room string, root int64, user string) (chat.MyThread, error) {
	return read(ctx, s, func() (chat.MyThread, error) {
		r, m, err := s.root(room, root)
		if err != nil {
			return chat.MyThread{}, err
		}
		return r.myThread(m, user), nil
	})
}

// MyThreads implements chat.ThreadStore.
func (s *Store) MyThreads(ctx context.Context, q chat.ThreadQuery) (chat.ThreadPage, error) {
	return read(ctx, s, func() (out chat.ThreadPage, err error) {
		var all []chat.MyThread
		for _, r := range s.rooms {
			for _, k := range r.sortedThreads() {
				if t := r.myThread(r.messages[k.root-1], k.user); k.user == q.User && t.Follow != thread.FollowOff && len(t.Latest) > 0 {
					all = append(all, t)
				}
			}
		}
		slices.SortFunc(all, func(a, b chat.MyThread) int { return a.Place().Compare(b.Place()) })
		for _, t := range all {
			if t.Unread > 0 {
				out.Unread = min(out.Unread+1, chat.MaxUnread)
			}
			if q.Unread && t.Unread == 0 || q.After != nil && t.Place().Compare(*q.After) <= 0 {
				continue
			}
			if q.Full() {
				out.More = true
				continue
			}
			out.Threads = append(out.Threads, t)
			limit := q.Limit - 1
			for _, m := range append([]chat.Message{t.Root}, t.Latest...) {
				q.Take(m)
			}
			q.Limit = limit
		}
		return out, nil
	})
}

// FollowThread implements chat.ThreadStore.
func (s *Store) FollowThread(ctx context.Context, c chat.FollowThread) (chat.MyThread, error) {
	return command(ctx, s, c.Facts, func() (chat.MyThread, error) {
		r, m, err := s.rootOf(c.Room, c.Root, c.User)
		if err != nil {
			return chat.MyThread{}, err
		}
		k := threadKey{c.Root, c.User}
		if now, changed := c.Apply(r.threads[k], r.myThread(m, c.User)); changed {
			r.setThread(k, now)
			s.emit(chat.ThreadChanged{Room: r.ID, Root: c.Root, User: c.User})
		}
		return r.myThread(m, c.User), nil
	})
}

// ReadThread implements chat.ThreadStore.
func (s *Store) ReadThread(ctx context.Context, c chat.ReadThread) (chat.MyThread, error) {
	return command(ctx, s, c.Facts, func() (chat.MyThread, error) {
		r, m, err := s.rootOf(c.Room, c.Root, c.User)
		if err != nil {
			return chat.MyThread{}, err
		}
		k := threadKey{c.Root, c.User}
		now, changed, err := c.Apply(r.threads[k], r.LastSeq)
		if err != nil {
			return chat.MyThread{}, err
		}
		if changed {
			r.setThread(k, now)
			s.emit(chat.ThreadChanged{Room: r.ID, Root: c.Root, User: c.User})
		}
		return r.myThread(m, c.User), nil
	})
}

// FollowMentioned implements chat.ThreadStore.
func (s *Store) FollowMentioned(ctx context.Context, reply chat.Message) error {
	return do(ctx, s, chat.Facts{}, func() error {
		r, _, err := s.root(reply.Room, reply.Thread)
		if err != nil {
			return err
		}
		for _, user := range reply.Counted() {
			m, k := r.member(user), threadKey{reply.Thread, user}
			if m == nil || m.JoinedAt.After(reply.CreatedAt) {
				continue
			}
			if row := r.threads[k].Heard(reply.Seq); row != r.threads[k] {
				r.setThread(k, row)
				s.emit(chat.ThreadChanged{Room: r.ID, Root: reply.Thread, User: user})
			}
		}
		return nil
	})
}
