package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/stretch"
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
		ms, before, after, err := stretch.Window(q, r.LastSeq, pager{t, q})
		if err != nil {
			return chat.Page{}, err
		}
		p := chat.Page{Head: r.Rev, Messages: ms, MoreBefore: before, MoreAfter: after}
		return p, r.checkPage(q, p)
	})
}

// messages returns the messages with these seqs, in this order, as viewer sees them. It ends with the one that reaches the bound.
func (t *tx) messages(room string, seqs []int64, b chat.Bound, viewer string) ([]chat.Message, error) {
	var out []chat.Message
	for i, seq := range seqs {
		if b.Full() {
			break
		}
		k := messageKey(room, seq)
		if _, ok := t.Seen[k]; !ok {
			if err := t.loadMessages(room, seqs[i:]); err != nil {
				return nil, err
			}
		}
		m, err := loadReferenced[message](t, k)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", seq, err)
		}
		c := m.toChat()
		b.Take(c)
		out = append(out, c)
	}
	marks := make([]*chat.Message, len(out))
	for i := range out {
		marks[i] = &out[i]
	}
	return out, t.setMe(viewer, marks...)
}

// messagesAtOnce is how many messages one batch reads. They have at most 100 KB each.
const messagesAtOnce = 25

// loadMessages loads the first of seqs and some of the others. What lies close together takes one query, which DynamoDB bills by bytes
// and ends at 1 MB; others are a batch.
func (t *tx) loadMessages(room string, seqs []int64) error {
	first, last := slices.Min(seqs), slices.Max(seqs)
	if len(seqs) > 1 && last-first < 2*int64(len(seqs)) {
		q := table.Range{Table: messages, PK: messagePK(room), From: messageSK(first), To: messageSK(last), Descending: seqs[0] == last}
		err := t.s.db.QueryPages(t.ctx, q, func(items []table.Item) error {
			for _, it := range items {
				t.Seen[table.NewKey(messages, messagePK(room), it.Text("sk"))] = it
			}
			return errEnough
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		if _, ok := t.Seen[messageKey(room, seqs[0])]; ok {
			return nil
		}
	}
	keys := make([]table.Key, min(len(seqs), messagesAtOnce))
	for i := range keys {
		keys[i] = messageKey(room, seqs[i])
	}
	_, err := t.Load(keys...)
	return err
}

// pager reads a timeline or a thread.
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

// Up implements stretch.Reader.
func (p pager) Up(seq int64, b chat.Bound) ([]chat.Message, bool, error) {
	if seq >= highest {
		return nil, false, nil
	}
	return p.messages(table.Range{From: p.sk(max(seq, 0) + 1), To: p.sk(highest)}, b)
}

// Down implements stretch.Reader.
func (p pager) Down(seq int64, b chat.Bound) ([]chat.Message, bool, error) {
	if seq <= 1 {
		return nil, false, nil
	}
	out, more, err := p.messages(table.Range{From: p.sk(0), To: p.sk(min(seq-1, highest)), Descending: true}, b)
	slices.Reverse(out)
	return out, more, err
}

// Times implements stretch.Reader.
func (p pager) Times(seqs []int64) ([]time.Time, error) {
	keys := make([]table.Key, len(seqs))
	for i, seq := range seqs {
		keys[i] = messageKey(p.q.Room, seq)
	}
	if _, err := p.t.Load(keys...); err != nil {
		return nil, err
	}
	out := make([]time.Time, len(seqs))
	for i, k := range keys {
		m, err := loadReferenced[message](p.t, k)
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", seqs[i], err)
		}
		out[i] = table.At(m.CreatedAt)
	}
	return out, nil
}

// messages finds messages by their entries of the timeline or thread, which are small.
func (p pager) messages(q table.Range, b chat.Bound) ([]chat.Message, bool, error) {
	q.Table, q.PK, q.Limit = messages, messagePK(p.q.Room), b.Limit+1
	items, err := p.t.s.db.Query(p.t.ctx, q)
	if err != nil {
		return nil, false, err
	}
	seqs := make([]int64, len(items))
	for i, it := range items {
		seqs[i] = it.Integer("seq")
	}
	out, err := p.t.messages(p.q.Room, seqs[:min(len(seqs), b.Limit)], b, p.q.Viewer)
	return out, len(seqs) > len(out), err
}

// changesRead limits how many revisions one page of changes reads. Of a message that changed often only the last counts.
const changesRead = 10_000

// Changes implements chat.PageStore. Revision entries expire after 30 days; then the error is Gone.
func (s *Store) Changes(ctx context.Context, id string, since int64, b chat.Bound, viewer string) (chat.Changes, error) {
	return read(ctx, s, func(t *tx) (chat.Changes, error) {
		r, err := t.room(id)
		if err != nil {
			return chat.Changes{}, err
		}
		if err := chat.KnowsRev(since, r.Rev); err != nil {
			return chat.Changes{}, err
		}
		out, err := t.changes(r, since, b)
		if err != nil {
			return out, err
		}
		marks := make([]*chat.Message, len(out.Messages))
		for i := range marks {
			marks[i] = &out.Messages[i]
		}
		return out, t.setMe(viewer, marks...)
	})
}

// changes are the changes of a room after since.
func (t *tx) changes(r room, since int64, b chat.Bound) (chat.Changes, error) {
	out := chat.Changes{Head: r.Rev, Next: r.Rev}
	for at, read := since, 0; at < r.Rev; read += chat.MaxChangesPage {
		records, err := t.s.db.Query(t.ctx, table.Range{
			Table: messages, PK: messagePK(r.ID), From: changeSK(at + 1), To: changeSK(r.Rev), Limit: chat.MaxChangesPage,
		})
		if err != nil {
			return out, err
		}
		full, err := t.takePresent(&out, r, records, at, &b)
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
}

// takePresent adds to out the messages whose present rev is among the records, the revisions from at+1 on. It returns true
// when the page is full.
func (t *tx) takePresent(out *chat.Changes, r room, records []table.Item, at int64, b *chat.Bound) (bool, error) {
	for i, it := range records {
		if it.Integer("rev") != at+int64(i)+1 { // a gap: DynamoDB deletes expired entries late, in any order
			return false, errChangesExpired(at)
		}
	}
	last := at + int64(len(records))
	if len(records) < chat.MaxChangesPage && last < r.Rev { // entries are missing
		if len(r.Trace) > 0 && last+1 >= r.Trace[0].Rev { // those of the last commit, not yet visible
			return false, table.ErrPartialCommit
		}
		return false, errChangesExpired(at)
	}
	for i, it := range records {
		rev := it.Integer("rev")
		k := messageKey(r.ID, it.Integer("seq"))
		if _, ok := t.Seen[k]; !ok {
			if err := t.loadMessages(r.ID, seqsOf(records[i:])); err != nil {
				return false, err
			}
		}
		m, err := loadReferenced[message](t, k)
		if err != nil {
			return false, fmt.Errorf("message %d: %w", it.Integer("seq"), err)
		}
		if m.Rev < rev {
			return false, table.ErrPartialCommit
		}
		if m.Rev > rev {
			continue
		}
		if c := m.toChat(); b.Take(c) {
			out.Messages = append(out.Messages, c)
			continue
		}
		out.Next, out.More = out.Messages[len(out.Messages)-1].Rev, true
		return true, nil
	}
	return false, nil
}

// seqsOf are the messages of revision entries, each once.
func seqsOf(records []table.Item) []int64 {
	var seqs []int64
	for _, it := range records {
		if seq := it.Integer("seq"); !slices.Contains(seqs, seq) {
			seqs = append(seqs, seq)
		}
	}
	return seqs
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
		err = s.db.QueryPages(ctx, table.Range{
			Table: messages, PK: messagePK(q.Room), From: versionSK(q.Seq, present.OldestVersion()), To: versionSK(q.Seq, before-1),
			Descending: true,
		}, func(items []table.Item) error { return addVersions(&h, q, items) })
		if errors.Is(err, errEnough) {
			err = nil
		}
		return h, err
	})
}

// errEnough ends a query before its last page.
var errEnough = errors.New("enough items")

// addVersions adds versions to a history, until q's bytes are reached.
func addVersions(h *chat.History, q chat.VersionQuery, items []table.Item) error {
	for _, it := range items {
		v, err := table.Decode[version](it)
		if err != nil {
			return err
		}
		n, err := versionNumber(it)
		if err != nil {
			return err
		}
		if !h.Add(q, chat.Version{N: n, Text: v.Text, At: table.At(v.At)}) {
			return errEnough
		}
	}
	return nil
}
