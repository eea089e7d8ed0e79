// Package model is a chat.Store in memory, written to be read: one mutex, maps and slices, every sum counted afresh.
// It is what other stores are compared with, and what tests of the doors run on.
//
// It keeps the contract of chat.Store but durability: what it holds ends with the process. What goes in and what comes
// out is copied, so nobody can change it from outside. It is never faster than it is plain: reads walk through a whole
// room.
//
// It imports the standard library, the root package and text.
package model

import (
	"context"
	"slices"
	"sync"

	"github.com/canteen-chat/canteen/chat"
)

// Store is a chat.Store.
type Store struct {
	mu        sync.Mutex
	feed      chat.Feed
	said      []chat.Announcement // by the command under way
	workspace *chat.Workspace
	users     map[string]*user  // by id
	handles   map[string]string // whose a handle is for ever
	directory int64             // version of all users
	sessions  map[chat.SecretHash]*chat.Session
	tokens    map[chat.SecretHash]*chat.Token
	invites   map[chat.SecretHash]*chat.Invite
	rooms     map[string]*room // by id
	uses      []chat.EmojiUse
}

var _ chat.Store = (*Store)(nil)

// New makes an empty store. The feed may be nil; it is called with the store locked, so it must not call the store.
func New(feed chat.Feed) *Store {
	if feed == nil {
		feed = func([]chat.Announcement) {}
	}
	return &Store{
		feed: feed, users: map[string]*user{}, handles: map[string]string{}, sessions: map[chat.SecretHash]*chat.Session{},
		tokens: map[chat.SecretHash]*chat.Token{}, invites: map[chat.SecretHash]*chat.Invite{},
		rooms: map[string]*room{},
	}
}

// command runs f while the facts hold, then announces what it said. f changes nothing before it can no longer fail.
func command[T any](ctx context.Context, s *Store, facts chat.Facts, f func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return *new(T), err
	}
	if !s.hold(facts) {
		return *new(T), chat.ErrStale
	}
	s.said = nil
	v, err := f()
	if err != nil {
		return *new(T), err
	}
	return v, s.announce(ctx)
}

// do is command without a result.
func do(ctx context.Context, s *Store, facts chat.Facts, f func() error) error {
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

// say announces an event once the command is done.
func (s *Store) say(e chat.Event) {
	s.said = append(s.said, chat.Announcement{Event: e, Audience: chat.AudienceOf(e, 0)})
}

// announce gives the feed what a command said, to whom it is for now that the command is done.
func (s *Store) announce(ctx context.Context) error {
	for i := range s.said {
		var err error
		if s.said[i].To, err = s.said[i].Audience.Resolve(ctx, membership{s}); err != nil {
			return err
		}
	}
	if len(s.said) > 0 {
		s.feed(s.said)
	}
	return nil
}

// membership implements chat.Membership on a store that is locked.
type membership struct{ s *Store }

// MembersAt implements chat.Membership.
func (m membership) MembersAt(_ context.Context, room string, _ int64) ([]string, error) {
	if r := m.s.rooms[room]; r != nil {
		return r.ids(), nil
	}
	return nil, nil
}

// PeopleAt implements chat.Membership.
func (m membership) PeopleAt(context.Context, int64) (others, guests []string, err error) {
	for id, u := range m.s.users {
		if u.Role == chat.Guest {
			guests = append(guests, id)
		} else {
			others = append(others, id)
		}
	}
	slices.Sort(others)
	slices.Sort(guests)
	return others, guests, nil
}

// CoMembers implements chat.Membership.
func (m membership) CoMembers(_ context.Context, user string) ([]string, error) {
	return m.s.coMembers(user), nil
}

// hold says whether every fact is still so.
func (s *Store) hold(f chat.Facts) bool {
	if f.User != nil {
		u := s.users[f.User.ID]
		if u == nil || u.Deactivated || u.Role != f.User.Role || u.Epoch != f.User.Epoch {
			return false
		}
	}
	if f.Room != nil {
		r := s.rooms[f.Room.ID]
		if r == nil || (chat.RoomFact{ID: r.ID, Kind: r.Kind, Posting: r.Posting, Archived: r.Archived}) != *f.Room {
			return false
		}
	}
	if f.Member == nil {
		return true
	}
	var role chat.RoomRole
	if r := s.rooms[f.Member.Room]; r != nil && r.member(f.Member.User) != nil {
		role = r.member(f.Member.User).Role
	}
	return role == f.Member.Role
}

// copied is a pointer to a copy.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
