package client

import (
	"slices"

	"github.com/canteen-chat/canteen/wire"
)

// An answer is a look at some moment, and may come late: after events, or other answers, that are newer. None of the Take
// functions goes back in time; what cannot be told from an answer is asked again.

// TakeRoom takes the answer of GET /rooms/{room}, or a room that answers a command.
func (s *State) TakeRoom(fresh wire.MyRoom, asked Asked) []Need {
	if fresh.Role == "" { // a public room as strangers see it
		return s.TakeGone(fresh.ID, asked)
	}
	r := s.Rooms[fresh.ID]
	if s.turns[fresh.ID] != asked[fresh.ID] || r != nil && (fresh.Rev < r.Room.Rev || fresh.ReadRev < r.Room.ReadRev) {
		return []Need{{"room", fresh.ID}}
	}
	s.turns[fresh.ID]++
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

// TakeGone takes a 404: the room is not there, or not one's own any more.
func (s *State) TakeGone(room string, asked Asked) []Need {
	if s.turns[room] != asked[room] {
		return []Need{{"room", room}}
	}
	s.turns[room]++
	delete(s.Rooms, room)
	return nil
}

// TakeRooms takes the answer of GET /rooms: all of one's rooms, and no other.
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

// TakeUsers takes the answer of GET /users: the directory as one sees it.
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

// TakeChanges takes one page of GET /rooms/{room}/changes, of those that were asked for from since on. Where more is true, go
// on with the page's Next and the same since here.
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
	case since > r.Held: // an older page was shown meanwhile
		return []Need{{"changes", room}}
	default:
		r.Held = max(r.Held, c.Head)
	}
	return nil
}

// TakePage takes a page of GET /rooms/{room}/messages, to be held in place of what was.
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

// TakeMore takes a page before (older) or after edge, the seq at that end of the stretch when it was asked for.
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
		return nil // the stretch is another by now
	}
	behind := p.Head < r.Held
	r.Held = min(r.Held, p.Head)
	if behind {
		return []Need{{"changes", room}}
	}
	return nil
}
