package sqlite

import (
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// hold is ErrStale unless every fact is still so.
func (t *tx) hold(f chat.Facts) error {
	if u := f.User; u != nil {
		if err := t.still(*u, "SELECT 1 FROM user WHERE id = ? AND role = ? AND epoch = ? AND deactivated = 0",
			u.ID, string(u.Role), u.Epoch); err != nil {
			return err
		}
	}
	if r := f.Room; r != nil {
		if err := t.still(*r, "SELECT 1 FROM room WHERE id = ? AND kind = ? AND posting = ? AND archived = ?",
			r.ID, string(r.Kind), string(r.Posting), r.Archived); err != nil {
			return err
		}
	}
	m := f.Member
	switch {
	case m == nil:
		return nil
	case m.Role == "":
		return t.still(*m, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM member WHERE room = ? AND user = ?)", m.Room, m.User)
	default:
		return t.still(*m, "SELECT 1 FROM member WHERE room = ? AND user = ? AND role = ?", m.Room, m.User, string(m.Role))
	}
}

const maxHeld = 16384 // facts that the writer remembers

// still is ErrStale unless the query has a row. The writer remembers the facts that held: they hold until a statement changes users,
// rooms or members, and it alone runs such statements.
func (t *tx) still(fact any, query string, args ...any) error {
	changed := t.Conn.changes.effects&(onSecrets|onRooms) != 0 // by this batch, which forgets at its end
	if !changed && t.store.held[fact] {
		return nil
	}
	_, ok, err := row(t.Conn, integer, query, args...)
	switch {
	case err != nil:
		return err
	case !ok:
		return chat.ErrStale
	case changed:
		return nil
	}
	if len(t.store.held) >= maxHeld {
		clear(t.store.held)
	}
	t.store.held[fact] = true
	return nil
}

// members are the ids of a room's members, from memory while nothing changed. The slice is shared: never changed.
func (t *tx) members(room string) ([]string, error) {
	if ids, ok := t.store.cache[room]; ok {
		return ids, nil
	}
	ids, err := rows(t.Conn, text, "SELECT user FROM member WHERE room = ?", room)
	if err == nil {
		t.touched = append(t.touched, room)
		t.store.cache[room] = ids
	}
	return ids, err
}

// member says of the room whether a user is a member.
func (t *tx) member(room string) (func(user string) bool, error) {
	ids, err := t.members(room)
	return func(u string) bool { return slices.Contains(ids, u) }, err
}

// membersChanged is to be called when a room's members are others.
func (t *tx) membersChanged(room string) { delete(t.store.cache, room) }
