package model

import (
	"context"
	"reflect"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// UpdateUser implements chat.UserStore.
func (s *Store) UpdateUser(ctx context.Context, c chat.UpdateUser) (chat.User, error) {
	return command(ctx, s, c.Facts, func() (chat.User, error) {
		u := s.users[c.User]
		if u == nil {
			return chat.User{}, errNotFound()
		}
		if c.Was != nil && (c.Was.Role != u.Role || c.Was.Epoch != u.Epoch) {
			return chat.User{}, chat.ErrStale
		}
		now := changed(u.view(), c)
		if err := s.mayBecome(u, now); err != nil {
			return chat.User{}, err
		}
		was := u.view()
		u.User = now
		u.User = u.view() // its own status, not the caller's
		s.handles[u.Handle] = u.ID
		set(&u.password, c.Password)
		if c.EndSessions {
			s.raiseEpoch(u, c)
		}
		var others []*user
		if c.Name != nil {
			u.nameFold, u.mixed = c.Name.Fold, c.Name.Mixed
			others = s.disambiguate(u)
		}
		was.Epoch = u.Epoch
		if !reflect.DeepEqual(was, u.view()) {
			s.sayUser(u)
		}
		for _, other := range others {
			s.sayUser(other)
		}
		return u.view(), nil
	})
}

// changed is the user after the command, but for what depends on others.
func changed(u chat.User, c chat.UpdateUser) chat.User {
	set(&u.Handle, c.Handle)
	set(&u.Title, c.Title)
	set(&u.TimeZone, c.TimeZone)
	set(&u.Status, c.Status)
	set(&u.Settings, c.Settings)
	set(&u.Role, c.Role)
	set(&u.Deactivated, c.Deactivated)
	if c.Name != nil {
		u.Name = c.Name.Name
	}
	return u
}

// mayBecome refuses another's handle, and to leave the workspace without an active owner.
func (s *Store) mayBecome(u *user, now chat.User) error {
	if of := s.handles[now.Handle]; of != "" && of != u.ID {
		return errTaken("handle", "Somebody has or had this handle. Choose another.")
	}
	isOwner := func(u chat.User) bool { return u.Role == chat.Owner && !u.Deactivated }
	if !isOwner(u.User) || isOwner(now) {
		return nil
	}
	for _, o := range s.users {
		if o != u && isOwner(o.User) {
			return nil
		}
	}
	return errTaken("role", "The workspace needs an owner. Make somebody else one first.")
}

// raiseEpoch ends the sessions and tokens that are not kept: those kept take the new epoch.
func (s *Store) raiseEpoch(u *user, c chat.UpdateUser) {
	ended := chat.SessionsEnded{User: u.ID, All: !c.KeepTokens, Except: c.KeepSession}
	u.Epoch++
	for h, session := range s.sessions {
		switch {
		case session.User != u.ID:
		case session.ID == c.KeepSession:
			session.UserEpoch = u.Epoch
		default:
			delete(s.sessions, h)
			if c.KeepTokens { // All would end the tokens too, so those that end are named
				ended.IDs = append(ended.IDs, session.ID)
			}
		}
	}
	for h, token := range s.tokens {
		switch {
		case token.User != u.ID:
		case c.KeepTokens:
			token.UserEpoch = u.Epoch
		default:
			delete(s.tokens, h)
		}
	}
	slices.Sort(ended.IDs)
	s.sayEnded(ended)
}
