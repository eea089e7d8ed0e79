package sqlite

import (
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// checkFacts returns ErrStale unless all facts are still true. The command's row of the audit log is appended at its end.
func (t *tx) checkFacts(f chat.Facts) error {
	t.audit = f.Audit
	if u := f.User; u != nil {
		if err := t.checkFact(*u, "SELECT 1 FROM user WHERE id = ? AND role = ? AND epoch = ? AND deactivated = 0",
			u.ID, string(u.Role), u.Epoch); err != nil {
			return err
		}
	}
	if r := f.Room; r != nil {
		if err := t.checkFact(*r, "SELECT 1 FROM room WHERE id = ? AND kind = ? AND posting = ? AND owners_broadcast = ? AND archived = ?",
			r.ID, string(r.Kind), string(r.Posting), r.OwnersBroadcast, r.Archived); err != nil {
			return err
		}
	}
	m := f.Member
	switch {
	case m == nil:
		return nil
	case m.Role == "":
		return t.checkFact(*m, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM member WHERE room = ? AND user = ?)", m.Room, m.User)
	default:
		return t.checkFact(*m, "SELECT 1 FROM member WHERE room = ? AND user = ? AND role = ?", m.Room, m.User, string(m.Role))
	}
}

const maxVerified = 16384 // facts that the writer keeps in memory

// checkFact returns ErrStale unless the query has a row. The writer keeps facts in memory that were found true. They stay true until a
// statement changes users, rooms or members, and only the writer runs such statements.
func (t *tx) checkFact(fact any, query string, args ...any) error {
	changed := t.Conn.changes.effects&(onSecrets|onRooms) != 0 // by this batch; commit clears the facts at its end
	if !changed && t.store.verified[fact] {
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
	if len(t.store.verified) >= maxVerified {
		clear(t.store.verified)
	}
	t.store.verified[fact] = true
	return nil
}

// members returns the ids of a room's members, from the cache if possible. Callers share the slice and must not change it.
func (t *tx) members(room string) ([]string, error) {
	if ids, ok := t.store.cache[room]; ok {
		return ids, nil
	}
	ids, err := rows(t.Conn, text, "SELECT user FROM member WHERE room = ?", room)
	if err == nil {
		t.cachedRooms = append(t.cachedRooms, room)
		t.store.cache[room] = ids
	}
	return ids, err
}

// isMember returns a function that tells whether a user is a member of the room.
func (t *tx) isMember(room string) (func(user string) bool, error) {
	ids, err := t.members(room)
	return func(u string) bool { return slices.Contains(ids, u) }, err
}

// membersChanged drops the cached members of a room. Call it after each change of the room's members.
func (t *tx) membersChanged(room string) { delete(t.store.cache, room) }
