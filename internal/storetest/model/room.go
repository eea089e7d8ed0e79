package model

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// room is a room with its members and messages. Members and MemberCount are computed when it is read.
type room struct {
	chat.Room
	members  []*member  // by joined_at, then user
	messages []*message // message n has seq n+1

	firstReadRev int64 // ReadRev of the next user who joins
	threads      map[threadKey]thread.Row
	about        chat.RoomAbout
	confirmed    map[int64]map[string]time.Time // by seq, then user
}

// view copies the room.
func (r *room) view() chat.Room {
	v := r.Room
	v.MemberCount = len(r.members)
	if r.Kind == chat.Direct {
		v.Members = slices.Sorted(slices.Values(r.ids()))
	}
	return v
}

// ids are the ids of the members.
func (r *room) ids() []string {
	var ids []string
	for _, m := range r.members {
		ids = append(ids, m.User)
	}
	return ids
}

// RoomAccess implements chat.RoomStore.
func (s *Store) RoomAccess(ctx context.Context, room, user string) (chat.RoomAccess, error) {
	return read(ctx, s, func() (chat.RoomAccess, error) {
		r := s.rooms[room]
		if r == nil {
			return chat.RoomAccess{}, chat.ErrNotFound()
		}
		of := chat.RoomAccess{Room: r.view()}
		if m := r.member(user); m != nil {
			of.Role = m.Role
		}
		return of, nil
	})
}

// RoomByName implements chat.RoomStore.
func (s *Store) RoomByName(ctx context.Context, name string) (string, error) {
	return read(ctx, s, func() (string, error) {
		for id, r := range s.rooms {
			if r.Kind == chat.Public && chat.RoomFold(r.Name) == chat.RoomFold(name) {
				return id, nil
			}
		}
		return "", chat.ErrNotFound()
	})
}

// Browse implements chat.RoomStore.
func (s *Store) Browse(ctx context.Context, q chat.BrowseQuery) (chat.RoomPage, error) {
	return read(ctx, s, func() (chat.RoomPage, error) {
		var rest []chat.Room
		total, after := 0, s.rooms[q.After]
		if q.After != "" && (after == nil || after.Kind != chat.Public) {
			return chat.RoomPage{}, chat.ErrNotFound()
		}
		for _, r := range s.rooms {
			if r.Kind != chat.Public || r.Archived || r.member(q.User) != nil || !strings.Contains(chat.RoomFold(r.Name), q.Text) {
				continue
			}
			if total++; after == nil || byName(r.Room, after.Room) > 0 {
				v := r.view()
				v.Description = r.about.Description
				rest = append(rest, v)
			}
		}
		slices.SortFunc(rest, byName)
		return q.PageOf(rest, total), nil
	})
}

func byName(a, b chat.Room) int {
	return cmp.Or(cmp.Compare(chat.RoomFold(a.Name), chat.RoomFold(b.Name)), cmp.Compare(a.ID, b.ID))
}

// AddRoom implements chat.RoomStore.
func (s *Store) AddRoom(ctx context.Context, c chat.AddRoom) (chat.Room, bool, error) {
	created := false
	r, err := command(ctx, s, c.Facts, func() (chat.Room, error) {
		if c.Room.Kind == chat.Direct {
			if r := s.directRoom(c.People()); r != nil {
				return r.view(), nil
			}
		}
		if err := s.mayAddRoom(c); err != nil {
			return chat.Room{}, err
		}
		created = true
		r := s.insertRoom(c)
		for _, m := range c.Members {
			s.emit(chat.RoomJoined{User: m.User, Room: r.myRoom(m.User)})
		}
		return r.view(), nil
	})
	return r, created, err
}

func (s *Store) mayAddRoom(c chat.AddRoom) error {
	for _, m := range c.Members {
		if s.users[m.User] == nil {
			return chat.ErrNotFound()
		}
	}
	for _, m := range c.Members {
		if err := bot.MayBegin(c, s.users[m.User].User, s.owner); err != nil {
			return err
		}
	}
	if c.Room.Kind == chat.Public && s.nameTaken(c.Room.Name, "") {
		return chat.ErrRoomNameTaken()
	}
	n := 0
	for _, r := range s.rooms {
		if r.Kind != chat.Direct {
			n++
		}
	}
	return c.MayAddRoom(n)
}

// directRoom finds the direct room with exactly these people; nil if there is none.
func (s *Store) directRoom(people []string) *room {
	for _, r := range s.rooms {
		if r.Kind == chat.Direct && slices.Equal(r.view().Members, people) {
			return r
		}
	}
	return nil
}

// nameTaken says whether a public room other than except has a name that looks like this one.
func (s *Store) nameTaken(name, except string) bool {
	for _, r := range s.rooms {
		if r.Kind == chat.Public && chat.RoomKey(r.Name) == chat.RoomKey(name) && r.ID != except {
			return true
		}
	}
	return false
}

func (s *Store) insertRoom(c chat.AddRoom) *room {
	r := &room{Room: c.Room}
	r.Members, r.Rev, r.LastSeq = nil, 0, 0
	for _, m := range c.Members {
		r.join(m, s.users[m.User].NotifyIn(r.Kind))
	}
	s.rooms[r.ID] = r
	return r
}
