package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// Members implements chat.MemberStore.
func (s *Store) Members(ctx context.Context, room string) ([]chat.RoomMembership, error) {
	return read(ctx, s, func(c *conn) ([]chat.RoomMembership, error) {
		return rows(c, func(st *sqlite.Stmt) chat.RoomMembership {
			s := &scanner{st: st}
			return chat.RoomMembership{User: s.text(), Role: chat.RoomRole(s.text()), JoinedAt: s.time()}
		}, "SELECT user, role, joined_at FROM member WHERE room = ? ORDER BY joined_at, user", room)
	})
}

// AddMembers implements chat.MemberStore.
func (s *Store) AddMembers(ctx context.Context, cmd chat.AddMembers) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return err
		}
		r, err := roomByID(t.Conn, cmd.Room)
		if err != nil {
			return err
		}
		member, err := t.isMember(cmd.Room)
		if err != nil {
			return err
		}
		fresh := cmd.Fresh(member)
		if len(fresh) == 0 {
			return nil
		}
		if err := t.mayEnter(fresh, func(u chat.User, load bot.Load) error { return bot.MayEnter(u, r.Kind, member, load) }); err != nil {
			return err
		}
		if err := t.insertMembers(cmd.Room, fresh, cmd.Role, cmd.At); err != nil {
			return err
		}
		if err := t.announceJoined(cmd.Room, fresh); err != nil {
			return err
		}
		if err := t.announceMembers(cmd.Room); err != nil {
			return err
		}
		if cmd.System == nil {
			return nil
		}
		return t.postSystem(cmd.Room, *cmd.System, cmd.At)
	})
}

// insertMembers adds users to a room. Nothing in it is unread for them.
func (t *tx) insertMembers(room string, users []string, role chat.RoomRole, at time.Time) error {
	r, err := roomByID(t.Conn, room)
	if err != nil {
		return err
	}
	for _, id := range users {
		u, err := userByID(t.Conn, id)
		if err != nil {
			return err
		}
		if err := exec(t.Conn, `INSERT INTO member SELECT id, ?2, ?3, ?4, last_seq, first_read_rev, ?5, 0, 0, 1, welcomes FROM room WHERE id = ?1`,
			room, id, string(role), millis(at), string(u.NotifyIn(r.Kind))); err != nil {
			return err
		}
	}
	t.membersChanged(room)
	return exec(t.Conn, "UPDATE room SET member_count = member_count + ?2, version = version + 1 WHERE id = ?1", room, len(users))
}

// announceJoined announces to each of the users that they joined the room.
func (t *tx) announceJoined(room string, users []string) error {
	for _, u := range users {
		r, err := myRoom(t.Conn, room, u)
		if err != nil {
			return err
		}
		t.announce(chat.RoomJoined{User: u, Room: r})
	}
	return nil
}

// announceMembers announces to the members that the membership changed.
func (t *tx) announceMembers(room string) error {
	to, err := t.members(room)
	if err == nil {
		t.announce(chat.MembersChanged{Room: room, MemberCount: len(to)})
	}
	return err
}

// RemoveMember implements chat.MemberStore.
func (s *Store) RemoveMember(ctx context.Context, cmd chat.RemoveMember) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return err
		}
		bots, err := t.botsIn(cmd.Room, cmd.User)
		if err != nil {
			return err
		}
		if err := t.leave(chat.RoomLeft{Room: cmd.Room, User: cmd.User, Reason: cmd.Reason, By: cmd.By}); err != nil {
			return err
		}
		for _, b := range bots {
			if err := t.leave(bot.Left(cmd, b)); err != nil {
				return err
			}
		}
		return t.announceMembers(cmd.Room)
	})
}

// leave removes a member from a room.
func (t *tx) leave(e chat.RoomLeft) error {
	readRev, err := found(row(t.Conn, integer, "DELETE FROM member WHERE room = ? AND user = ? RETURNING read_rev", e.Room, e.User))
	if err != nil {
		return err
	}
	if err := exec(t.Conn, "DELETE FROM my_thread WHERE user = ? AND room = ?", e.User, e.Room); err != nil {
		return err
	}
	t.membersChanged(e.Room)
	if err := exec(t.Conn, `UPDATE room SET member_count = member_count - 1, version = version + 1,
		first_read_rev = max(first_read_rev, ?2 + 1)
		WHERE id = ?1`, e.Room, readRev); err != nil {
		return err
	}
	t.announce(e)
	return nil
}

// SetMemberRole implements chat.MemberStore.
func (s *Store) SetMemberRole(ctx context.Context, f chat.Facts, room, user string, role chat.RoomRole) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(f); err != nil {
			return err
		}
		r, err := myRoom(t.Conn, room, user)
		if err != nil || r.Role == role {
			return err
		}
		if err := exec(t.Conn, "UPDATE member SET role = ?, settings_rev = settings_rev + 1 WHERE room = ? AND user = ?", string(role),
			room, user); err != nil {
			return err
		}
		if err := exec(t.Conn, "UPDATE room SET version = version + 1 WHERE id = ?", room); err != nil {
			return err
		}
		if r, err = myRoom(t.Conn, room, user); err != nil {
			return err
		}
		t.announce(chat.MyRoomChanged{User: user, Room: r})
		return t.announceMembers(room)
	})
}
