package sqlite

import (
	"context"
	"sync"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const (
	maxSecrets = 8192  // most sessions and tokens in memory
	maxRoles   = 32768 // most pairs of a room and a user in memory
)

// access caches what every request looks up first: the owner of a session or token secret, and a user's role in a room. Only this
// process writes to the file (see the lock in package server), so the writer knows each change.
//
// The writer updates the cache after the commit and before it acknowledges, so no lookup after an acknowledgement returns older state. A
// read may begin before a commit and end after it. Its result is cached only if gen is unchanged. The cache does not check expiry;
// callers compare it with the clock.
type access struct {
	mu      sync.Mutex
	gen     int64 // grows with each change that a running read may have missed
	secrets map[secretKey]secretOwner
	rooms   map[string]*roomRoles
	roles   int // number of roles in rooms, all together
}

// secretKey is the hash of a secret. The kind is part of the key, so a session's secret is never valid as a token.
type secretKey struct {
	token bool
	hash  chat.SecretHash
}

// secretOwner is a session or a token, and its user. It is valid unless it has expired.
type secretOwner struct {
	session chat.Session
	token   chat.Token
	user    chat.User
}

// roomRoles is a room and the roles of users in it. The role of a user who is not a member is "".
type roomRoles struct {
	room  chat.Room
	roles map[string]chat.RoomRole
}

// cached returns what look finds in the cache. Otherwise it loads the value, and caches it unless something changed meanwhile.
func cached[T any](ctx context.Context, s *Store, look func(*access) (T, bool), load func(*conn) (T, error), keep func(*access, T)) (T,
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

// keepRole caches a role. It never lowers the cached counters, since the writer may have raised them after v was read.
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

// effect is the set of cached things in access that a statement may change.
type effect uint8

const (
	onSecrets  effect = 1 << iota // users, sessions or tokens
	onRooms                       // rooms or roles in them
	onTouch                       // times of last use, and the expiry of sessions and tokens
	onCounters                    // a room's rev and last_seq
)

// effectOf returns the effect of one authorizer action. SQLite reports the actions of a statement when it prepares the statement: for an
// update, one action for each column.
func effectOf(a sqlite.Action) effect {
	switch a.Type() {
	case sqlite.OpInsert, sqlite.OpDelete, sqlite.OpUpdate:
	default:
		return 0
	}
	column := a.Column() // "" for inserts and deletes
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

// changes records how a batch changed the contents of access. The effects come from the authorizer. Commands also report which room or
// session their onCounters and onTouch statements changed (see reportCounters and reportTouched). If a command does not report such a
// statement, access drops everything.
type changes struct {
	effects    effect
	unreported int // onTouch and onCounters statements that no command has reported
	counters   []counters
	touched    []string // ids of sessions and tokens
}

type counters struct {
	room     string
	seq, rev int64
}

func (ch *changes) executed(e effect) {
	ch.effects |= e
	if e&(onTouch|onCounters) != 0 {
		ch.unreported++
	}
}

// reportCounters reports that a statement raised a room's counters. seq is 0 if last_seq did not change.
func (ch *changes) reportCounters(room string, seq, rev int64) {
	ch.unreported--
	ch.counters = append(ch.counters, counters{room, seq, rev})
}

// reportTouched reports that a statement changed a session's or token's time of last use.
func (ch *changes) reportTouched(id string) {
	ch.unreported--
	ch.touched = append(ch.touched, id)
}

// apply updates the cache after a commit. After a failed commit it drops everything, since the state on the disk is unknown.
func (a *access) apply(ch *changes, failed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if failed || ch.unreported != 0 || ch.effects&onSecrets != 0 {
		a.secrets = nil
		a.gen++
	}
	if failed || ch.unreported != 0 || ch.effects&onRooms != 0 {
		a.rooms, a.roles = nil, 0
		a.gen++
	}
	for _, c := range ch.counters {
		if r, ok := a.rooms[c.room]; ok {
			r.count(c.seq, c.rev)
		} else {
			a.gen++ // a running read may have seen the old counters
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
