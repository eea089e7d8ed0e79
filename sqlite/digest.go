package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const digestColumns = "user, due, last, since, key, tries"

func scanDigest(st *sqlite.Stmt) chat.DigestState {
	s := &scanner{st: st}
	return chat.DigestState{
		User: s.text(), Due: moment(s.int64()), Last: moment(s.int64()), Since: moment(s.int64()), Key: s.text(),
		Tries: s.int(),
	}
}

// momentOf is a time as it is stored, 0 for the zero time; moment is its inverse.
func momentOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return millis(t)
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// DueDigests implements chat.DigestStore.
func (s *Store) DueDigests(ctx context.Context, now time.Time, limit int) ([]chat.DigestState, error) {
	return read(ctx, s, func(c *conn) ([]chat.DigestState, error) {
		return rows(c, scanDigest, "SELECT "+digestColumns+" FROM digest WHERE due > 0 AND due <= ? ORDER BY due, user LIMIT ?",
			millis(now), limit)
	})
}

// Digest implements chat.DigestStore.
func (s *Store) Digest(ctx context.Context, user string) (chat.DigestState, error) {
	return read(ctx, s, func(c *conn) (chat.DigestState, error) { return found(digest(c, user)) })
}

func digest(c *conn, user string) (chat.DigestState, bool, error) {
	return row(c, scanDigest, "SELECT "+digestColumns+" FROM digest WHERE user = ?", user)
}

// MoveDigest implements chat.DigestStore.
func (s *Store) MoveDigest(ctx context.Context, was, now chat.DigestState) error {
	return do(ctx, s, func(t *tx) error {
		kept, _, err := digest(t.Conn, was.User)
		if err == nil && !kept.Equal(was) {
			err = chat.ErrStale
		}
		if err != nil {
			return err
		}
		return t.putDigest(now)
	})
}

func (t *tx) putDigest(d chat.DigestState) error {
	return exec(t.Conn, "INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?, ?, ?)", d.User, momentOf(d.Due), momentOf(d.Last),
		momentOf(d.Since), d.Key, d.Tries)
}

// changeDigest is the part of a change of a user that moves their digest.
func (t *tx) changeDigest(was, now chat.User, at time.Time) error {
	d, _, err := digest(t.Conn, now.ID)
	if err != nil {
		return err
	}
	return t.putDigest(d.AfterChange(was, now, at))
}
