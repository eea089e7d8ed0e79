package dynamodb

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

var _ chat.FileStore = (*Store)(nil)

// The rows of files lie in the table messages, each under its own id, since files change in the transactions of messages. Beside them,
// those that are due some time lie in one partition by that time, and those of a room's messages lie under the room by seq.
const fileDuePK = "file-due"

func fileKey(id string) table.Key { return table.NewKey(messages, "file#"+id, "-") }

func fileDueKey(due int64, id string) table.Key {
	return table.NewKey(messages, fileDuePK, fmt.Sprintf("%013d#%s", due, id))
}

// roomFileKey is the entry of the file that is the nth of a message. The newest come first, and those of a message in their order.
func roomFileKey(room string, seq int64, n int) table.Key {
	return table.NewKey(messages, messagePK(room), fmt.Sprintf("F#%s#%02d", table.Ordinal(seq), 99-n))
}

// roomFile is an entry of a room.
type roomFile struct {
	ID   string        `dynamodbav:"id"`
	Kind chat.FileKind `dynamodbav:"kind"`
}

// fileRow is a chat.FileRow. due is 0 for the zero time.
type fileRow struct {
	State chat.FileState `dynamodbav:"state"`
	Owner string         `dynamodbav:"owner"`
	Home  string         `dynamodbav:"home,omitempty"`
	At    int64          `dynamodbav:"at"`
	Due   int64          `dynamodbav:"due"`
	Room  string         `dynamodbav:"room,omitempty"`
	Seq   int64          `dynamodbav:"seq,omitempty"`
	Info  string         `dynamodbav:"info"` // chat.File as JSON
}

func newFileRow(r chat.FileRow) (fileRow, error) {
	info, err := json.Marshal(r.File)
	return fileRow{r.State, r.Owner, r.Home, table.Millis(r.At), table.Moment(r.Due), r.Room, r.Seq, string(info)}, err
}

func (r fileRow) toChat() (out chat.FileRow, err error) {
	out = chat.FileRow{State: r.State, Owner: r.Owner, Home: r.Home, At: table.At(r.At), Due: table.MomentAt(r.Due), Room: r.Room, Seq: r.Seq}
	if err := json.Unmarshal([]byte(r.Info), &out.File); err != nil {
		return out, fmt.Errorf("a stored file is damaged: %w", err)
	}
	return out, nil
}

// file loads the row of a file. ok is false if there is none.
func (t *tx) file(id string) (r chat.FileRow, ok bool, err error) {
	row, ok, err := loadOptional[fileRow](t, fileKey(id))
	if err != nil || !ok {
		return r, false, err
	}
	r, err = row.toChat()
	return r, true, err
}

// files loads the rows that there are of these ids, in their order.
func (t *tx) files(ids []string) (out []chat.FileRow, err error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = fileKey(id)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	if _, err := t.Load(keys...); err != nil {
		return nil, err
	}
	for _, id := range ids {
		switch r, ok, err := t.file(id); {
		case err != nil:
			return nil, err
		case ok:
			out = append(out, r)
		}
	}
	return out, nil
}

// putFile writes a row that was loaded or must not exist, and its entry of the time when it is due. The entry of a former time stays:
// DueFiles deletes it when that has come.
func (t *tx) putFile(r chat.FileRow) error {
	row, err := newFileRow(r)
	if err != nil {
		return err
	}
	if row.Due != 0 {
		if err := t.Overwrite(fileDueKey(row.Due, r.ID), struct{}{}); err != nil {
			return err
		}
	}
	return t.Put(fileKey(r.ID), row)
}

// AddFile implements chat.FileStore.
func (s *Store) AddFile(ctx context.Context, cmd chat.AddFile) error {
	return do(ctx, s, func(t *tx) error {
		t.requireFacts(cmd.Facts)
		return t.putFile(cmd.Row)
	})
}

// Files implements chat.FileStore.
func (s *Store) Files(ctx context.Context, ids []string) ([]chat.FileRow, error) {
	return read(ctx, s, func(t *tx) ([]chat.FileRow, error) { return t.files(ids) })
}

// FinishFile implements chat.FileStore.
func (s *Store) FinishFile(ctx context.Context, cmd chat.FinishFile) (chat.FileRow, error) {
	return write(ctx, s, func(t *tx) (chat.FileRow, error) {
		t.requireFacts(cmd.Facts)
		r, ok, err := t.file(cmd.File.ID)
		switch {
		case err != nil:
			return r, err
		case !ok || r.State == chat.FileDead:
			return r, chat.ErrNotFound()
		case r.State != chat.FileOpen:
			return r, nil
		}
		r.File, r.State, r.Due = cmd.File, chat.FileReady, cmd.Due
		return r, t.putFile(r)
	})
}

// EndFile implements chat.FileStore.
func (s *Store) EndFile(ctx context.Context, id string, at time.Time) error {
	return do(ctx, s, func(t *tx) error {
		r, ok, err := t.file(id)
		switch {
		case err != nil || !ok || r.State == chat.FileDead:
			return err
		case r.State == chat.FileAttached:
			return chat.ErrStale
		}
		return t.endFile(r, at)
	})
}

func (t *tx) endFile(r chat.FileRow, at time.Time) error {
	r.State, r.Due = chat.FileDead, at
	return t.putFile(r)
}

// DueFiles implements chat.FileStore. It deletes entries of rows that are due at another time.
func (s *Store) DueFiles(ctx context.Context, now time.Time, limit int) ([]chat.FileRow, error) {
	items, err := s.db.Query(ctx, table.Range{
		Table: messages, PK: fileDuePK, From: "0",
		To: fileDueKey(table.Millis(now)+1, "").SK, Limit: limit, // "#" and an id come after that
	})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	ids := make([]string, len(items))
	for i, it := range items {
		_, ids[i], _ = strings.Cut(it.Text("sk"), "#")
	}
	rows, err := s.Files(ctx, ids)
	if err != nil {
		return nil, err
	}
	due, stale := map[string]chat.FileRow{}, []table.Key{}
	for _, r := range rows {
		due[fileDueKey(table.Moment(r.Due), r.ID).SK] = r
	}
	out := make([]chat.FileRow, 0, len(items))
	for _, it := range items {
		sk := it.Text("sk")
		if r, ok := due[sk]; ok {
			out = append(out, r)
		} else {
			stale = append(stale, table.NewKey(messages, fileDuePK, sk))
		}
	}
	if len(stale) == 0 {
		return out, nil
	}
	if err := s.db.DeleteAll(ctx, stale); err != nil || len(out) > 0 {
		return out, err
	}
	return s.DueFiles(ctx, now, limit) // none of them was due: the next ones may be
}

// RemoveFile implements chat.FileStore.
func (s *Store) RemoveFile(ctx context.Context, id string) error {
	return do(ctx, s, func(t *tx) error {
		r, ok, err := t.file(id)
		if err != nil || !ok || r.State != chat.FileDead {
			return err
		}
		t.Remove(fileKey(id))
		t.Discard(fileDueKey(table.Moment(r.Due), id))
		return nil
	})
}

// RoomFiles implements chat.FileStore.
func (s *Store) RoomFiles(ctx context.Context, room string, kind chat.FileKind, before int64, limit int) ([]chat.FileRow, error) {
	if before < 2 {
		return nil, nil
	}
	q := table.Range{
		Table: messages, PK: messagePK(room), From: "F#", To: "F#" + table.Ordinal(before-1) + "#~", Descending: true, Limit: limit,
	}
	if kind != "" {
		q.Filter, q.Values = "kind = :kind", table.Item{":kind": table.Text(string(kind))}
	}
	return read(ctx, s, func(t *tx) (out []chat.FileRow, err error) {
		entries, err := t.s.db.Query(t.ctx, q)
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(entries))
		for i, e := range entries {
			ids[i] = e.Text("id")
		}
		rows, err := t.files(ids)
		for _, r := range rows {
			if r.State == chat.FileAttached { // else it was deleted after the entries were read
				out = append(out, r)
			}
		}
		return out, err
	})
}

// attach makes files part of a message. ErrStale unless all are ready and its author's. The command has loaded their rows.
func (t *tx) attach(m chat.Message) error {
	return t.attachRows(m.FileRows())
}

func (t *tx) attachRows(rows []chat.FileRow) error {
	for n, r := range rows {
		was, ok, err := t.file(r.ID)
		if err != nil {
			return err
		}
		if !ok || was.State != chat.FileReady || was.Owner != r.Owner {
			return chat.ErrStale
		}
		r.At, r.Home = was.At, was.Home
		if err := t.putFile(r); err != nil {
			return err
		}
		if r.Kind == chat.PageFile {
			continue // no list of files has it
		}
		if err := t.Overwrite(roomFileKey(r.Room, r.Seq, n), roomFile{r.ID, r.Kind}); err != nil {
			return err
		}
	}
	return nil
}

// exchange ends files of a message that is edited, and attaches fresh ones.
func (t *tx) exchange(gone, fresh []chat.FileRow, at time.Time) error {
	if err := t.endRows(gone, at); err != nil {
		return err
	}
	return t.attachRows(fresh)
}

// endFiles makes the files of a message dead.
func (t *tx) endFiles(m chat.Message, at time.Time) error {
	for n := range m.Files {
		t.Discard(roomFileKey(m.Room, m.Seq, n))
	}
	return t.endRows(m.FileRows(), at)
}

func (t *tx) endRows(rows []chat.FileRow, at time.Time) error {
	ids := fileIDs(rows)
	if _, err := t.files(ids); err != nil {
		return err
	}
	for _, id := range ids {
		r, ok, err := t.file(id)
		if err == nil && ok {
			err = t.endFile(r, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func fileIDs(rows []chat.FileRow) []string {
	ids := make([]string, len(rows))
	for i, f := range rows {
		ids[i] = f.ID
	}
	return ids
}

// addFiles adds the rows of the files of a message.
func (m *importer) addFiles(c chat.Message) error {
	for n, r := range c.FileRows() {
		row, err := newFileRow(r)
		if err != nil {
			return err
		}
		items := []keyed[any]{{fileKey(r.ID), row}}
		if r.Kind != chat.PageFile {
			items = append(items, keyed[any]{roomFileKey(c.Room, c.Seq, n), roomFile{r.ID, r.Kind}})
		}
		if err := m.putAll(items...); err != nil {
			return err
		}
	}
	return nil
}
