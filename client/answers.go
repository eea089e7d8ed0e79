package client

import (
	"slices"

	"github.com/canteen-chat/canteen/wire"
)

// An answer shows the server's state at one moment. It may arrive after newer events or newer answers. No Take function replaces
// newer state by older state; what an answer leaves open is returned as a Need.

// TakeRoom takes the answer of GET /rooms/{room}, or a room that answers a command.
func (s *State) TakeRoom(fresh wire.MyRoom, asked Asked) []Need {
	if fresh.Role == "" { // a public room that the user is not in
		return s.TakeGone(fresh.ID, asked)
	}
	r := s.Rooms[fresh.ID]
	if s.turns[fresh.ID] != asked[fresh.ID] || r != nil && (fresh.Rev < r.Room.Rev || fresh.ReadRev < r.Room.ReadRev) {
		return []Need{{"room", fresh.ID}}
	}
	s.turns[fresh.ID]++
	if r == nil || fresh.Rev > r.Room.Rev {
		s.Threads.behind(fresh.ID)
	}
	if r == nil {
		s.Rooms[fresh.ID] = &RoomState{Room: fresh}
		return nil
	}
	r.Room = fresh
	if r.Loaded && fresh.Rev > r.Held {
		return []Need{{"changes", fresh.ID}}
	}
	return nil
}

// TakeMessage takes a message that answers a command.
func (s *State) TakeMessage(m wire.Message) {
	if r := s.Rooms[m.Room]; r != nil {
		s.merge(r, m)
	}
}

// TakeGone takes a 404: the room does not exist, or the user is no longer a member.
func (s *State) TakeGone(room string, asked Asked) []Need {
	if s.turns[room] != asked[room] {
		return []Need{{"room", room}}
	}
	s.turns[room]++
	delete(s.Rooms, room)
	s.Threads.forget(room)
	return nil
}

// TakeRooms takes the answer of GET /rooms: all rooms of the user and no others.
func (s *State) TakeRooms(rooms []wire.MyRoom, asked Asked) (needs []Need) {
	for id := range s.Rooms {
		if !slices.ContainsFunc(rooms, func(r wire.MyRoom) bool { return r.ID == id }) {
			needs = append(needs, s.TakeGone(id, asked)...)
		}
	}
	for _, r := range rooms {
		needs = append(needs, s.TakeRoom(r, asked)...)
	}
	return needs
}

// TakeUsers takes the answer of GET /users: the users whom this user may see.
func (s *State) TakeUsers(users []wire.User, asked Asked) []Need {
	if s.turns[directory] != asked[directory] {
		return []Need{{What: "users"}}
	}
	s.turns[directory]++
	clear(s.Users)
	for _, u := range users {
		s.Users[u.ID] = u
	}
	return nil
}

// TakeChanges takes one page of GET /rooms/{room}/changes. since is the revision that the first page was requested with. If More
// is true, request the next page with the page's Next, and pass the same since here.
func (s *State) TakeChanges(room string, since int64, c wire.Changes) []Need {
	r := s.Rooms[room]
	if r == nil || !r.Loaded {
		return nil
	}
	for _, m := range c.Messages {
		s.merge(r, m)
	}
	switch {
	case c.More:
	case since > r.Held: // TakePage or TakeMore has put in an older page meanwhile
		return []Need{{"changes", room}}
	default:
		r.Held = max(r.Held, c.Head)
	}
	return nil
}

// TakePage takes a page of GET /rooms/{room}/messages. The page replaces the messages held before.
func (s *State) TakePage(room string, p wire.Page) []Need {
	r := s.Rooms[room]
	if r == nil {
		return nil
	}
	newest := max(r.Room.Rev, r.Held)
	r.Loaded, r.Held, r.Messages, r.MoreBefore, r.MoreAfter = true, p.Head, p.Messages, p.MoreBefore, p.MoreAfter
	switch {
	case newest > p.Head:
		return []Need{{"changes", room}}
	case r.Room.Rev < p.Head:
		return []Need{{"room", room}}
	}
	return nil
}

// TakeMore takes a page before (older) or after edge, and adds it to the messages held. edge is the seq of the first or last
// message at the time of the request.
func (s *State) TakeMore(room string, p wire.Page, older bool, edge int64) []Need {
	r := s.Rooms[room]
	if r == nil || !r.Loaded || len(r.Messages) == 0 {
		return nil
	}
	known := func(m wire.Message) bool {
		_, found := slices.BinarySearchFunc(r.Messages, m.Seq, bySeq)
		return found
	}
	fresh := slices.DeleteFunc(slices.Clone(p.Messages), known)
	switch {
	case older && r.Messages[0].Seq == edge:
		r.Messages, r.MoreBefore = append(fresh, r.Messages...), p.MoreBefore
	case !older && r.Messages[len(r.Messages)-1].Seq == edge:
		r.Messages, r.MoreAfter = append(r.Messages, fresh...), p.MoreAfter
	default:
		return nil // the messages held have been replaced since the request
	}
	behind := p.Head < r.Held
	r.Held = min(r.Held, p.Head)
	if behind {
		return []Need{{"changes", room}}
	}
	return nil
}
