package model

import (
	"cmp"
	"context"
	"slices"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// user is a user with the fields that only the store has. disambiguate computes Ambiguous.
type user struct {
	chat.User
	emailFold string
	password  string
}

// view copies the user.
func (u *user) view() chat.User {
	v := u.User
	if v.Status != nil {
		v.Status = copied(v.Status)
		v.Status.Until = copied(v.Status.Until)
	}
	a := &v.Settings.Attention
	a.Keywords, a.Quiet.Until, a.Quiet.Schedule = slices.Clone(a.Keywords), copied(a.Quiet.Until), copied(a.Quiet.Schedule)
	if a.Quiet.Schedule != nil {
		a.Quiet.Schedule.Days = slices.Clone(a.Quiet.Schedule.Days)
	}
	v.Settings.Sections = slices.Clone(v.Settings.Sections)
	for i, s := range v.Settings.Sections {
		v.Settings.Sections[i].Rooms = slices.Clone(s.Rooms)
	}
	return v
}

// User implements chat.UserStore.
func (s *Store) User(ctx context.Context, id string) (chat.User, error) {
	return s.findUser(ctx, func(u *user) bool { return u.ID == id })
}

// UsersByHandle implements chat.UserStore.
func (s *Store) UsersByHandle(ctx context.Context, handles []string) ([]chat.User, error) {
	return read(ctx, s, func() (out []chat.User, err error) {
		for _, id := range sorted(s.users) {
			if u := s.users[id]; slices.Contains(handles, u.Handle) {
				out = append(out, u.view())
			}
		}
		return out, nil
	})
}

func (s *Store) findUser(ctx context.Context, is func(*user) bool) (chat.User, error) {
	return read(ctx, s, func() (chat.User, error) {
		for _, u := range s.users {
			if is(u) {
				return u.view(), nil
			}
		}
		return chat.User{}, chat.ErrNotFound()
	})
}

// Credentials implements chat.UserStore.
func (s *Store) Credentials(ctx context.Context, emailFold string) (chat.User, string, error) {
	return s.credentials(ctx, func(u *user) bool { return u.emailFold == emailFold })
}

// CredentialsOf implements chat.UserStore.
func (s *Store) CredentialsOf(ctx context.Context, id string) (chat.User, string, error) {
	return s.credentials(ctx, func(u *user) bool { return u.ID == id })
}

func (s *Store) credentials(ctx context.Context, is func(*user) bool) (chat.User, string, error) {
	var hash string
	u, err := s.findUser(ctx, func(u *user) bool {
		if is(u) {
			hash = u.password
		}
		return is(u)
	})
	return u, hash, err
}

// Users implements chat.UserStore.
func (s *Store) Users(ctx context.Context) ([]chat.User, int64, error) {
	var version int64
	us, err := read(ctx, s, func() (us []chat.User, err error) {
		version = s.directory
		for _, u := range s.users {
			us = append(us, u.view())
		}
		slices.SortFunc(us, func(a, b chat.User) int { return cmp.Compare(a.ID, b.ID) })
		return us, nil
	})
	return us, version, err
}

// CoMembers implements chat.UserStore.
func (s *Store) CoMembers(ctx context.Context, user string) ([]string, error) {
	return read(ctx, s, func() ([]string, error) { return s.coMembers(user), nil })
}

func (s *Store) coMembers(user string) []string {
	ids := []string{user}
	for _, r := range s.rooms {
		if r.member(user) != nil {
			ids = append(ids, r.ids()...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// AddUser implements chat.UserStore.
func (s *Store) AddUser(ctx context.Context, c chat.AddUser) (chat.User, error) {
	return command(ctx, s, c.Facts, func() (chat.User, error) {
		var invite *chat.Invite
		if c.Invite != nil {
			var err error
			if invite, err = s.usable(*c.Invite, c.User.EmailFold, c.At); err != nil {
				return chat.User{}, err
			}
		}
		rooms, err := s.firstRooms(c)
		if err != nil {
			return chat.User{}, err
		}
		if err := s.ofOwner(c.User.User.Owner, bot.MayMake); err != nil {
			return chat.User{}, err
		}
		if s.handles[c.User.User.Handle] != "" {
			return chat.User{}, chat.ErrHandleTaken()
		}
		for _, u := range s.users {
			if u.emailFold == c.User.EmailFold {
				return chat.User{}, chat.ErrEmailTaken()
			}
		}
		if invite != nil {
			if invite.Uses++; invite.UsedUp() {
				delete(s.invites, *c.Invite)
			}
		}
		u := s.insertUser(c.User)
		others := s.disambiguate(u)
		for _, r := range rooms {
			r.join(chat.RoomMembership{User: u.ID, Role: chat.RoomMember, JoinedAt: c.At}, u.NotifyIn(r.Kind))
		}
		s.emitUser(u)
		for _, r := range rooms {
			s.emit(chat.RoomJoined{User: u.ID, Room: r.myRoom(u.ID)})
		}
		for _, r := range rooms {
			s.emitMembers(r)
		}
		for _, other := range others {
			s.emitUser(other)
		}
		if c.Hook != nil {
			s.hooks[u.ID] = copied(c.Hook)
		}
		if c.Session != nil {
			s.insertSession(*c.Session)
		}
		return u.view(), nil
	})
}

func (s *Store) firstRooms(c chat.AddUser) ([]*room, error) {
	ids, err := c.FirstRooms(func(id string) (chat.Room, bool, error) {
		if r := s.rooms[id]; r != nil {
			return r.Room, true, nil
		}
		return chat.Room{}, false, nil
	})
	out := make([]*room, len(ids))
	for i, id := range ids {
		out[i] = s.rooms[id]
	}
	return out, err
}

func (s *Store) insertUser(n chat.NewUser) *user {
	u := &user{User: n.User, emailFold: n.EmailFold, password: n.PasswordHash}
	u.User = u.view() // copies the caller's status
	u.Ambiguous = u.Deceptive()
	s.users[u.ID] = u
	s.handles[u.Handle] = u.ID
	s.directory++
	return u
}

// disambiguate computes Ambiguous of all users. It gives the users for whom it has changed, except of.
func (s *Store) disambiguate(of *user) []*user {
	var others []*user
	for _, u := range s.users {
		is := u.Deceptive()
		for _, o := range s.users {
			is = is || o != u && alike(o.User, u.User)
		}
		if is != u.Ambiguous && u != of {
			others = append(others, u)
		}
		u.Ambiguous = is
	}
	slices.SortFunc(others, func(a, b *user) int { return cmp.Compare(a.ID, b.ID) })
	return others
}

// alike says whether two users share a key.
func alike(a, b chat.User) bool {
	keys := b.NameKeys()
	return slices.ContainsFunc(a.NameKeys(), func(k string) bool { return slices.Contains(keys, k) })
}

// emitUser announces that a user has changed.
func (s *Store) emitUser(u *user) {
	s.directory++
	s.emit(chat.UserChanged{User: u.view()})
}
