package client

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/wire"
)

// State is what a client knows of the workspace, kept equal to the server's by events and answers: the rules of
// docs/architecture.md, "What a client holds". Events and answers may be late, repeated or missing; none goes back in time.
// It fetches nothing itself: what it Needs, its owner asks for, and gives the answer to the Take function; [Client.Heal] and
// [Client.Follow] do. It is not safe for concurrent use.
type State struct {
	Me    string
	Rooms map[string]*RoomState
	Users map[string]wire.User
	turns Asked
}

// RoomState is one room. When it is Loaded, Messages is a stretch of its timeline, dense between its ends, to which
// everything up to revision Held is applied. Room.Rev is the revision of the counts.
type RoomState struct {
	Room                  wire.MyRoom
	Loaded                bool
	Held                  int64
	Messages              []wire.Message
	MoreBefore, MoreAfter bool
}

// Need is what has to be fetched since an event or an answer alone does not tell it.
type Need struct {
	What string `json:"what"` // changes, room, rooms or users
	Room string `json:"room,omitempty"`
}

// Asked is the moment at which something was asked for: by room, and of the directory, how many changes had come that no
// revision counts.
type Asked map[string]int

const (
	directory = "users"
	many      = 100 // counts are exact below it
	briefly   = 200 // characters of a room's last message
)

// NewState is the state of one who has just signed in.
func NewState(me string) *State {
	return &State{Me: me, Rooms: map[string]*RoomState{}, Users: map[string]wire.User{}, turns: Asked{}}
}

// Asking is the present moment, for the Take functions.
func (s *State) Asking() Asked { return maps.Clone(s.turns) }

// Apply applies one event.
func (s *State) Apply(e Event) ([]Need, error) {
	switch e.Type {
	case "message":
		return applied(e, func(v wire.MessageEvent) []Need { return s.message(v) })
	case "reaction":
		return applied(e, func(v wire.ReactionEvent) []Need {
			return s.revised(v.Room, v.Rev, func(r *RoomState) { s.react(r, v) }, func(*wire.MyRoom) []Need { return nil })
		})
	case "room":
		return applied(e, func(v wire.RoomEvent) []Need {
			return s.settled(v.Room.ID, func(r *wire.MyRoom) { r.Room = v.Room })
		})
	case "my_room":
		return applied(e, func(v wire.MyRoomEvent) []Need {
			return s.settled(v.Room.ID, func(r *wire.MyRoom) {
				r.Role, r.Notify, r.Starred, r.Muted = v.Room.Role, v.Room.Notify, v.Room.Starred, v.Room.Muted
			})
		})
	case "joined":
		return applied(e, s.joined)
	case "left":
		return applied(e, func(v wire.LeftEvent) []Need {
			s.turns[v.Room]++
			delete(s.Rooms, v.Room)
			return s.people()
		})
	case "members":
		return applied(e, func(v wire.MembersEvent) []Need {
			return append(s.settled(v.Room, func(r *wire.MyRoom) { r.MemberCount = v.MemberCount }), s.people()...)
		})
	case "read":
		return applied(e, s.read)
	case "user":
		return applied(e, func(v wire.UserEvent) []Need {
			s.turns[directory]++
			v.User.Email = s.Users[v.User.ID].Email // events say nobody's
			s.Users[v.User.ID] = v.User
			return nil
		})
	case "resync":
		return []Need{{What: "rooms"}, {What: "users"}}, nil
	}
	return nil, nil // hello and pong are the connection's, typing and presence pass; others are of a newer server
}

func applied[T any](e Event, f func(T) []Need) ([]Need, error) {
	var v T
	if err := json.Unmarshal(e.JSON, &v); err != nil {
		return nil, fmt.Errorf("event %s: %w", e.Type, err)
	}
	return f(v), nil
}

func (s *State) joined(v wire.MyRoomEvent) []Need {
	s.turns[v.Room.ID]++
	if s.Rooms[v.Room.ID] != nil { // held already: whichever is newer
		return append([]Need{{"room", v.Room.ID}}, s.people()...)
	}
	s.Rooms[v.Room.ID] = &RoomState{Room: v.Room}
	return s.people()
}

// people: guests see those alone with whom they share a room; who that is changes with memberships.
func (s *State) people() []Need {
	if me, known := s.Users[s.Me]; known && me.Role != "guest" {
		return nil
	}
	s.turns[directory]++
	return []Need{{What: "users"}}
}

func (s *State) read(v wire.ReadEvent) []Need {
	if r := s.Rooms[v.Room]; r != nil && v.ReadRev > r.Room.ReadRev {
		r.Room.ReadSeq, r.Room.ReadRev, r.Room.Unread, r.Room.MentionCount = v.Seq, v.ReadRev, v.Unread, v.MentionCount
	}
	return nil
}

// settled makes a change that takes no revision.
func (s *State) settled(room string, f func(*wire.MyRoom)) []Need {
	s.turns[room]++
	if r := s.Rooms[room]; r != nil {
		f(&r.Room)
	}
	return nil
}

func (s *State) message(v wire.MessageEvent) []Need {
	if v.Message == nil {
		return s.revised(v.Room, v.Rev, nil, nil)
	}
	m := *v.Message
	return s.revised(v.Room, v.Rev, func(r *RoomState) { s.merge(r, m) }, func(r *wire.MyRoom) []Need { return s.counted(r, m) })
}

// revised is the rule of revisions, once for the stretch that is held and once for the counts: the next one applies, an old
// one is ignored, a later one shows a gap. Without functions the event says only that something changed.
func (s *State) revised(room string, rev int64, held func(*RoomState), counts func(*wire.MyRoom) []Need) (needs []Need) {
	r := s.Rooms[room]
	if r == nil {
		return []Need{{What: "rooms"}} // one is a member of what one does not hold
	}
	if r.Loaded && rev > r.Held {
		if held != nil && rev == r.Held+1 {
			held(r)
			r.Held = rev
		} else {
			needs = append(needs, Need{"changes", room})
		}
	}
	if rev > r.Room.Rev {
		if counts != nil && rev == r.Room.Rev+1 {
			needs = append(needs, counts(&r.Room)...)
			r.Room.Rev = rev
		} else {
			needs = append(needs, Need{"room", room})
		}
	}
	return needs
}

// counted brings the counts and the latest message up to date after m changed.
func (s *State) counted(r *wire.MyRoom, m wire.Message) []Need {
	ask := []Need{{"room", r.ID}}
	mentioned := slices.Contains(m.Mentions, s.Me)
	switch {
	case m.Seq <= r.LastSeq: // an edit, a deletion, a thread that grew
		touches := m.Seq > r.ReadSeq || r.LastMessage != nil && m.Seq == r.LastMessage.Seq
		if touches && (m.DeletedAt != nil || m.EditedAt != nil) {
			return ask
		}
		return nil
	case m.Seq > r.LastSeq+1:
		return ask
	}
	r.LastSeq = m.Seq
	if !inTimeline(m) {
		if mentioned {
			return ask
		}
		return nil
	}
	r.LastMessage = &wire.LastMessage{Seq: m.Seq, Author: m.Author, Text: brief(m.Text), CreatedAt: m.CreatedAt}
	switch {
	case m.System != nil:
	case m.Author == s.Me:
		r.ReadSeq, r.Unread, r.MentionCount = m.Seq, 0, 0
	default:
		r.Unread = min(many, r.Unread+1)
		if mentioned {
			r.MentionCount = min(many, r.MentionCount+1)
		}
	}
	return nil
}

func brief(text string) string {
	n := 0
	for i := range text {
		if n++; n > briefly {
			return text[:i]
		}
	}
	return text
}

func inTimeline(m wire.Message) bool { return m.Thread == 0 || m.AlsoInRoom }

func bySeq(m wire.Message, seq int64) int { return int(m.Seq - seq) }

// merge puts a message into the stretch: in place of an older state of it, or where it belongs; what lies outside is left out.
func (s *State) merge(r *RoomState, m wire.Message) {
	if !r.Loaded || !inTimeline(m) {
		return
	}
	i, found := slices.BinarySearchFunc(r.Messages, m.Seq, bySeq)
	switch {
	case found && r.Messages[i].Rev < m.Rev:
		r.Messages[i] = s.seen(m, r.Messages[i].Reactions)
	case found, i == len(r.Messages) && r.MoreAfter, i == 0 && i < len(r.Messages) && r.MoreBefore:
	default:
		r.Messages = slices.Insert(r.Messages, i, s.seen(m, nil))
	}
}

// seen is m as its viewer sees it: live events do not say who looks.
func (s *State) seen(m wire.Message, before []wire.Reaction) wire.Message {
	m.Reactions = slices.Clone(m.Reactions)
	for i, r := range m.Reactions {
		if r.Me == nil {
			me := slices.Contains(r.Users, s.Me) || r.Count > len(r.Users) && mine(before, r.Emoji)
			m.Reactions[i].Me = &me
		}
	}
	return m
}

func mine(rs []wire.Reaction, emoji string) bool {
	i := slices.IndexFunc(rs, func(r wire.Reaction) bool { return r.Emoji == emoji })
	return i >= 0 && rs[i].Me != nil && *rs[i].Me
}

// react lets one user join or leave one emoji.
func (s *State) react(r *RoomState, e wire.ReactionEvent) {
	i, found := slices.BinarySearchFunc(r.Messages, e.Seq, bySeq)
	if !found || r.Messages[i].Rev >= e.Rev {
		return
	}
	m := r.Messages[i]
	me := mine(m.Reactions, e.Reaction.Emoji)
	if e.User == s.Me {
		me = e.Added
	}
	e.Reaction.Me = &me
	is := func(o wire.Reaction) bool { return o.Emoji == e.Reaction.Emoji }
	m.Rev, m.Reactions = e.Rev, slices.Clone(m.Reactions)
	switch at := slices.IndexFunc(m.Reactions, is); {
	case e.Reaction.Count == 0:
		m.Reactions = slices.DeleteFunc(m.Reactions, is)
	case at < 0:
		m.Reactions = append(m.Reactions, e.Reaction)
	default:
		m.Reactions[at] = e.Reaction
	}
	r.Messages[i] = m
}
