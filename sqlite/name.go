package sqlite

import (
	"context"
	"slices"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
)

// compareNames computes what names are compared by, if chat.NamesVersion is another than when the file was last opened.
func compareNames(ctx context.Context, c *conn) (err error) {
	c.SetInterrupt(ctx.Done())
	defer c.SetInterrupt(nil)
	version, _, err := row(c, integer, "SELECT version FROM names")
	if err != nil || version == chat.NamesVersion {
		return err
	}
	defer sqlitex.Save(c.Conn)(&err)
	person := func(st *sqlite.Stmt) chat.User {
		return chat.User{ID: st.ColumnText(0), Name: st.ColumnText(1), Role: chat.Role(st.ColumnText(2))}
	}
	users, err := rows(c, person, "SELECT id, name, role FROM user ORDER BY id")
	if err != nil {
		return err
	}
	for _, u := range users {
		if err := setName(c, u); err != nil {
			return err
		}
	}
	for _, u := range users {
		if _, err := disambiguate(c, u.NameKeys()); err != nil {
			return err
		}
	}
	type named struct{ id, name string }
	scan := func(st *sqlite.Stmt) named { return named{st.ColumnText(0), st.ColumnText(1)} }
	rooms, err := rows(c, scan, "SELECT id, name FROM room WHERE kind = 'public'")
	if err != nil {
		return err
	}
	for _, r := range rooms {
		fold, key := chat.RoomFold(r.name), chat.RoomKey(r.name)
		if err := exec(c, "UPDATE room SET name_fold = ?, name_key = ? WHERE id = ?", fold, key, r.id); err != nil {
			return err
		}
	}
	if err := exec(c, "UPDATE workspace SET directory = directory + 1"); err != nil {
		return err
	}
	return exec(c, "UPDATE names SET version = ?", chat.NamesVersion)
}

// setName stores a user's name with what it is compared by. Who is ambiguous beside others is for disambiguate.
func setName(c *conn, u chat.User) error {
	if err := exec(c, "UPDATE user SET name = ?1, mixed = ?2, ambiguous = ambiguous OR ?2 WHERE id = ?3", u.Name, u.Deceptive(),
		u.ID); err != nil {
		return err
	}
	if err := exec(c, "DELETE FROM name_key WHERE user = ?", u.ID); err != nil {
		return err
	}
	for _, k := range u.NameKeys() {
		if err := exec(c, "INSERT INTO name_key VALUES (?, ?)", k, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// disambiguate updates Ambiguous of all users whose name has one of the keys. It returns those that it changed, sorted.
func disambiguate(c *conn, keys []string) ([]string, error) {
	ids, err := rows(c, text, `UPDATE user SET ambiguous = NOT ambiguous
		WHERE id IN (SELECT name_key.user FROM name_key WHERE key IN (SELECT value FROM json_each(?)))
		AND ambiguous <> (mixed OR EXISTS (SELECT 1 FROM name_key AS own JOIN name_key AS other ON other.key = own.key
			WHERE own.user = user.id AND other.user <> own.user)) RETURNING id`, jsonList(keys))
	slices.Sort(ids)
	return ids, err
}

// disambiguate updates and announces who is ambiguous, apart from the user except, whom the command announces itself.
func (t *tx) disambiguate(keys []string, except string) error {
	ids, err := disambiguate(t.Conn, keys)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == except {
			continue
		}
		if err := t.announceUser(id); err != nil {
			return err
		}
	}
	return nil
}
