package sqlite

import (
	"context"
	"sync"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const (
	maxSecrets = 8192  // sessions and tokens that are held in memory
	maxRoles   = 32768 // pairs of a room and a user that are held in memory
)

// access holds in memory what every request asks first: whose a secret is, and what a user is in a room. This process alone writes to
// the file (see server's lock), so the writer knows each change.
//
// The writer updates it after the commit and before it acknowledges, so that nobody who asks after an acknowledgement is told what was
// so before. A read under way may have begun before a commit and end after it: it keeps its result only if gen is still the same.
// Nothing that depends on the time is decided here: who asks compares expiry with the clock.
type access struct {
	mu      sync.Mutex
	gen     int64 // grows with each change that a read under way may have missed
	secrets map[secretKey]secretOwner
	rooms   map[string]*roomRoles
	roles   int // in all of rooms
}

// secretKey keeps apart what opens a session and what a token is.
type secretKey struct {
	token bool
	hash  chat.SecretHash
}

// secretOwner is a session or a token with its user. Both live, apart from their expiry.
type secretOwner struct {
	session chat.Session
	token   chat.Token
	user    chat.User
}

// roomRoles is a room and what users are in it, "" for who is not a member.
type roomRoles struct {
	room  chat.Room
	roles map[string]chat.RoomRole
}

// remembered gives what look finds in memory, else loads it and has it kept unless something changed meanwhile.
func remembered[T any](ctx context.Context, s *Store, look func(*access) (T, bool), load func(*conn) (T, error), keep func(*access, T)) (T,
	error) {
	a := &s.access
	a.mu.Lock()
	v, ok := look(a)
	gen := a.gen
	a.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := read(ctx, s, load)
	if err != nil {
		return v, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if gen == a.gen {
		keep(a, v)
	}
	return v, nil
}

func (a *access) secret(k secretKey) (secretOwner, bool) {
	v, ok := a.secrets[k]
	return v, ok
}

func (a *access) keepSecret(k secretKey, v secretOwner) {
	if a.secrets == nil || len(a.secrets) >= maxSecrets {
		a.secrets = map[secretKey]secretOwner{}
	}
	a.secrets[k] = v
}

func (a *access) role(room, user string) (chat.RoomAccess, bool) {
	r, ok := a.rooms[room]
	if !ok {
		return chat.RoomAccess{}, false
	}
	role, ok := r.roles[user]
	return chat.RoomAccess{Room: r.room, Role: role}, ok
}

// keepRole keeps the counters that are there: the writer may have moved them on since v was read.
func (a *access) keepRole(user string, v chat.RoomAccess) {
	if a.rooms == nil || a.roles >= maxRoles {
		a.rooms, a.roles = map[string]*roomRoles{}, 0
	}
	r, ok := a.rooms[v.ID]
	if !ok {
		r = &roomRoles{v.Room, map[string]chat.RoomRole{}}
		a.rooms[v.ID] = r
	}
	r.count(v.LastSeq, v.Rev)
	if _, ok := r.roles[user]; !ok {
		a.roles++
	}
	r.roles[user] = v.Role
}

func (r *roomRoles) count(seq, rev int64) {
	r.room.LastSeq, r.room.Rev = max(r.room.LastSeq, seq), max(r.room.Rev, rev)
}

// effect is what of access a statement may make wrong.
type effect uint8

const (
	onSecrets  effect = 1 << iota // users, sessions or tokens
	onRooms                       // rooms or roles in them
	onTouch                       // when a session or token was last used, and a session's expiry
	onCounters                    // a room's rev and last_seq
)

// effectOf reads an action that SQLite asks the authorizer about when it prepares a statement. An update is asked for each column.
func effectOf(a sqlite.Action) effect {
	switch a.Type() {
	case sqlite.OpInsert, sqlite.OpDelete, sqlite.OpUpdate:
	default:
		return 0
	}
	column := a.Column() // "" of inserts and deletes
	switch a.Table() {
	case "user":
		return onSecrets
	case "session", "token":
		if column == "last_seen_at" || column == "expires_at" || column == "last_used_at" {
			return onTouch
		}
		return onSecrets
	case "room":
		if column == "rev" || column == "last_seq" {
			return onCounters
		}
		return onRooms
	case "member":
		if column == "" || column == "role" || column == "room" || column == "user" {
			return onRooms
		}
	}
	return 0
}

// changes are what a batch did to what access holds: the effects of its statements, of which those on single rows are told by the
// commands (counted, touched). Whatever is not told makes access forget all that it could concern.
type changes struct {
	effects  effect
	untold   int // statements with onTouch or onCounters that no command has told of
	counters []counters
	touched  []string // sessions and tokens by id
}

type counters struct {
	room     string
	seq, rev int64
}

func (ch *changes) executed(e effect) {
	ch.effects |= e
	if e&(onTouch|onCounters) != 0 {
		ch.untold++
	}
}

// counted tells that a statement moved a room's counters on. A seq of 0 stayed.
func (ch *changes) counted(room string, seq, rev int64) {
	ch.untold--
	ch.counters = append(ch.counters, counters{room, seq, rev})
}

// touchedID tells that a statement changed when a session or token was last used.
func (ch *changes) touchedID(id string) {
	ch.untold--
	ch.touched = append(ch.touched, id)
}

// apply is called by the writer after each commit. After a failed one it forgets everything: nobody knows what the disk holds.
func (a *access) apply(ch *changes, failed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if failed || ch.untold != 0 || ch.effects&onSecrets != 0 {
		a.secrets = nil
		a.gen++
	}
	if failed || ch.untold != 0 || ch.effects&onRooms != 0 {
		a.rooms, a.roles = nil, 0
		a.gen++
	}
	for _, c := range ch.counters {
		if r, ok := a.rooms[c.room]; ok {
			r.count(c.seq, c.rev)
		} else {
			a.gen++ // a read under way may have the counters from before
		}
	}
	for _, id := range ch.touched {
		a.gen++
		for k, v := range a.secrets {
			if v.session.ID == id || v.token.ID == id {
				delete(a.secrets, k)
			}
		}
	}
}
