package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// Message implements chat.PageStore.
func (s *Store) Message(ctx context.Context, room string, seq int64, viewer string) (chat.Message, error) {
	return read(ctx, s, func(t *tx) (chat.Message, error) { return t.messageFor(room, seq, viewer) })
}

// Page implements chat.PageStore. It reads the head first: messages may be newer than the head, never older.
func (s *Store) Page(ctx context.Context, q chat.PageQuery) (chat.Page, error) {
	return read(ctx, s, func(t *tx) (chat.Page, error) {
		r, err := t.room(q.Room)
		if err != nil {
			return chat.Page{}, err
		}
		seqs, before, after, err := chat.Window(q, r.LastSeq, pager{t, q})
		if err != nil {
			return chat.Page{}, err
		}
		ms, err := t.messages(q.Room, seqs, q.Viewer)
		if err != nil {
			return chat.Page{}, err
		}
		p := chat.Page{Head: r.Rev, Messages: ms, MoreBefore: before, MoreAfter: after}
		return p, r.checkPage(q, p)
	})
}

// messages returns the messages with these seqs as viewer sees them.
func (t *tx) messages(room string, seqs []int64, viewer string) ([]chat.Message, error) {
	keys := make([]key, len(seqs))
	for i, seq := range seqs {
		keys[i] = messageKey(room, seq)
	}
	if err := t.loadMessages(room, seqs, keys); err != nil {
		return nil, err
	}
	out, marks := make([]chat.Message, len(seqs)), make([]*chat.Message, len(seqs))
	for i, k := range keys {
		m, err := loadReferenced[message](t, k)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", seqs[i], err)
		}
		out[i] = m.toChat()
		marks[i] = &out[i]
	}
	return out, t.setMe(viewer, marks...)
}

// loadMessages loads messages that lie close together with one query, which DynamoDB bills by bytes, and others one by one.
func (t *tx) loadMessages(room string, seqs []int64, keys []key) error {
	if len(seqs) == 0 {
		return nil
	}
	first, last := slices.Min(seqs), slices.Max(seqs)
	if len(seqs) > 1 && last-first < 2*int64(len(seqs)) {
		items, err := t.s.query(t.ctx, queryRange{table: messages, pk: messagePK(room), from: messageSK(first), to: messageSK(last)})
		if err != nil {
			return err
		}
		for _, it := range items {
			t.seen[key{messages, messagePK(room), it.text("sk")}] = it
		}
	}
	_, err := t.load(keys...)
	return err
}

// pager finds the seqs of a timeline or of a thread.
type pager struct {
	t *tx
	q chat.PageQuery
}

// highest is above every seq.
const highest = 1e12 - 1

func (p pager) sk(seq int64) string {
	if p.q.Thread > 0 {
		return replySK(p.q.Thread, seq)
	}
	return timelineSK(seq)
}

// Up implements chat.Stretches.
func (p pager) Up(seq int64, limit int) ([]int64, bool, error) {
	if seq >= highest {
		return nil, false, nil
	}
	return p.seqs(queryRange{from: p.sk(max(seq, 0) + 1), to: p.sk(highest)}, limit)
}

// Down implements chat.Stretches.
func (p pager) Down(seq int64, limit int) ([]int64, bool, error) {
	if seq <= 1 {
		return nil, false, nil
	}
	out, more, err := p.seqs(queryRange{from: p.sk(0), to: p.sk(min(seq-1, highest)), descending: true}, limit)
	slices.Reverse(out)
	return out, more, err
}

func (p pager) seqs(q queryRange, limit int) ([]int64, bool, error) {
	q.table, q.pk, q.limit = messages, messagePK(p.q.Room), limit+1
	items, err := p.t.s.query(p.t.ctx, q)
	if err != nil {
		return nil, false, err
	}
	out := make([]int64, len(items))
	for i, it := range items {
		out[i] = it.integer("seq")
	}
	return out[:min(len(out), limit)], len(out) > limit, nil
}

// changesRead limits how many revisions one page of changes reads. Of a message that changed often only the last counts.
const changesRead = 10_000

// Changes implements chat.PageStore. Revision entries expire after 30 days; then the error is Gone.
func (s *Store) Changes(ctx context.Context, id string, since int64, limit int, viewer string) (chat.Changes, error) {
	return read(ctx, s, func(t *tx) (chat.Changes, error) {
		r, err := t.room(id)
		if err != nil {
			return chat.Changes{}, err
		}
		if err := chat.KnowsRev(since, r.Rev); err != nil {
			return chat.Changes{}, err
		}
		out := chat.Changes{Head: r.Rev, Next: r.Rev}
		for at, read := since, 0; at < r.Rev; read += chat.MaxChangesPage {
			records, err := s.query(ctx, queryRange{
				table: messages, pk: messagePK(id), from: changeSK(at + 1), to: changeSK(r.Rev), limit: chat.MaxChangesPage,
			})
			if err != nil {
				return out, err
			}
			full, err := t.takePresent(&out, r, records, at, limit, viewer)
			if err != nil || full {
				return out, err
			}
			at += int64(len(records))
			if read >= changesRead && at < r.Rev {
				out.Next, out.More = at, true
				return out, nil
			}
		}
		return out, nil
	})
}

// takePresent adds to out the messages whose present rev is among the records, the revisions from at+1 on. It returns true
// when the page is full.
func (t *tx) takePresent(out *chat.Changes, r room, records []item, at int64, limit int, viewer string) (bool, error) {
	var seqs []int64
	for i, it := range records {
		if it.integer("rev") != at+int64(i)+1 { // a gap: DynamoDB deletes expired entries late, in any order
			return false, errChangesExpired(at)
		}
		if seq := it.integer("seq"); !slices.Contains(seqs, seq) {
			seqs = append(seqs, seq)
		}
	}
	last := at + int64(len(records))
	if len(records) < chat.MaxChangesPage && last < r.Rev { // entries are missing
		if len(r.Trace) > 0 && last+1 >= r.Trace[0].Rev { // those of the last commit, not yet visible
			return false, errPartialCommit
		}
		return false, errChangesExpired(at)
	}
	ms, err := t.messages(r.ID, seqs, viewer)
	if err != nil {
		return false, err
	}
	for _, it := range records {
		rev, seq := it.integer("rev"), it.integer("seq")
		m := ms[slices.Index(seqs, seq)]
		if m.Rev < rev {
			return false, errPartialCommit
		}
		if m.Rev > rev {
			continue
		}
		if len(out.Messages) == limit {
			out.Next, out.More = out.Messages[limit-1].Rev, true
			return true, nil
		}
		out.Messages = append(out.Messages, m)
	}
	return false, nil
}

func errChangesExpired(since int64) error {
	return chat.Errorf(chat.Gone, "Changes after revision %d are no longer available. Load the room again.", since)
}

// Versions implements chat.PageStore. It reads the table page by page, which DynamoDB ends at 1 MB.
func (s *Store) Versions(ctx context.Context, q chat.VersionQuery) (chat.History, error) {
	return read(ctx, s, func(t *tx) (h chat.History, err error) {
		m, err := t.message(q.Room, q.Seq)
		if err == nil && m.DeletedAt != nil {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return h, err
		}
		present := m.toChat()
		before := present.Edits
		if q.Before != nil && *q.Before <= before {
			before = *q.Before
		} else {
			h.Add(q, present.Version())
		}
		if before <= present.OldestVersion() {
			return h, nil
		}
		err = s.queryPages(ctx, queryRange{
			table: messages, pk: messagePK(q.Room), from: versionSK(q.Seq, present.OldestVersion()), to: versionSK(q.Seq, before-1),
			descending: true,
		}, func(items []item) error { return addVersions(&h, q, items) })
		if errors.Is(err, errEnough) {
			err = nil
		}
		return h, err
	})
}

// errEnough ends a query before its last page.
var errEnough = errors.New("enough items")

// addVersions adds versions to a history, until q's bytes are reached.
func addVersions(h *chat.History, q chat.VersionQuery, items []item) error {
	for _, it := range items {
		v, err := decode[version](it)
		if err != nil {
			return err
		}
		n, err := versionNumber(it)
		if err != nil {
			return err
		}
		if !h.Add(q, chat.Version{N: n, Text: v.Text, At: at(v.At)}) {
			return errEnough
		}
	}
	return nil
}
