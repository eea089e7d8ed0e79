// Package model is a simple chat.Store in memory: one mutex, maps and slices, every count computed when it is read. Other stores are
// compared with it, and tests of other packages use it.
//
// It fulfils the contract of chat.Store except durability: its data ends with the process. It copies all values that it receives and
// returns, so that callers cannot change its data. It is simple and slow: a read may go through all messages of a room.
//
// It may import chat and text.
package model

import (
	"context"
	"slices"
	"sync"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/pagecache"
)

// Store implements chat.Store.
type Store struct {
	mu        sync.Mutex
	feed      chat.Feed
	emitted   []chat.Announcement // announcements of the running command
	workspace *chat.Workspace
	users     map[string]*user // by id
	inboxes   map[string]*box  // by user
	digests   map[string]chat.DigestState
	previews  map[string]pagecache.Record
	handles   map[string]string // user ids by present and former handles
	directory int64             // version of the directory
	sessions  map[chat.SecretHash]*chat.Session
	tokens    map[chat.SecretHash]*chat.Token
	invites   map[chat.SecretHash]*chat.Invite
	hooks     map[string]*chat.Hook // by id
	rooms     map[string]*room      // by id
	files     map[string]chat.FileRow
	uses      []chat.EmojiUse
	audit     []audit.Row // oldest first
	auditHead audit.Head

	emoji         map[string]emojiname.Emoji // by name
	emojiRevision string
}

var (
	_ chat.Store     = (*Store)(nil)
	_ chat.FileStore = (*Store)(nil)
)

// New makes an empty store. feed may be nil. The store is locked while it calls feed, so feed must not call the store.
func New(feed chat.Feed) *Store {
	if feed == nil {
		feed = func([]chat.Announcement) {}
	}
	return &Store{
		feed: feed, users: map[string]*user{}, inboxes: map[string]*box{}, digests: map[string]chat.DigestState{},
		previews: map[string]pagecache.Record{},
		handles:  map[string]string{}, sessions: map[chat.SecretHash]*chat.Session{},
		tokens: map[chat.SecretHash]*chat.Token{}, invites: map[chat.SecretHash]*chat.Invite{},
		hooks: map[string]*chat.Hook{},
		rooms: map[string]*room{}, emoji: map[string]emojiname.Emoji{}, files: map[string]chat.FileRow{},
	}
}

// command runs f if the facts hold, and then announces its events. f must not change anything before its last possible error.
func command[T any](ctx context.Context, s *Store, facts chat.Facts, f func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return *new(T), err
	}
	if !s.hold(facts) {
		return *new(T), chat.ErrStale
	}
	s.emitted = nil
	v, err := f()
	if err != nil {
		return *new(T), err
	}
	if r, ok := facts.Audit.Next(s.auditHead); ok {
		s.addAudit(r)
	}
	return v, s.announce(ctx)
}

// do is command without a result.
func do(ctx context.Context, s *Store, facts chat.Facts, f func() error) error {
	_, err := command(ctx, s, facts, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// read runs f with the store locked.
func read[T any](ctx context.Context, s *Store, f func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return *new(T), err
	}
	return f()
}

// emit adds an event to the announcements of the running command.
func (s *Store) emit(e chat.Event) {
	s.emitted = append(s.emitted, chat.Announcement{Event: e, Audience: chat.AudienceOf(e, 0)})
}

// announce passes the announcements of a command to the feed, with the audiences after the command.
func (s *Store) announce(ctx context.Context) error {
	for i := range s.emitted {
		var err error
		if s.emitted[i].To, err = s.emitted[i].Audience.Resolve(ctx, membership{s}); err != nil {
			return err
		}
	}
	if len(s.emitted) > 0 {
		s.feed(s.emitted)
	}
	return nil
}

// membership implements audience.Membership for a store that is locked.
type membership struct{ s *Store }

// MembersAt implements audience.Membership.
func (m membership) MembersAt(_ context.Context, room string, _ int64) ([]string, error) {
	if r := m.s.rooms[room]; r != nil {
		return r.ids(), nil
	}
	return nil, nil
}

// FollowersAt implements audience.Membership.
func (m membership) FollowersAt(_ context.Context, room string, root, _ int64) ([]string, error) {
	if r := m.s.rooms[room]; r != nil {
		return r.followers(root), nil
	}
	return nil, nil
}

// PeopleAt implements audience.Membership.
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

// CoMembers implements audience.Membership.
func (m membership) CoMembers(_ context.Context, user string) ([]string, error) {
	return m.s.coMembers(user), nil
}

// hold says whether all facts are still true.
func (s *Store) hold(f chat.Facts) bool {
	if f.User != nil {
		u := s.users[f.User.ID]
		if u == nil || u.Deactivated || u.Role != f.User.Role || u.Epoch != f.User.Epoch {
			return false
		}
	}
	if f.Room != nil {
		r := s.rooms[f.Room.ID]
		if r == nil || (chat.RoomFact{ID: r.ID, Kind: r.Kind, Posting: r.Posting, OwnersBroadcast: r.OwnersBroadcast, Archived: r.Archived}) != *f.Room {
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

// copied gives a pointer to a copy; nil for nil.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
