package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
)

var _ chat.CustomEmojiStore = (*Store)(nil)

const emojiColumns = "name, picture, sum, by, at, main_at, deleted"

func scanEmoji(st *sqlite.Stmt) emojiname.Emoji { return (&scanner{st: st}).emoji() }

func (s *scanner) emoji() emojiname.Emoji {
	return emojiname.Emoji{
		Name: s.text(), Picture: s.text(), Sum: s.text(), By: s.text(), At: s.time(), MainAt: moment(s.int64()), Deleted: s.bool(),
	}
}

// AllCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) AllCustomEmoji(ctx context.Context) ([]emojiname.Emoji, string, error) {
	revision := ""
	all, err := read(ctx, s, func(c *conn) (all []emojiname.Emoji, err error) {
		if revision, err = emojiRevision(c); err != nil {
			return nil, err
		}
		return rows(c, scanEmoji, "SELECT "+emojiColumns+" FROM custom_emoji WHERE deleted = 0 ORDER BY name")
	})
	return all, revision, err
}

// CustomEmojiRevision implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiRevision(ctx context.Context) (string, error) {
	return read(ctx, s, emojiRevision)
}

func emojiRevision(c *conn) (string, error) {
	revision, _, err := row(c, text, "SELECT revision FROM custom_emoji_list")
	return revision, err
}

// CustomEmojiNamed implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiNamed(ctx context.Context, names []string) ([]emojiname.Emoji, error) {
	return read(ctx, s, func(c *conn) ([]emojiname.Emoji, error) {
		return rows(c, scanEmoji, "SELECT "+emojiColumns+" FROM custom_emoji WHERE name IN (SELECT value FROM json_each(?))", jsonList(names))
	})
}

// AddCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) AddCustomEmoji(ctx context.Context, cmd chat.AddCustomEmoji) (emojiname.Emoji, error) {
	return write(ctx, s, func(t *tx) (e emojiname.Emoji, err error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return e, err
		}
		var was *emojiname.Emoji
		if kept, ok, err := row(t.Conn, scanEmoji, "SELECT "+emojiColumns+" FROM custom_emoji WHERE name = ?", cmd.Emoji.Name); err != nil {
			return e, err
		} else if ok {
			was = &kept
		}
		alike, err := t.emojiLike(cmd.From)
		if err != nil {
			return e, err
		}
		all, _, err := row(t.Conn, integer, "SELECT count(*) FROM custom_emoji WHERE deleted = 0")
		if err != nil {
			return e, err
		}
		if e, err = cmd.Row(was, alike, int(all)); err != nil {
			return e, err
		}
		return e, t.putEmoji(cmd.Revision, e)
	})
}

// DeleteCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) DeleteCustomEmoji(ctx context.Context, cmd chat.DeleteCustomEmoji) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return err
		}
		alike, err := t.emojiLike(cmd.Was[0].Name)
		if err != nil {
			return err
		}
		es, err := cmd.Rows(alike)
		if err != nil {
			return err
		}
		return t.putEmoji(cmd.Revision, es...)
	})
}

// emojiLike returns all names of the picture that has a name; none for a name that is deleted.
func (t *tx) emojiLike(name string) ([]emojiname.Emoji, error) {
	return rows(t.Conn, scanEmoji, "SELECT "+emojiColumns+` FROM custom_emoji WHERE deleted = 0 AND picture =
		(SELECT picture FROM custom_emoji WHERE name = ? AND deleted = 0)`, name)
}

// putEmoji writes names and gives the list a new revision.
func (t *tx) putEmoji(revision string, es ...emojiname.Emoji) error {
	for _, e := range es {
		if err := t.writeEmoji(e); err != nil {
			return err
		}
	}
	t.announce(chat.CustomEmojiChanged{})
	return t.setEmojiRevision(revision)
}

func (t *tx) writeEmoji(e emojiname.Emoji) error {
	return exec(t.Conn, "INSERT OR REPLACE INTO custom_emoji VALUES (?, ?, ?, ?, ?, ?, ?)", e.Name, e.Picture, e.Sum, e.By, millis(e.At),
		momentOf(e.MainAt), e.Deleted)
}

func (t *tx) setEmojiRevision(revision string) error {
	return exec(t.Conn, "INSERT OR REPLACE INTO custom_emoji_list VALUES (1, ?)", revision)
}
