// Package model is a canteen.Store in memory, written to be read: one mutex, maps and slices, every sum counted afresh.
// It is what other stores are compared with, and what tests of the doors run on.
//
// It keeps the contract of canteen.Store but durability: what it holds ends with the process. What goes in and what comes
// out is copied, so nobody can change it from outside. It is never faster than it is plain: reads walk through a whole
// room.
//
// It imports the standard library, the root package and text.
package model

import (
	"context"
	"sync"

	"github.com/canteen-chat/canteen"
)

// Store is a canteen.Store.
type Store struct {
	mu        sync.Mutex
	feed      canteen.Feed
	said      []canteen.Announcement // by the command under way
	workspace *canteen.Workspace
	users     map[string]*user  // by id
	handles   map[string]string // whose a handle is for ever
	directory int64             // version of all users
	sessions  map[canteen.SecretHash]*canteen.Session
	tokens    map[canteen.SecretHash]*canteen.Token
	invites   map[canteen.SecretHash]*canteen.Invite
	rooms     map[string]*room          // by id
	uses      map[string]map[string]use // of emoji, by user and emoji
}

var _ canteen.Store = (*Store)(nil)

// New makes an empty store. The feed may be nil; it is called with the store locked, so it must not call the store.
func New(feed canteen.Feed) *Store {
	if feed == nil {
		feed = func([]canteen.Announcement) {}
	}
	return &Store{
		feed: feed, users: map[string]*user{}, handles: map[string]string{}, sessions: map[canteen.SecretHash]*canteen.Session{},
		tokens: map[canteen.SecretHash]*canteen.Token{}, invites: map[canteen.SecretHash]*canteen.Invite{},
		rooms: map[string]*room{}, uses: map[string]map[string]use{},
	}
}

// command runs f while the facts hold, then announces what it said. f changes nothing before it can no longer fail.
func command[T any](ctx context.Context, s *Store, facts canteen.Facts, f func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return *new(T), err
	}
	if !s.hold(facts) {
		return *new(T), canteen.ErrStale
	}
	s.said = nil
	v, err := f()
	if err != nil {
		return *new(T), err
	}
	if len(s.said) > 0 {
		s.feed(s.said)
	}
	return v, nil
}

// do is command without a result.
func do(ctx context.Context, s *Store, facts canteen.Facts, f func() error) error {
	_, err := command(ctx, s, facts, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// read runs f while nothing changes.
func read[T any](ctx context.Context, s *Store, f func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return *new(T), err
	}
	return f()
}

// say announces an event once the command is done, unless nobody is to hear it.
func (s *Store) say(e canteen.Event, to ...string) {
	if len(to) > 0 {
		s.said = append(s.said, canteen.Announcement{Event: e, To: to})
	}
}

// sayEnded tells the live port, and no client, that sessions or tokens are over.
func (s *Store) sayEnded(e canteen.SessionsEnded) {
	s.said = append(s.said, canteen.Announcement{Event: e})
}

// hold says whether every fact is still so.
func (s *Store) hold(f canteen.Facts) bool {
	if f.User != nil {
		u := s.users[f.User.ID]
		if u == nil || u.Deactivated || u.Role != f.User.Role || u.Epoch != f.User.Epoch {
			return false
		}
	}
	if f.Room != nil {
		r := s.rooms[f.Room.ID]
		if r == nil || (canteen.RoomFact{ID: r.ID, Kind: r.Kind, Posting: r.Posting, Archived: r.Archived}) != *f.Room {
			return false
		}
	}
	if f.Member == nil {
		return true
	}
	var role canteen.RoomRole
	if r := s.rooms[f.Member.Room]; r != nil && r.member(f.Member.User) != nil {
		role = r.member(f.Member.User).Role
	}
	return role == f.Member.Role
}

func errNotFound() *canteen.Error { return canteen.Errorf(canteen.NotFound, "There is nothing here.") }

func errTaken(field, message string) *canteen.Error {
	return &canteen.Error{Code: canteen.Conflict, Field: field, Message: message}
}

// set changes v when there is something to change it to.
func set[T any](v, to *T) {
	if to != nil {
		*v = *to
	}
}

// copied is a pointer to a copy.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
