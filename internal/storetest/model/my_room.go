package model

import (
	"cmp"
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// myRoom is the room with a member's settings and counts, which it computes each time.
func (r *room) myRoom(user string) chat.MyRoom {
	m := r.member(user)
	v := chat.MyRoom{
		Room: r.view(), Role: m.Role, ReadSeq: m.readSeq, ReadRev: m.readRev, Notify: m.notify, Starred: m.starred, Muted: m.muted,
		SettingsRev: m.settingsRev, Greet: m.greet,
	}
	for _, msg := range r.messages {
		if msg.DeletedAt != nil {
			continue
		}
		if msg.InTimeline() {
			v.LastMessage = msg.Brief()
		}
		if msg.Seq <= m.readSeq || msg.Author == user {
			continue
		}
		if msg.InTimeline() && msg.System == nil {
			v.Unread = min(v.Unread+1, chat.MaxUnread)
		}
		if slices.Contains(msg.Mentions, user) || msg.Broadcast == chat.BroadcastRoom {
			v.MentionCount = min(v.MentionCount+1, chat.MaxUnread)
		}
	}
	return v
}

// MyRoom implements chat.RoomStore.
func (s *Store) MyRoom(ctx context.Context, room, user string) (chat.MyRoom, error) {
	return read(ctx, s, func() (chat.MyRoom, error) {
		r, _, err := s.membership(room, user)
		if err != nil {
			return chat.MyRoom{}, err
		}
		return r.myRoom(user), nil
	})
}

// membership finds a room and its member; otherwise the error is NotFound.
func (s *Store) membership(id, user string) (*room, *member, error) {
	if r := s.rooms[id]; r != nil && r.member(user) != nil {
		return r, r.member(user), nil
	}
	return nil, nil, chat.ErrNotFound()
}

// MyRooms implements chat.RoomStore.
func (s *Store) MyRooms(ctx context.Context, user string) ([]chat.MyRoom, error) {
	return read(ctx, s, func() (out []chat.MyRoom, err error) {
		for _, r := range s.rooms {
			if r.member(user) != nil {
				out = append(out, r.myRoom(user))
			}
		}
		slices.SortFunc(out, func(a, b chat.MyRoom) int { return cmp.Compare(a.ID, b.ID) })
		return out, nil
	})
}

// UpdateMyRoom implements chat.MemberStore.
func (s *Store) UpdateMyRoom(ctx context.Context, c chat.UpdateMyRoom) (chat.MyRoom, error) {
	return command(ctx, s, c.Facts, func() (chat.MyRoom, error) {
		r, m, err := s.membership(c.Room, c.User)
		if err != nil {
			return chat.MyRoom{}, err
		}
		now, changed := c.Apply(r.myRoom(c.User))
		if changed {
			m.greet = now.Greet
			m.notify, m.starred, m.muted, m.settingsRev = now.Notify, now.Starred, now.Muted, now.SettingsRev
			s.emit(chat.MyRoomChanged{User: c.User, Room: r.myRoom(c.User)})
		}
		return now, nil
	})
}

// SetRead implements chat.MemberStore.
func (s *Store) SetRead(ctx context.Context, c chat.SetRead) (chat.MyRoom, error) {
	return command(ctx, s, c.Facts, func() (chat.MyRoom, error) {
		r, m, err := s.membership(c.Room, c.User)
		if err != nil {
			return chat.MyRoom{}, err
		}
		if moves, err := c.Moves(m.readSeq, r.LastSeq); err != nil || !moves {
			return r.myRoom(c.User), err
		}
		m.readSeq = c.Seq
		m.readRev++
		v := r.myRoom(c.User)
		s.emit(chat.ReadMoved{Room: r.ID, Read: v.ReadState(c.User)})
		return v, nil
	})
}
