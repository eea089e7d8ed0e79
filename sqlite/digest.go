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

// Queue is work in the store that is done later.
type Queue struct {
	Due    int64
	Failed int64     // tried in vain, and due later
	Oldest time.Time // since when the first that is due waits; zero: none is
}

func scanQueue(st *sqlite.Stmt) Queue {
	return Queue{Due: st.ColumnInt64(0), Oldest: moment(st.ColumnInt64(1)), Failed: st.ColumnInt64(2)}
}

// DigestQueue counts the digests that are due. Those that were tried in vain count as failed, whenever they are due.
func (s *Store) DigestQueue(ctx context.Context, now time.Time) (Queue, error) {
	return read(ctx, s, func(c *conn) (Queue, error) {
		q, _, err := row(c, scanQueue, "SELECT count(CASE WHEN due <= ?1 AND tries = 0 THEN 1 END), "+
			"coalesce(min(CASE WHEN due <= ?1 AND tries = 0 THEN due END), 0), count(CASE WHEN tries > 0 THEN 1 END) "+
			"FROM digest WHERE due > 0", millis(now))
		return q, err
	})
}

// RetryDigests makes all digests due that were tried in vain.
func (s *Store) RetryDigests(ctx context.Context, now time.Time) error {
	return do(ctx, s, func(t *tx) error {
		return exec(t.Conn, "UPDATE digest SET due = ?1 WHERE due > 0 AND due > +?1 AND tries > 0", millis(now))
	})
}

// DiscardDigests gives up all digests that were tried in vain: the next ones hold what is newer.
func (s *Store) DiscardDigests(ctx context.Context, now time.Time) error {
	return do(ctx, s, func(t *tx) error {
		return exec(t.Conn, "UPDATE digest SET due = ?1, last = ?1, since = ?1, tries = 0 WHERE due > 0 AND tries > 0", millis(now))
	})
}
