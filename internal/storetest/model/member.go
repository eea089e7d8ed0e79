package model

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// member is a member of a room with their read pointer and settings.
type member struct {
	chat.RoomMembership
	readSeq, readRev, settingsRev int64
	notify                        chat.Notify
	starred, muted, greet         bool
}

// member finds a member; nil if the user is not a member.
func (r *room) member(user string) *member {
	for _, m := range r.members {
		if m.User == user {
			return m
		}
	}
	return nil
}

// has says whether a user is a member.
func (r *room) has(user string) bool { return r.member(user) != nil }

// join adds a member without unread messages.
func (r *room) join(m chat.RoomMembership, notify chat.Notify) {
	r.members = append(r.members, &member{
		RoomMembership: m, readSeq: r.LastSeq, readRev: r.firstReadRev, settingsRev: 1, notify: notify, greet: r.Welcomes,
	})
	slices.SortFunc(r.members, func(a, b *member) int {
		return cmp.Or(a.JoinedAt.Compare(b.JoinedAt), cmp.Compare(a.User, b.User))
	})
	r.Version++
}

// Members implements chat.MemberStore.
func (s *Store) Members(ctx context.Context, room string) ([]chat.RoomMembership, error) {
	return read(ctx, s, func() (out []chat.RoomMembership, err error) {
		if r := s.rooms[room]; r != nil {
			for _, m := range r.members {
				out = append(out, m.RoomMembership)
			}
		}
		return out, nil
	})
}

// AddMembers implements chat.MemberStore.
func (s *Store) AddMembers(ctx context.Context, c chat.AddMembers) error {
	return do(ctx, s, c.Facts, func() error {
		r := s.rooms[c.Room]
		if r == nil {
			return chat.ErrNotFound()
		}
		for _, id := range c.Users {
			if s.users[id] == nil {
				return chat.ErrNotFound()
			}
		}
		fresh := c.Fresh(r.has)
		if len(fresh) == 0 {
			return nil
		}
		for _, id := range fresh {
			if err := bot.MayEnter(s.users[id].User, r.Kind, r.has, s.owner); err != nil {
				return err
			}
		}
		for _, id := range fresh {
			r.join(chat.RoomMembership{User: id, Role: c.Role, JoinedAt: c.At}, s.users[id].NotifyIn(r.Kind))
		}
		for _, id := range fresh {
			s.emit(chat.RoomJoined{User: id, Room: r.myRoom(id)})
		}
		s.emitMembers(r)
		if c.System != nil {
			s.postSystem(r, *c.System, c.At)
		}
		return nil
	})
}

// emitMembers announces the new number of members.
func (s *Store) emitMembers(r *room) {
	s.emit(chat.MembersChanged{Room: r.ID, MemberCount: len(r.members)})
}

// RemoveMember implements chat.MemberStore.
func (s *Store) RemoveMember(ctx context.Context, c chat.RemoveMember) error {
	return do(ctx, s, c.Facts, func() error {
		r := s.rooms[c.Room]
		if r == nil || r.member(c.User) == nil {
			return chat.ErrNotFound()
		}
		s.leave(r, chat.RoomLeft{Room: r.ID, User: c.User, Reason: c.Reason, By: c.By})
		for _, b := range s.bots(c.User) {
			if r.has(b.ID) {
				s.leave(r, bot.Left(c, b.ID))
			}
		}
		s.emitMembers(r)
		return nil
	})
}

// leave removes a member from a room.
func (s *Store) leave(r *room, e chat.RoomLeft) {
	r.firstReadRev = max(r.firstReadRev, r.member(e.User).readRev+1)
	r.members = slices.DeleteFunc(r.members, func(m *member) bool { return m.User == e.User })
	maps.DeleteFunc(r.threads, func(k threadKey, _ thread.Row) bool { return k.user == e.User })
	r.Version++
	s.emit(e)
}

// SetMemberRole implements chat.MemberStore.
func (s *Store) SetMemberRole(ctx context.Context, f chat.Facts, room, user string, role chat.RoomRole) error {
	return do(ctx, s, f, func() error {
		r := s.rooms[room]
		if r == nil || r.member(user) == nil {
			return chat.ErrNotFound()
		}
		m := r.member(user)
		if m.Role == role {
			return nil
		}
		m.Role = role
		m.settingsRev++
		r.Version++
		s.emit(chat.MyRoomChanged{User: user, Room: r.myRoom(user)})
		s.emitMembers(r)
		return nil
	})
}
