package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Message implements chat.PageStore.
func (s *Store) Message(ctx context.Context, room string, seq int64, viewer string) (chat.Message, error) {
	return read(ctx, s, func() (chat.Message, error) {
		r, m, err := s.message(room, seq)
		if err != nil {
			return chat.Message{}, err
		}
		return r.viewMessage(m, viewer), nil
	})
}

// Page implements chat.PageStore.
func (s *Store) Page(ctx context.Context, q chat.PageQuery) (chat.Page, error) {
	return read(ctx, s, func() (chat.Page, error) {
		r := s.rooms[q.Room]
		if r == nil {
			return chat.Page{}, chat.ErrNotFound()
		}
		var all []*message
		for _, m := range r.messages {
			if q.Thread == 0 && m.InTimeline() || q.Thread != 0 && m.Thread == q.Thread {
				all = append(all, m)
			}
		}
		var seen []chat.Message
		for _, m := range all {
			seen = append(seen, r.viewMessage(m, q.Viewer))
		}
		if q.At != nil {
			q.Around = r.since(*q.At)
		}
		from, to := pageRange(seen, q)
		return chat.Page{Head: r.Rev, MoreBefore: from > 0, MoreAfter: to < len(all), Messages: seen[from:to]}, nil
	})
}

// since is the seq of the first message posted at a moment or later; one that follows all others if there is none.
func (r *room) since(moment time.Time) *int64 {
	seq := r.LastSeq + 1
	for _, m := range slices.Backward(r.messages) {
		if !m.CreatedAt.Before(moment) {
			seq = m.Seq
		}
	}
	return &seq
}

// pageRange gives the range of a query's messages in all. A page around the first or last message is filled up on the other side.
func pageRange(all []chat.Message, q chat.PageQuery) (from, to int) {
	first := func(seq int64) int { // the index of the first message from seq on
		i, _ := slices.BinarySearchFunc(all, seq, func(m chat.Message, seq int64) int { return cmp.Compare(m.Seq, seq) })
		return i
	}
	up := func(from int, b chat.Bound) int {
		for from < len(all) && b.Take(all[from]) {
			from++
		}
		return from
	}
	down := func(to int, b chat.Bound) int {
		for to > 0 && b.Take(all[to-1]) {
			to--
		}
		return to
	}
	left := func(from, to int) chat.Bound { // of the page's bound, without the messages in a range
		b := q.Bound
		for _, m := range all[from:to] {
			b.Take(m)
		}
		return b
	}
	switch {
	case q.After != nil:
		from = first(*q.After + 1)
		return from, up(from, q.Bound)
	case q.Around != nil:
		at := first(*q.Around)
		from = down(at, chat.Bound{Limit: q.Limit / 2, Bytes: q.Bytes / 2})
		to = up(at, left(from, at))
		if b := left(from, to); !b.Full() {
			from = down(at, left(at, to))
		}
		return from, to
	case q.Before != nil:
		to = first(*q.Before)
	default:
		to = len(all)
	}
	return down(to, q.Bound), to
}

// Changes implements chat.PageStore. The model never forgets a revision.
func (s *Store) Changes(ctx context.Context, room string, since int64, b chat.Bound, viewer string) (chat.Changes, error) {
	return read(ctx, s, func() (chat.Changes, error) {
		r := s.rooms[room]
		if r == nil {
			return chat.Changes{}, chat.ErrNotFound()
		}
		if err := chat.KnowsRev(since, r.Rev); err != nil {
			return chat.Changes{}, err
		}
		all := slices.Clone(r.messages)
		all = slices.DeleteFunc(all, func(m *message) bool { return m.Rev <= since })
		slices.SortFunc(all, func(a, b *message) int { return cmp.Compare(a.Rev, b.Rev) })
		c := chat.Changes{Head: r.Rev, Next: r.Rev}
		for i, m := range all {
			seen := r.viewMessage(m, viewer)
			if !b.Take(seen) {
				c.More, c.Next = true, all[i-1].Rev
				break
			}
			c.Messages = append(c.Messages, seen)
		}
		return c, nil
	})
}

// Versions implements chat.PageStore.
func (s *Store) Versions(ctx context.Context, q chat.VersionQuery) (chat.History, error) {
	return read(ctx, s, func() (h chat.History, err error) {
		_, m, err := s.message(q.Room, q.Seq)
		if err == nil && m.DeletedAt != nil {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return h, err
		}
		for _, v := range slices.Backward(append(slices.Clone(m.versions), m.Version())) {
			if q.Before != nil && v.N >= *q.Before {
				continue
			}
			if !h.Add(q, v) {
				break
			}
		}
		return h, nil
	})
}
