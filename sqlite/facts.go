package sqlite

import (
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// hold is ErrStale unless every fact is still so.
func (t *tx) hold(f chat.Facts) error {
	for _, fact := range []fact{userFact(f.User), roomFact(f.Room), memberFact(f.Member)} {
		if !fact.given {
			continue
		}
		if _, ok, err := row(t.Conn, integer, fact.query, fact.args...); err != nil {
			return err
		} else if !ok {
			return chat.ErrStale
		}
	}
	return nil
}

// fact is a query that has a row while the fact holds.
type fact struct {
	given bool
	query string
	args  []any
}

func userFact(u *chat.UserFact) fact {
	if u == nil {
		return fact{}
	}
	return fact{
		true, "SELECT 1 FROM user WHERE id = ? AND role = ? AND epoch = ? AND deactivated = 0", []any{u.ID, string(u.Role), u.Epoch},
	}
}

func roomFact(r *chat.RoomFact) fact {
	if r == nil {
		return fact{}
	}
	return fact{
		true, "SELECT 1 FROM room WHERE id = ? AND kind = ? AND posting = ? AND archived = ?",
		[]any{r.ID, string(r.Kind), string(r.Posting), r.Archived},
	}
}

func memberFact(m *chat.MemberFact) fact {
	if m == nil {
		return fact{}
	}
	if m.Role == "" {
		return fact{true, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM member WHERE room = ? AND user = ?)", []any{m.Room, m.User}}
	}
	return fact{true, "SELECT 1 FROM member WHERE room = ? AND user = ? AND role = ?", []any{m.Room, m.User, string(m.Role)}}
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
