package model

import (
	"cmp"
	"context"
	"slices"

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
		from, to := pageRange(all, q)
		p := chat.Page{Head: r.Rev, MoreBefore: from > 0, MoreAfter: to < len(all)}
		for _, m := range all[from:to] {
			p.Messages = append(p.Messages, r.viewMessage(m, q.Viewer))
		}
		return p, nil
	})
}

// pageRange gives the range of a query's messages in all. A page around the first or last message is filled up on the other side.
func pageRange(all []*message, q chat.PageQuery) (from, to int) {
	first := func(seq int64) int { // the index of the first message from seq on
		i, _ := slices.BinarySearchFunc(all, seq, func(m *message, seq int64) int { return cmp.Compare(m.Seq, seq) })
		return i
	}
	switch {
	case q.After != nil:
		from = first(*q.After + 1)
		return from, min(len(all), from+q.Limit)
	case q.Around != nil:
		from = max(0, first(*q.Around)-q.Limit/2)
		to = min(len(all), from+q.Limit)
	case q.Before != nil:
		to = first(*q.Before)
	default:
		to = len(all)
	}
	return max(0, to-q.Limit), to
}

// Changes implements chat.PageStore. The model never forgets a revision.
func (s *Store) Changes(ctx context.Context, room string, since int64, limit int, viewer string) (chat.Changes, error) {
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
		if len(all) > limit {
			all = all[:limit]
			c.More, c.Next = true, all[limit-1].Rev
		}
		for _, m := range all {
			c.Messages = append(c.Messages, r.viewMessage(m, viewer))
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
