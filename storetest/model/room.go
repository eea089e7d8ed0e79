package model

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/canteen-chat/canteen"
)

const maxBrowsed = 200

// room is a room with all that is in it. Its Members and MemberCount are found when somebody looks.
type room struct {
	canteen.Room
	nameFold string
	members  []*member  // by joined_at, then user
	messages []*message // message n has seq n+1

	firstReadRev int64 // of whoever joins
}

// view is a copy.
func (r *room) view() canteen.Room {
	v := r.Room
	v.MemberCount = len(r.members)
	if r.Kind == canteen.Direct {
		v.Members = slices.Sorted(slices.Values(r.ids()))
	}
	return v
}

// ids are the members'.
func (r *room) ids() []string {
	var ids []string
	for _, m := range r.members {
		ids = append(ids, m.User)
	}
	return ids
}

// RoomAccess implements canteen.RoomStore.
func (s *Store) RoomAccess(ctx context.Context, room, user string) (canteen.RoomAccess, error) {
	return read(ctx, s, func() (canteen.RoomAccess, error) {
		r := s.rooms[room]
		if r == nil {
			return canteen.RoomAccess{}, errNotFound()
		}
		of := canteen.RoomAccess{Room: r.view()}
		if m := r.member(user); m != nil {
			of.Role = m.Role
		}
		return of, nil
	})
}

// Browse implements canteen.RoomStore.
func (s *Store) Browse(ctx context.Context, user, q string) ([]canteen.Room, error) {
	return read(ctx, s, func() ([]canteen.Room, error) {
		var found []*room
		for _, r := range s.rooms {
			if r.Kind == canteen.Public && !r.Archived && r.member(user) == nil && strings.Contains(r.nameFold, q) {
				found = append(found, r)
			}
		}
		slices.SortFunc(found, func(a, b *room) int { return cmp.Compare(a.nameFold, b.nameFold) })
		var out []canteen.Room
		for _, r := range found[:min(len(found), maxBrowsed)] {
			out = append(out, r.view())
		}
		return out, nil
	})
}

// AddRoom implements canteen.RoomStore.
func (s *Store) AddRoom(ctx context.Context, c canteen.AddRoom) (canteen.Room, bool, error) {
	created := false
	r, err := command(ctx, s, c.Facts, func() (canteen.Room, error) {
		if c.Room.Kind == canteen.Direct {
			if r := s.directRoom(c.Members); r != nil {
				return r.view(), nil
			}
		}
		if err := s.mayAddRoom(c); err != nil {
			return canteen.Room{}, err
		}
		created = true
		r := s.insertRoom(c.Room, c.NameFold, c.Members)
		for _, m := range c.Members {
			s.say(canteen.RoomJoined{Room: r.mine(m.User)}, m.User)
		}
		return r.view(), nil
	})
	return r, created, err
}

func (s *Store) mayAddRoom(c canteen.AddRoom) error {
	for _, m := range c.Members {
		if s.users[m.User] == nil {
			return errNotFound()
		}
	}
	if c.Room.Kind == canteen.Direct { // as many as there are sets of people
		return nil
	}
	if c.Room.Kind == canteen.Public && s.nameTaken(c.NameFold, "") {
		return errTaken("name", "There is a room of this name already.")
	}
	n := 0
	for _, r := range s.rooms {
		if r.Kind != canteen.Direct {
			n++
		}
	}
	if n >= canteen.MaxRooms {
		return canteen.Errorf(canteen.Conflict, "There are %d rooms, which is as many as a workspace can have.", n)
	}
	return nil
}

// directRoom is the direct room of this set of people, if there is one.
func (s *Store) directRoom(members []canteen.RoomMembership) *room {
	var ids []string
	for _, m := range members {
		ids = append(ids, m.User)
	}
	slices.Sort(ids)
	for _, r := range s.rooms {
		if r.Kind == canteen.Direct && slices.Equal(r.view().Members, ids) {
			return r
		}
	}
	return nil
}

// nameTaken says whether a public room other than except has the name.
func (s *Store) nameTaken(fold, except string) bool {
	for _, r := range s.rooms {
		if r.Kind == canteen.Public && r.nameFold == fold && r.ID != except {
			return true
		}
	}
	return false
}

func (s *Store) insertRoom(of canteen.Room, fold string, members []canteen.RoomMembership) *room {
	r := &room{Room: of, nameFold: fold}
	r.Members, r.Rev, r.LastSeq = nil, 0, 0
	for _, m := range members {
		r.join(m)
	}
	s.rooms[r.ID] = r
	return r
}
