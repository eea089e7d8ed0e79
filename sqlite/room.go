package sqlite

import (
	"context"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

const roomColumns = `room.id, room.kind, room.name, room.topic, room.archived, room.posting, room.member_count, room.people,
	room.created_by, room.created_at, room.rev, room.last_seq, room.version, room.owners_broadcast, room.welcomes`

func scanRoom(st *sqlite.Stmt) chat.Room { return (&scanner{st: st}).room() }

func (s *scanner) room() chat.Room {
	r := chat.Room{
		ID: s.text(), Kind: chat.Kind(s.text()), Name: s.text(), Topic: s.text(), Archived: s.bool(), Posting: chat.Posting(s.text()),
		MemberCount: s.int(),
	}
	if people := s.text(); people != "" {
		r.Members = strings.Fields(people)
	}
	r.CreatedBy, r.CreatedAt, r.Rev, r.LastSeq, r.Version = s.text(), s.time(), s.int64(), s.int64(), s.int64()
	r.OwnersBroadcast, r.Welcomes = s.bool(), s.bool()
	return r
}

func roomByID(c *conn, id string) (chat.Room, error) {
	return found(row(c, scanRoom, "SELECT "+roomColumns+" FROM room WHERE id = ?", id))
}

// RoomAccess implements chat.RoomStore.
func (s *Store) RoomAccess(ctx context.Context, room, user string) (chat.RoomAccess, error) {
	look := func(a *access) (chat.RoomAccess, bool) { return a.role(room, user) }
	return cached(ctx, s, look, func(c *conn) (chat.RoomAccess, error) {
		return found(row(c, func(st *sqlite.Stmt) chat.RoomAccess {
			s := &scanner{st: st}
			return chat.RoomAccess{Room: s.room(), Role: chat.RoomRole(s.text())}
		}, "SELECT "+roomColumns+`, member.role FROM room LEFT JOIN member ON member.room = room.id AND member.user = ?2
			WHERE room.id = ?1`, room, user))
	}, func(a *access, r chat.RoomAccess) { a.keepRole(user, r) })
}

// RoomByName implements chat.RoomStore.
func (s *Store) RoomByName(ctx context.Context, name string) (string, error) {
	return read(ctx, s, func(c *conn) (string, error) {
		return found(row(c, text, "SELECT id FROM room WHERE kind = 'public' AND name_key = ? AND name_fold = ?", chat.RoomKey(name),
			chat.RoomFold(name)))
	})
}

// Browse implements chat.RoomStore.
func (s *Store) Browse(ctx context.Context, q chat.BrowseQuery) (chat.RoomPage, error) {
	const browsed = ` FROM room WHERE kind = 'public' AND archived = 0 AND instr(name_fold, ?2) > 0
			AND NOT EXISTS (SELECT 1 FROM member WHERE member.room = room.id AND user = ?1)`
	return read(ctx, s, func(c *conn) (p chat.RoomPage, err error) {
		after := ""
		if q.After != "" {
			if after, err = found(row(c, text, "SELECT name_fold FROM room WHERE id = ? AND kind = 'public'", q.After)); err != nil {
				return p, err
			}
		}
		total, _, err := row(c, integer, "SELECT count(*)"+browsed, q.User, q.Text)
		if err != nil {
			return p, err
		}
		rest, err := rows(c, scanBrowsed, "SELECT "+roomColumns+`, coalesce((SELECT description FROM room_about WHERE room = room.id), '')`+browsed+` AND (name_fold, id) > (?3, ?4) ORDER BY name_fold, id LIMIT +?5`,
			q.User, q.Text, after, q.After, q.Limit+1)
		return q.PageOf(rest, int(total)), err
	})
}

// scanBrowsed reads a room with its description.
func scanBrowsed(st *sqlite.Stmt) chat.Room {
	s := &scanner{st: st}
	r := s.room()
	r.Description = s.text()
	return r
}

// AddRoom implements chat.RoomStore.
func (s *Store) AddRoom(ctx context.Context, cmd chat.AddRoom) (chat.Room, bool, error) {
	created := false
	r, err := write(ctx, s, func(t *tx) (chat.Room, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.Room{}, err
		}
		if cmd.Room.Kind == chat.Direct {
			if r, ok, err := row(t.Conn, scanRoom, "SELECT "+roomColumns+" FROM room WHERE kind = 'direct' AND people = ?",
				people(cmd.People())); err != nil || ok {
				return r, err
			}
		}
		count, _, err := row(t.Conn, integer, "SELECT rooms FROM workspace")
		if err != nil {
			return chat.Room{}, err
		}
		if err := cmd.MayAddRoom(int(count)); err != nil {
			return chat.Room{}, err
		}
		created = true
		ids := make([]string, len(cmd.Members))
		for i, m := range cmd.Members {
			ids[i] = m.User
		}
		if err := t.mayEnter(ids, func(u chat.User, load bot.Load) error { return bot.MayBegin(cmd, u, load) }); err != nil {
			return chat.Room{}, err
		}
		if err := t.insertRoom(cmd); err != nil {
			return chat.Room{}, err
		}
		if err := t.announceJoined(cmd.Room.ID, ids); err != nil {
			return chat.Room{}, err
		}
		return roomByID(t.Conn, cmd.Room.ID)
	})
	return r, err == nil && created, err // after an error the writer may still be writing to created
}

// people returns the sorted members of a direct room as they are stored in the room's row.
func people(ids []string) string { return strings.Join(ids, " ") }

func (t *tx) insertRoom(cmd chat.AddRoom) error {
	r, set := cmd.Room, ""
	if r.Kind == chat.Direct {
		set = people(cmd.People())
	}
	fold, k := roomName(r)
	if err := t.checkRoomName(r, k); err != nil {
		return err
	}
	if err := exec(t.Conn, "INSERT INTO room VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 1, ?, 0, ?, ?, 0)", r.ID, string(r.Kind), r.Name,
		fold, r.Topic, r.Archived, string(r.Posting), set, r.CreatedBy, millis(r.CreatedAt), len(cmd.Members), k,
		r.OwnersBroadcast); err != nil {
		return err
	}
	if r.Kind != chat.Direct {
		if err := exec(t.Conn, "UPDATE workspace SET rooms = rooms + 1"); err != nil {
			return err
		}
	}
	for _, m := range cmd.Members {
		u, err := userByID(t.Conn, m.User)
		if err != nil {
			return err
		}
		if err := exec(t.Conn, "INSERT INTO member VALUES (?, ?, ?, ?, 0, 0, ?, 0, 0, 1, 0)", r.ID, m.User, string(m.Role),
			millis(m.JoinedAt), string(u.NotifyIn(r.Kind))); err != nil {
			return err
		}
	}
	return nil
}

// roomName is what a room's name is searched and compared by; of rooms that are not public, "".
func roomName(r chat.Room) (fold, key string) {
	if r.Kind != chat.Public {
		return "", ""
	}
	return chat.RoomFold(r.Name), chat.RoomKey(r.Name)
}

// checkRoomName returns a Conflict when another public room has a name with this key.
func (t *tx) checkRoomName(r chat.Room, key string) error {
	if r.Kind != chat.Public {
		return nil
	}
	_, taken, err := row(t.Conn, integer, "SELECT 1 FROM room WHERE kind = 'public' AND name_key = ? AND id <> ?", key, r.ID)
	if err == nil && taken {
		err = chat.ErrRoomNameTaken()
	}
	return err
}

// UpdateRoom implements chat.RoomStore.
func (s *Store) UpdateRoom(ctx context.Context, cmd chat.UpdateRoom) (chat.Room, error) {
	return write(ctx, s, func(t *tx) (chat.Room, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.Room{}, err
		}
		was, err := roomByID(t.Conn, cmd.Room)
		if err != nil {
			return was, err
		}
		if !cmd.Changed(was) {
			return was, nil
		}
		r := cmd.Apply(was)
		fold, k := roomName(r)
		if _, before := roomName(was); k != before {
			if err := t.checkRoomName(r, k); err != nil {
				return r, err
			}
		}
		if err := exec(t.Conn,
			`UPDATE room SET kind = ?, name = ?, name_fold = ?, name_key = ?, topic = ?, posting = ?, owners_broadcast = ?, archived = ?,
			version = version + 1 WHERE id = ?`, string(r.Kind), r.Name, fold, k, r.Topic, string(r.Posting), r.OwnersBroadcast, r.Archived, r.ID); err != nil {
			return r, err
		}
		return t.announceRoom(cmd, cmd.Changes(was))
	})
}

// announceRoom posts system messages for the changes. It announces the changed room before them, with the counters after them.
func (t *tx) announceRoom(cmd chat.UpdateRoom, posts []chat.System) (chat.Room, error) {
	first := len(t.announcements)
	for _, p := range posts {
		if err := t.postSystem(cmd.Room, chat.SystemPost{By: cmd.By, System: p, Text: cmd.Texts[p.What]}, cmd.At); err != nil {
			return chat.Room{}, err
		}
	}
	r, err := roomByID(t.Conn, cmd.Room)
	if err != nil {
		return r, err
	}
	t.announce(chat.RoomChanged{Room: r})
	last := len(t.announcements) - 1
	t.announcements = slices.Insert(t.announcements[:last], first, t.announcements[last])
	return r, nil
}
