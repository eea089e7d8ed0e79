package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const fileColumns = "id, state, owner, home, at, due, room, seq, info"

func scanFile(st *sqlite.Stmt) chat.FileRow {
	s := &scanner{st: st}
	r := chat.FileRow{
		File: chat.File{ID: s.text()}, State: chat.FileState(s.text()), Owner: s.text(), Home: s.text(), At: s.time(),
		Due: moment(s.int64()), Room: s.text(), Seq: s.int64(),
	}
	if err := json.Unmarshal([]byte(s.text()), &r.File); err != nil {
		panic(fmt.Sprintf("sqlite: a stored file is damaged: %v", err))
	}
	return r
}

func file(c *conn, id string) (chat.FileRow, error) {
	return found(row(c, scanFile, "SELECT "+fileColumns+" FROM file WHERE id = ?", id))
}

// putFile stores a row in place of the one that there was. n is the place of the file in its message.
func (t *tx) putFile(r chat.FileRow, n int) error {
	info, err := json.Marshal(r.File)
	if err != nil {
		return err
	}
	return exec(t.Conn, "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.ID, string(r.State), r.Owner, r.Home,
		millis(r.At), momentOf(r.Due), r.Room, r.Seq, n, string(r.Kind), string(info))
}

// AddFile implements chat.FileStore.
func (s *Store) AddFile(ctx context.Context, cmd chat.AddFile) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return err
		}
		return t.putFile(cmd.Row, 0)
	})
}

// Files implements chat.FileStore.
func (s *Store) Files(ctx context.Context, ids []string) ([]chat.FileRow, error) {
	return read(ctx, s, func(c *conn) (out []chat.FileRow, err error) {
		for _, id := range ids {
			switch r, err := file(c, id); {
			case err == nil:
				out = append(out, r)
			case chat.ErrorCode(err) != chat.NotFound:
				return nil, err
			}
		}
		return out, nil
	})
}

// FinishFile implements chat.FileStore.
func (s *Store) FinishFile(ctx context.Context, cmd chat.FinishFile) (chat.FileRow, error) {
	return write(ctx, s, func(t *tx) (chat.FileRow, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.FileRow{}, err
		}
		r, err := file(t.Conn, cmd.File.ID)
		switch {
		case err != nil:
			return r, err
		case r.State == chat.FileDead:
			return r, chat.ErrNotFound()
		case r.State != chat.FileOpen:
			return r, nil
		}
		r.File, r.State, r.Due = cmd.File, chat.FileReady, cmd.Due
		return r, t.putFile(r, 0)
	})
}

// EndFile implements chat.FileStore.
func (s *Store) EndFile(ctx context.Context, id string, at time.Time) error {
	return do(ctx, s, func(t *tx) error {
		r, err := file(t.Conn, id)
		switch {
		case chat.ErrorCode(err) == chat.NotFound || err == nil && r.State == chat.FileDead:
			return nil
		case err == nil && r.State == chat.FileAttached:
			return chat.ErrStale
		case err != nil:
			return err
		}
		return t.endFile(id, at)
	})
}

func (t *tx) endFile(id string, at time.Time) error {
	return exec(t.Conn, "UPDATE file SET state = 'dead', due = ? WHERE id = ?", momentOf(at), id)
}

// DueFiles implements chat.FileStore.
func (s *Store) DueFiles(ctx context.Context, now time.Time, limit int) ([]chat.FileRow, error) {
	return read(ctx, s, func(c *conn) ([]chat.FileRow, error) {
		return rows(c, scanFile, "SELECT "+fileColumns+" FROM file WHERE due > 0 AND due <= ? ORDER BY due, id LIMIT ?", millis(now), limit)
	})
}

// FileQueue counts the files that are due.
func (s *Store) FileQueue(ctx context.Context, now time.Time) (Queue, error) {
	return read(ctx, s, func(c *conn) (Queue, error) {
		q, _, err := row(c, scanQueue, "SELECT count(*), coalesce(min(due), 0), 0 FROM file WHERE due > 0 AND due <= ?", millis(now))
		return q, err
	})
}

// RemoveFile implements chat.FileStore.
func (s *Store) RemoveFile(ctx context.Context, id string) error {
	return do(ctx, s, func(t *tx) error {
		t.erases()
		return exec(t.Conn, "DELETE FROM file WHERE id = ? AND state = 'dead'", id)
	})
}

// RoomFiles implements chat.FileStore.
func (s *Store) RoomFiles(ctx context.Context, room string, kind chat.FileKind, before int64, limit int) ([]chat.FileRow, error) {
	query, args := "SELECT "+fileColumns+` FROM file
		WHERE state = 'attached' AND kind <> 'preview' AND room = ? AND seq < ? ORDER BY seq DESC, n LIMIT ?`, []any{room, before, limit}
	if kind != "" {
		query = strings.Replace(query, "kind <> 'preview' AND room = ?", "room = ? AND kind = ?", 1)
		args = []any{room, string(kind), before, limit}
	}
	return read(ctx, s, func(c *conn) ([]chat.FileRow, error) { return rows(c, scanFile, query, args...) })
}

// attach makes files part of a message. ErrStale unless all are ready and its author's.
func (t *tx) attach(m chat.Message) error {
	return t.attachRows(m.FileRows())
}

func (t *tx) attachRows(rows []chat.FileRow) error {
	for n, r := range rows {
		was, err := file(t.Conn, r.ID)
		if chat.ErrorCode(err) == chat.NotFound || err == nil && (was.State != chat.FileReady || was.Owner != r.Owner) {
			return chat.ErrStale
		} else if err != nil {
			return err
		}
		r.At, r.Home = was.At, was.Home
		if err := t.putFile(r, n); err != nil {
			return err
		}
	}
	return nil
}

// endFiles makes the files of a message dead.
func (t *tx) endFiles(m chat.Message, at time.Time) error {
	return t.endRows(m.FileRows(), at)
}

func (t *tx) endRows(rows []chat.FileRow, at time.Time) error {
	for _, r := range rows {
		if err := t.endFile(r.ID, at); err != nil {
			return err
		}
	}
	return nil
}
