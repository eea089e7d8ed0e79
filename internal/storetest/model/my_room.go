package model

import (
	"cmp"
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/text"
)

// mine is the room as one of its members has it, counted afresh.
func (r *room) mine(user string) chat.MyRoom {
	m := r.member(user)
	v := chat.MyRoom{
		Room: r.view(), Role: m.Role, ReadSeq: m.readSeq, ReadRev: m.readRev, Notify: m.notify, Starred: m.starred, Muted: m.muted,
		SettingsRev: m.settingsRev,
	}
	for _, msg := range r.messages {
		if msg.DeletedAt != nil {
			continue
		}
		if msg.InTimeline() {
			v.LastMessage = &chat.LastMessage{
				Seq: msg.Seq, Author: msg.Author, Text: text.Truncate(msg.Text, chat.LastMessageLength), CreatedAt: msg.CreatedAt,
			}
		}
		if msg.Seq <= m.readSeq || msg.Author == user {
			continue
		}
		if msg.InTimeline() && msg.System == nil {
			v.Unread = min(v.Unread+1, chat.MaxUnread)
		}
		if slices.Contains(msg.Mentions, user) {
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
		return r.mine(user), nil
	})
}

// membership finds both, or says NotFound.
func (s *Store) membership(id, user string) (*room, *member, error) {
	if r := s.rooms[id]; r != nil && r.member(user) != nil {
		return r, r.member(user), nil
	}
	return nil, nil, errNotFound()
}

// MyRooms implements chat.RoomStore.
func (s *Store) MyRooms(ctx context.Context, user string) ([]chat.MyRoom, error) {
	return read(ctx, s, func() (out []chat.MyRoom, err error) {
		for _, r := range s.rooms {
			if r.member(user) != nil {
				out = append(out, r.mine(user))
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
		was := *m
		set(&m.notify, c.Notify)
		set(&m.starred, c.Starred)
		set(&m.muted, c.Muted)
		if *m != was {
			m.settingsRev++
			s.say(chat.MyRoomChanged{Room: r.mine(c.User)}, c.User)
		}
		return r.mine(c.User), nil
	})
}

// SetRead implements chat.MemberStore.
func (s *Store) SetRead(ctx context.Context, c chat.SetRead) (chat.MyRoom, error) {
	return command(ctx, s, c.Facts, func() (chat.MyRoom, error) {
		r, m, err := s.membership(c.Room, c.User)
		if err != nil {
			return chat.MyRoom{}, err
		}
		if c.Seq < 0 || c.Seq > r.LastSeq {
			return chat.MyRoom{}, chat.InvalidField("seq", "A number from 0 to the room's last_seq, %d, is needed.", r.LastSeq)
		}
		if m.readSeq == c.Seq {
			return r.mine(c.User), nil
		}
		m.readSeq = c.Seq
		m.readRev++
		v := r.mine(c.User)
		s.say(chat.ReadMoved{Room: r.ID, Read: chat.ReadState{
			User: c.User, Seq: v.ReadSeq, ReadRev: v.ReadRev, Unread: v.Unread, MentionCount: v.MentionCount,
		}}, c.User)
		return v, nil
	})
}
