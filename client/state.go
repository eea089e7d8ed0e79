package client

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// State is a client's copy of the workspace. Events and answers keep it up to date by the rules of docs/architecture.md, "What a
// client holds". They may be late, repeated or missing; older data never replaces newer data. State fetches nothing itself: it
// returns Needs, and its owner sends the requests and passes the answers to the Take functions, as [Client.Heal] and
// [Client.Follow] do. It is not safe for concurrent use.
type State struct {
	Me    string
	Rooms map[string]*RoomState
	Users map[string]wire.User
	// Threads are the threads that the user follows; nil until WatchThreads is called.
	Threads *Threads
	turns   Asked
}

// RoomState is one room. If it is Loaded, Messages is a part of its timeline without gaps, with all changes up to revision Held
// applied. Room.Rev is the revision of the counts.
type RoomState struct {
	Room                  wire.MyRoom
	Loaded                bool
	Held                  int64
	Messages              []wire.Message
	MoreBefore, MoreAfter bool
}

// Need is something to fetch, because an event or answer did not contain it.
type Need struct {
	What string `json:"what"` // changes, room, rooms or users
	Room string `json:"room,omitempty"`
}

// Asked is a version of the state at the time of a request. For each room, and for the directory, it counts the changes so far that
// have no revision.
type Asked map[string]int

const (
	directory = "users"
	many      = 100 // counts are exact below this number
)

// NewState makes the empty state of the user me.
func NewState(me string) *State {
	return &State{Me: me, Rooms: map[string]*RoomState{}, Users: map[string]wire.User{}, turns: Asked{}}
}

// Asking is the present version of the state. Get it before a request, and pass it to the Take function with the answer.
func (s *State) Asking() Asked { return maps.Clone(s.turns) }

// Apply applies one event.
func (s *State) Apply(e Event) ([]Need, error) {
	switch e.Type {
	case "message":
		return applied(e, func(v wire.MessageEvent) []Need { return s.message(v) })
	case "reaction":
		return applied(e, func(v wire.ReactionEvent) []Need {
			s.Threads.shown(v.Room, v.Seq)
			return s.revised(v.Room, v.Rev, func(r *RoomState) { s.react(r, v) }, func(*wire.MyRoom) []Need { return nil })
		})
	case "poll":
		return applied(e, func(v wire.PollEvent) []Need {
			s.Threads.shown(v.Room, v.Seq)
			return s.revised(v.Room, v.Rev, func(r *RoomState) { s.poll(r, v) }, func(*wire.MyRoom) []Need { return nil })
		})
	case "room":
		return applied(e, func(v wire.RoomEvent) []Need {
			return s.settled(v.Room.ID, func(r *wire.MyRoom) { r.Room = v.Room })
		})
	case "my_room":
		return applied(e, func(v wire.MyRoomEvent) []Need {
			return s.settled(v.Room.ID, func(r *wire.MyRoom) {
				r.Role, r.Notify, r.Starred, r.Muted, r.Greet = v.Room.Role, v.Room.Notify, v.Room.Starred, v.Room.Muted, v.Room.Greet
			})
		})
	case "joined":
		return applied(e, s.joined)
	case "left":
		return applied(e, func(v wire.LeftEvent) []Need {
			s.turns[v.Room]++
			delete(s.Rooms, v.Room)
			s.Threads.forget(v.Room)
			return s.people()
		})
	case "members":
		return applied(e, func(v wire.MembersEvent) []Need {
			return append(s.settled(v.Room, func(r *wire.MyRoom) { r.MemberCount = v.MemberCount }), s.people()...)
		})
	case "read":
		return applied(e, s.read)
	case "user":
		return applied(e, s.user)
	case "thread":
		return applied(e, func(v wire.ThreadEvent) []Need {
			s.Threads.changed(ThreadID{v.Room, v.Seq})
			return nil
		})
	case "resync":
		s.Threads.lost()
		return []Need{{What: "rooms"}, {What: "users"}}, nil
	}
	// hello and pong concern the connection; State does not hold notify, typing and presence; other types are of newer servers.
	return nil, nil
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
	if s.Rooms[v.Room.ID] != nil { // it is not known whether the event or the room held is newer
		return append([]Need{{"room", v.Room.ID}}, s.people()...)
	}
	s.Rooms[v.Room.ID] = &RoomState{Room: v.Room}
	return s.people()
}

// people asks for the directory if the user is, or may be, a guest: a change of membership changes whom a guest sees.
func (s *State) people() []Need {
	if me, known := s.Users[s.Me]; known && me.Role != "guest" {
		return nil
	}
	s.turns[directory]++
	return []Need{{What: "users"}}
}

// user applies a change of somebody. The user's own role says whom they see, and whose e-mail addresses: another one makes the directory
// another. That of a guest may be newer than this event, and hold people whom events of before it have put back.
func (s *State) user(v wire.UserEvent) []Need {
	was, known := s.Users[v.User.ID]
	s.turns[directory]++
	v.User.Email = was.Email // events do not contain it
	s.Users[v.User.ID] = v.User
	if known && v.User.ID == s.Me && (v.User.Role != was.Role || v.User.Role == "guest") {
		return []Need{{What: "users"}}
	}
	return nil
}

// read applies the next move of the user's read pointer. An older one is ignored. A later one reveals a gap: what is missing may be
// an own post whose event is still to come, and which would then raise ReadRev once more.
func (s *State) read(v wire.ReadEvent) []Need {
	r := s.Rooms[v.Room]
	if r == nil || v.ReadRev <= r.Room.ReadRev {
		return nil
	}
	if v.ReadRev > r.Room.ReadRev+1 {
		return []Need{{"room", v.Room}}
	}
	r.Room.ReadSeq, r.Room.ReadRev, r.Room.Unread, r.Room.MentionCount = v.Seq, v.ReadRev, v.Unread, v.MentionCount
	return nil
}

// settled makes a change that has no revision.
func (s *State) settled(room string, f func(*wire.MyRoom)) []Need {
	s.turns[room]++
	if r := s.Rooms[room]; r != nil {
		f(&r.Room)
	}
	return nil
}

func (s *State) message(v wire.MessageEvent) []Need {
	if v.Message == nil {
		s.Threads.shown(v.Room, v.Seq)
		return s.revised(v.Room, v.Rev, nil, nil)
	}
	m := *v.Message
	s.Threads.shown(m.Room, m.Seq)
	return s.revised(v.Room, v.Rev, func(r *RoomState) { s.merge(r, m) }, func(r *wire.MyRoom) []Need { return s.updateCounts(r, m) })
}

// revised applies the rule of revisions to the messages held, and then to the counts. The next revision is applied, an older one
// is ignored, a later one reveals a gap. If the functions are nil, the event only says that something changed.
func (s *State) revised(room string, rev int64, held func(*RoomState), counts func(*wire.MyRoom) []Need) (needs []Need) {
	r := s.Rooms[room]
	if r == nil {
		return []Need{{What: "rooms"}} // the user is a member of a room that the state does not have
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
			s.Threads.behind(room)
		}
	}
	return needs
}

// lastMessage is a message as the list of rooms shows it.
func lastMessage(m wire.Message) *wire.LastMessage {
	brief := chat.Message{Text: m.Text}.Brief().Text // as the server shortens it
	return &wire.LastMessage{Seq: m.Seq, Author: m.Author, Text: brief, CreatedAt: m.CreatedAt}
}

// updateCounts updates the counts and the latest message of a room after m changed.
func (s *State) updateCounts(r *wire.MyRoom, m wire.Message) []Need {
	ask := []Need{{"room", r.ID}}
	mentioned := slices.Contains(m.Mentions, s.Me) || m.Author != s.Me && m.Broadcast == string(chat.BroadcastRoom)
	switch {
	case m.Seq <= r.LastSeq: // an edit, a deletion, or a new reply in the message's thread
		touches := m.Seq > r.ReadSeq || r.LastMessage != nil && m.Seq == r.LastMessage.Seq
		if touches && (m.DeletedAt != nil || m.EditedAt != nil || mentioned && m.ThreadInfo == nil) {
			return ask
		}
		if r.LastMessage != nil && m.Seq == r.LastMessage.Seq { // a bot is writing it
			r.LastMessage = lastMessage(m)
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
	r.LastMessage = lastMessage(m)
	switch {
	case m.System != nil:
	case m.Author == s.Me:
		if m.Seq > r.ReadSeq { // else the pointer was read after the post, and the rest of the room before it
			r.ReadSeq = m.Seq
			r.ReadRev++
		}
		r.Unread, r.MentionCount = 0, 0
	default:
		r.Unread = min(many, r.Unread+1)
		if mentioned {
			r.MentionCount = min(many, r.MentionCount+1)
		}
	}
	return nil
}

func inTimeline(m wire.Message) bool { return m.Thread == 0 || m.AlsoInRoom }

func bySeq(m wire.Message, seq int64) int { return int(m.Seq - seq) }

// merge puts a message into the messages held: it replaces an older state of the message, or is inserted at its place. A message
// outside of the range held is dropped.
func (s *State) merge(r *RoomState, m wire.Message) {
	if !r.Loaded || !inTimeline(m) {
		return
	}
	i, found := slices.BinarySearchFunc(r.Messages, m.Seq, bySeq)
	switch {
	case found && r.Messages[i].Rev < m.Rev:
		r.Messages[i] = s.withMe(m, r.Messages[i])
	case found, i == len(r.Messages) && r.MoreAfter, i == 0 && i < len(r.Messages) && r.MoreBefore:
	default:
		r.Messages = slices.Insert(r.Messages, i, s.withMe(m, wire.Message{}))
	}
}

// withMe sets what m says of the user, from its state before: live events are the same for all users and do not contain it.
func (s *State) withMe(m, before wire.Message) wire.Message {
	m = withMine(m, before)
	m.Reactions = slices.Clone(m.Reactions)
	for i, r := range m.Reactions {
		if r.Me == nil {
			me := slices.Contains(r.Users, s.Me) || r.Count > len(r.Users) && reactedByMe(before.Reactions, r.Emoji)
			m.Reactions[i].Me = &me
		}
	}
	return m
}

func reactedByMe(rs []wire.Reaction, emoji string) bool {
	i := slices.IndexFunc(rs, func(r wire.Reaction) bool { return r.Emoji == emoji })
	return i >= 0 && rs[i].Me != nil && *rs[i].Me
}

// react applies a reaction event to the messages held.
func (s *State) react(r *RoomState, e wire.ReactionEvent) {
	i, found := slices.BinarySearchFunc(r.Messages, e.Seq, bySeq)
	if !found || r.Messages[i].Rev >= e.Rev {
		return
	}
	m := r.Messages[i]
	me := reactedByMe(m.Reactions, e.Reaction.Emoji)
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
