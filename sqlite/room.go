package sqlite

import (
	"context"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen"
)

const roomColumns = `room.id, room.kind, room.name, room.topic, room.archived, room.posting, room.member_count, room.people, room.created_by,
	room.created_at, room.rev, room.last_seq, room.version`

const maxBrowsed = 200

func scanRoom(st *sqlite.Stmt) canteen.Room { return (&scanner{st: st}).room() }

func (s *scanner) room() canteen.Room {
	r := canteen.Room{
		ID: s.text(), Kind: canteen.Kind(s.text()), Name: s.text(), Topic: s.text(), Archived: s.bool(), Posting: canteen.Posting(s.text()),
		MemberCount: s.int(),
	}
	if people := s.text(); people != "" {
		r.Members = strings.Fields(people)
	}
	r.CreatedBy, r.CreatedAt, r.Rev, r.LastSeq, r.Version = s.text(), s.time(), s.int64(), s.int64(), s.int64()
	return r
}

func roomByID(c *sqlite.Conn, id string) (canteen.Room, error) {
	return found(row(c, scanRoom, "SELECT "+roomColumns+" FROM room WHERE id = ?", id))
}

// RoomAccess implements canteen.RoomStore.
func (s *Store) RoomAccess(ctx context.Context, room, user string) (canteen.RoomAccess, error) {
	return read(ctx, s, func(c *sqlite.Conn) (canteen.RoomAccess, error) {
		return found(row(c, func(st *sqlite.Stmt) canteen.RoomAccess {
			s := &scanner{st: st}
			return canteen.RoomAccess{Room: s.room(), Role: canteen.RoomRole(s.text())}
		}, "SELECT "+roomColumns+", member.role FROM room LEFT JOIN member ON member.room = room.id AND member.user = ?2 WHERE room.id = ?1", room, user))
	})
}

// Browse implements canteen.RoomStore.
func (s *Store) Browse(ctx context.Context, user, q string) ([]canteen.Room, error) {
	return read(ctx, s, func(c *sqlite.Conn) ([]canteen.Room, error) {
		return rows(c, scanRoom, "SELECT "+roomColumns+` FROM room WHERE kind = 'public' AND archived = 0 AND instr(name_fold, ?2) > 0
			AND NOT EXISTS (SELECT 1 FROM member WHERE member.room = room.id AND user = ?1) ORDER BY name_fold LIMIT +?3`, user, q, maxBrowsed)
	})
}

// AddRoom implements canteen.RoomStore.
func (s *Store) AddRoom(ctx context.Context, cmd canteen.AddRoom) (canteen.Room, bool, error) {
	created := false
	r, err := write(ctx, s, func(t *tx) (canteen.Room, error) {
		if err := t.hold(cmd.Facts); err != nil {
			return canteen.Room{}, err
		}
		if cmd.Room.Kind == canteen.Direct {
			if r, ok, err := row(t.Conn, scanRoom, "SELECT "+roomColumns+" FROM room WHERE kind = 'direct' AND people = ?", people(cmd)); err != nil || ok {
				return r, err
			}
		}
		count, _, err := row(t.Conn, integer, "SELECT count(*) FROM room WHERE kind <> 'direct'")
		if err != nil {
			return canteen.Room{}, err
		}
		if count >= canteen.MaxRooms && cmd.Room.Kind != canteen.Direct {
			return canteen.Room{}, canteen.Errorf(canteen.Conflict, "There are %d rooms, which is as many as a workspace can have.", count)
		}
		created = true
		if err := t.insertRoom(cmd.Room, cmd.NameFold, cmd.Members); err != nil {
			return canteen.Room{}, err
		}
		ids := make([]string, len(cmd.Members))
		for i, m := range cmd.Members {
			ids[i] = m.User
		}
		if err := t.sayJoined(cmd.Room.ID, ids); err != nil {
			return canteen.Room{}, err
		}
		return roomByID(t.Conn, cmd.Room.ID)
	})
	return r, err == nil && created, err // created is the writer's until write returns nil
}

// people is the set of a direct room's members, in the one form that is compared.
func people(cmd canteen.AddRoom) string {
	ids := make([]string, len(cmd.Members))
	for i, m := range cmd.Members {
		ids[i] = m.User
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

func (t *tx) insertRoom(r canteen.Room, fold string, members []canteen.RoomMembership) error {
	set := ""
	if r.Kind == canteen.Direct {
		set = people(canteen.AddRoom{Members: members})
	}
	if err := t.nameFree(r.Kind, r.ID, fold); err != nil {
		return err
	}
	if err := exec(t.Conn, "INSERT INTO room VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 1, ?, 0)", r.ID, string(r.Kind), r.Name, fold, r.Topic, r.Archived,
		string(r.Posting), set, r.CreatedBy, millis(r.CreatedAt), len(members)); err != nil {
		return err
	}
	for _, m := range members {
		if err := exec(t.Conn, "INSERT INTO member VALUES (?, ?, ?, ?, 0, 0, 'all', 0, 0, 1)", r.ID, m.User, string(m.Role), millis(m.JoinedAt)); err != nil {
			return err
		}
	}
	return nil
}

// nameFree is a Conflict when another public room has the name.
func (t *tx) nameFree(kind canteen.Kind, id, fold string) error {
	if kind != canteen.Public {
		return nil
	}
	_, taken, err := row(t.Conn, integer, "SELECT 1 FROM room WHERE kind = 'public' AND name_fold = ? AND id <> ?", fold, id)
	if err == nil && taken {
		err = errTaken("name", "There is a room of this name already.")
	}
	return err
}

// UpdateRoom implements canteen.RoomStore.
func (s *Store) UpdateRoom(ctx context.Context, cmd canteen.UpdateRoom) (canteen.Room, error) {
	return write(ctx, s, func(t *tx) (canteen.Room, error) {
		if err := t.hold(cmd.Facts); err != nil {
			return canteen.Room{}, err
		}
		was, err := roomByID(t.Conn, cmd.Room)
		if err != nil {
			return was, err
		}
		posts := cmd.Changes(was)
		if len(posts) == 0 {
			return was, nil
		}
		r := was
		set(&r.Name, cmd.Name)
		set(&r.Topic, cmd.Topic)
		set(&r.Posting, cmd.Posting)
		set(&r.Archived, cmd.Archived)
		fold, _, err := row(t.Conn, text, "SELECT name_fold FROM room WHERE id = ?", cmd.Room)
		if err != nil {
			return r, err
		}
		if cmd.Name != nil && cmd.NameFold != "" {
			fold = cmd.NameFold
		}
		if err := t.nameFree(r.Kind, r.ID, fold); err != nil {
			return r, err
		}
		if err := exec(t.Conn, "UPDATE room SET name = ?, name_fold = ?, topic = ?, posting = ?, archived = ?, version = version + 1 WHERE id = ?",
			r.Name, fold, r.Topic, string(r.Posting), r.Archived, r.ID); err != nil {
			return r, err
		}
		return t.sayRoom(cmd, posts)
	})
}

// sayRoom announces the room as it is now, then posts what was changed.
func (t *tx) sayRoom(cmd canteen.UpdateRoom, posts []canteen.System) (canteen.Room, error) {
	to, err := t.members(cmd.Room)
	if err != nil {
		return canteen.Room{}, err
	}
	first := len(t.said)
	t.say(canteen.RoomChanged{}, to...)
	for _, p := range posts {
		if err := t.postSystem(cmd.Room, canteen.SystemPost{By: cmd.By, System: p, Text: cmd.Texts[p.What]}, cmd.At); err != nil {
			return canteen.Room{}, err
		}
	}
	r, err := roomByID(t.Conn, cmd.Room)
	if err == nil && len(to) > 0 {
		t.said[first].Event = canteen.RoomChanged{Room: r}
	}
	return r, err
}
