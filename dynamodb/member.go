package dynamodb

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// A membership is two items, written in one transaction. The item under the room holds role and time of joining; the item
// under the user holds role, read pointer and settings. What a user keeps of a room's threads has the number of the membership it belongs
// to, [userRoom].Joined, and counts only while the user has that membership: leaving ends thousands of threads without touching them.
func memberPK(room string) string             { return "room#" + room }
func memberKey(room, user string) table.Key   { return table.NewKey(members, memberPK(room), user) }
func userRoomsPK(user string) string          { return "user#" + user }
func userRoomKey(user, room string) table.Key { return table.NewKey(members, userRoomsPK(user), room) }

// member is the item of a membership under the room. sk is the user.
type member struct {
	User     string        `dynamodbav:"sk"`
	Role     chat.RoomRole `dynamodbav:"role"`
	JoinedAt int64         `dynamodbav:"joined_at"`
	Joined   int64         `dynamodbav:"joined"` // as in userRoom
	Notify   chat.Notify   `dynamodbav:"notify"` // as in userRoom; missing in memberships older than this field
	Muted    bool          `dynamodbav:"muted,omitempty"`
}

// Members implements chat.MemberStore.
func (s *Store) Members(ctx context.Context, room string) ([]chat.RoomMembership, error) {
	items, err := s.db.Query(ctx, table.Range{Table: members, PK: memberPK(room)})
	if err != nil {
		return nil, err
	}
	out := make([]chat.RoomMembership, len(items))
	for i, it := range items {
		m, err := table.Decode[member](it)
		if err != nil {
			return nil, err
		}
		out[i] = chat.RoomMembership{User: m.User, Role: m.Role, JoinedAt: table.At(m.JoinedAt)}
	}
	slices.SortFunc(out, func(a, b chat.RoomMembership) int {
		return cmp.Or(a.JoinedAt.Compare(b.JoinedAt), strings.Compare(a.User, b.User))
	})
	return out, nil
}

// membersOf returns the ids of a room's members, each with its userRoom.Joined.
func (s *Store) membersOf(ctx context.Context, room string) (map[string]int64, error) {
	return s.joined(ctx, memberPK(room))
}

// roomsOf returns the ids of a user's rooms, each with its userRoom.Joined.
func (s *Store) roomsOf(ctx context.Context, user string) (map[string]int64, error) {
	return s.joined(ctx, userRoomsPK(user))
}

func (s *Store) joined(ctx context.Context, pk string) (map[string]int64, error) {
	items, err := s.db.Query(ctx, table.Range{Table: members, PK: pk, Projection: "sk, joined"})
	out := make(map[string]int64, len(items))
	for _, it := range items {
		out[it.Text("sk")] = it.Integer("joined")
	}
	return out, err
}

func (t *tx) insertMember(room string, m chat.RoomMembership, as userRoom) error {
	of := member{User: m.User, Role: m.Role, JoinedAt: table.Millis(m.JoinedAt), Joined: as.Joined, Notify: as.Notify, Muted: as.Muted}
	if err := t.Put(memberKey(room, m.User), of); err != nil {
		return err
	}
	return t.Put(userRoomKey(m.User, room), as)
}

// insertMembers adds users with everything read, and returns the room as each of them sees it.
func (t *tx) insertMembers(r room, users []chat.User, role chat.RoomRole, now time.Time) ([]chat.MyRoom, error) {
	r, err := t.changeRoom(r.ID, func(r *room) {
		r.MemberCount += len(users)
		r.Version++
	})
	if err != nil {
		return nil, err
	}
	out := make([]chat.MyRoom, len(users))
	for i, u := range users {
		membership := userRoom{
			Room: r.ID, Role: role, Joined: r.Version, ReadSeq: r.LastSeq, ReadRev: r.FirstReadRev, Notify: u.NotifyIn(r.Kind),
			Greet: r.Welcomes, SettingsRev: 1,
		}
		if err := t.insertMember(r.ID, chat.RoomMembership{User: u.ID, Role: role, JoinedAt: now}, membership); err != nil {
			return nil, err
		}
		out[i] = membership.myRoom(r)
	}
	return out, nil
}

// addMembersEvent adds the event that the room's membership changed.
func (t *tx) addMembersEvent(r chat.Room) error {
	return t.addEvent(chat.MembersChanged{Room: r.ID, MemberCount: r.MemberCount}, r.Version)
}

// AddMembers implements chat.MemberStore.
func (s *Store) AddMembers(ctx context.Context, cmd chat.AddMembers) error {
	return doInRoom(ctx, s, cmd.Room, func(t *tx) error {
		t.requireFacts(cmd.Facts)
		keys := []table.Key{roomKey(cmd.Room)}
		for _, u := range cmd.Users {
			keys = append(keys, userRoomKey(u, cmd.Room), userKey(u))
		}
		if _, err := t.Load(keys...); err != nil {
			return err
		}
		r, err := t.room(cmd.Room)
		if err != nil {
			return err
		}
		fresh := cmd.Fresh(t.isMember(cmd.Room))
		if len(fresh) == 0 {
			return nil
		}
		joining, err := t.users(fresh)
		if err != nil {
			return err
		}
		if err := t.mayEnter(r, joining); err != nil {
			return err
		}
		joined, err := t.insertMembers(r, joining, cmd.Role, cmd.At)
		if err != nil {
			return err
		}
		for i, j := range joined {
			if err := t.addEvent(chat.RoomJoined{User: fresh[i], Room: j}, 0); err != nil {
				return err
			}
		}
		if err := t.addMembersEvent(joined[0].Room); err != nil || cmd.System == nil {
			return err
		}
		return t.postSystem(cmd.Room, *cmd.System, cmd.At)
	})
}

// RemoveMember implements chat.MemberStore.
func (s *Store) RemoveMember(ctx context.Context, cmd chat.RemoveMember) error {
	return doInRoom(ctx, s, cmd.Room, func(t *tx) error {
		t.requireFacts(cmd.Facts)
		if _, err := t.Load(userRoomKey(cmd.User, cmd.Room), memberKey(cmd.Room, cmd.User), roomKey(cmd.Room), userKey(cmd.User)); err != nil {
			return err
		}
		if _, err := loadItem[userRoom](t, userRoomKey(cmd.User, cmd.Room)); err != nil {
			return err
		}
		bots, err := t.botsIn(cmd)
		if err != nil {
			return err
		}
		var r room
		left := chat.RoomLeft{Room: cmd.Room, User: cmd.User, Reason: cmd.Reason, By: cmd.By}
		for _, e := range slices.Concat([]chat.RoomLeft{left}, bots) {
			if r, err = t.leave(e); err != nil {
				return err
			}
		}
		return t.addMembersEvent(r.toChat())
	})
}

// leave removes a member from a room, and returns the room.
func (t *tx) leave(e chat.RoomLeft) (room, error) {
	m, err := loadItem[userRoom](t, userRoomKey(e.User, e.Room))
	if err != nil {
		return room{}, err
	}
	t.Remove(userRoomKey(e.User, e.Room))
	t.Remove(memberKey(e.Room, e.User))
	r, err := t.changeRoom(e.Room, func(r *room) {
		r.MemberCount--
		r.Version++
		r.FirstReadRev = max(r.FirstReadRev, m.ReadRev+1)
	})
	if err != nil {
		return r, err
	}
	return r, t.addEvent(e, 0)
}

// SetMemberRole implements chat.MemberStore.
func (s *Store) SetMemberRole(ctx context.Context, f chat.Facts, id, user string, role chat.RoomRole) error {
	return doInRoom(ctx, s, id, func(t *tx) error {
		t.requireFacts(f)
		if _, err := t.Load(userRoomKey(user, id), memberKey(id, user), roomKey(id)); err != nil {
			return err
		}
		m, err := loadItem[userRoom](t, userRoomKey(user, id))
		if err != nil || m.Role == role {
			return err
		}
		m.Role = role
		m.SettingsRev++
		if err := t.Put(userRoomKey(user, id), m); err != nil {
			return err
		}
		if _, err := change(t, memberKey(id, user), func(o *member) { o.Role = role }); err != nil {
			return err
		}
		r, err := t.changeRoom(id, func(r *room) { r.Version++ })
		if err != nil {
			return err
		}
		now, err := t.s.withUnread(t.ctx, user, m, r)
		if err != nil {
			return err
		}
		if err := t.addEvent(chat.MyRoomChanged{User: user, Room: now}, 0); err != nil {
			return err
		}
		return t.addMembersEvent(r.toChat())
	})
}
