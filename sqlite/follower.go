package sqlite

import (
	"context"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Position implements follow.Positions.
func (s *Store) Position(ctx context.Context, follower, room string) (int64, error) {
	return read(ctx, s, func(c *conn) (int64, error) {
		rev, _, err := row(c, integer, "SELECT rev FROM follower WHERE name = ? AND room = ?", follower, room)
		return rev, err
	})
}

// SavePosition implements follow.Positions.
func (s *Store) SavePosition(ctx context.Context, follower, room string, rev int64) error {
	return do(ctx, s, func(t *tx) error {
		return exec(t.Conn, "INSERT OR REPLACE INTO follower VALUES (?, ?, ?)", follower, room, rev)
	})
}

// Behind returns the rooms that changed after the follower's position.
func (s *Store) Behind(ctx context.Context, follower string) ([]string, error) {
	return read(ctx, s, func(c *conn) ([]string, error) {
		return rows(c, text, `SELECT id FROM room LEFT JOIN follower ON follower.name = ? AND follower.room = room.id
			WHERE room.rev <> coalesce(follower.rev, 0)`, follower)
	})
}

// UseEmoji implements chat.EmojiUseStore. A use has the time of its message, so the time can be part of the key.
func (s *Store) UseEmoji(ctx context.Context, uses []chat.EmojiUse) error {
	return do(ctx, s, func(t *tx) error {
		latest := map[string]time.Time{}
		for _, u := range uses {
			if err := exec(t.Conn, "INSERT OR IGNORE INTO emoji_use VALUES (?, ?, ?, ?, ?)",
				u.User, millis(u.At), u.Room, u.Seq, u.Emoji); err != nil {
				return err
			}
			if u.At.After(latest[u.User]) {
				latest[u.User] = u.At
			}
		}
		for user, at := range latest {
			oldest := millis(at.Add(-chat.EmojiUseLife))
			if err := exec(t.Conn, "DELETE FROM emoji_use WHERE user = ? AND at < ?", user, oldest); err != nil {
				return err
			}
		}
		return nil
	})
}

// EmojiUses implements chat.EmojiUseStore.
func (s *Store) EmojiUses(ctx context.Context, user string, limit int) ([]chat.EmojiUse, error) {
	return read(ctx, s, func(c *conn) ([]chat.EmojiUse, error) {
		uses, err := rows(c, func(st *sqlite.Stmt) chat.EmojiUse {
			s := &scanner{st: st}
			return chat.EmojiUse{User: s.text(), At: s.time(), Room: s.text(), Seq: s.int64(), Emoji: s.text()}
		}, "SELECT user, at, room, seq, emoji FROM emoji_use WHERE user = ? ORDER BY at DESC LIMIT +?", user, limit)
		return slices.Clip(uses), err
	})
}
