package model

import (
	"context"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// UpdateUser implements chat.UserStore.
func (s *Store) UpdateUser(ctx context.Context, c chat.UpdateUser) (chat.User, error) {
	return command(ctx, s, c.Facts, func() (chat.User, error) {
		u := s.users[c.User]
		if u == nil {
			return chat.User{}, chat.ErrNotFound()
		}
		if err := c.Check(u.User); err != nil {
			return chat.User{}, err
		}
		now := c.Apply(u.view())
		if err := s.mayBecome(u, now); err != nil {
			return chat.User{}, err
		}
		if bot.Wakes(c, u.User) {
			if err := s.ofOwner(u.Owner, bot.MayWake); err != nil {
				return chat.User{}, err
			}
		}
		was := u.view()
		u.User = now
		u.User = u.view() // copies the caller's status
		s.handles[u.Handle] = u.ID
		if c.Password != nil {
			u.password = *c.Password
		}
		if c.EndSessions {
			s.raiseEpoch(u, c)
		}
		if was.MovesDigest(now) {
			s.digests[u.ID] = s.digests[u.ID].AfterChange(was, now, c.At)
		}
		var others []*user
		if c.Compares() {
			others = s.disambiguate(u)
		}
		for _, other := range others {
			s.emitUser(other)
		}
		switch e := was.Told(u.view()).(type) {
		case chat.UserChanged:
			s.emitUser(u)
		case chat.SettingsChanged:
			s.emit(e)
		}
		if bot.Stops(c, was) {
			s.stopBots(u, c)
		}
		return u.view(), nil
	})
}

// mayBecome refuses a handle of another user, and a workspace without an active owner.
func (s *Store) mayBecome(u *user, now chat.User) error {
	if of := s.handles[now.Handle]; of != "" && of != u.ID {
		return chat.ErrHandleTaken()
	}
	return chat.KeepAnOwner(u.User, now, func() (bool, error) {
		for _, o := range s.users {
			if o != u && o.ActiveOwner() {
				return true, nil
			}
		}
		return false, nil
	})
}

// raiseEpoch ends the sessions and tokens of a user, except those to keep, which get the new epoch.
func (s *Store) raiseEpoch(u *user, c chat.UpdateUser) {
	var others []string
	for h, session := range maps.Clone(s.sessions) {
		switch {
		case session.User != u.ID:
		case c.Keeps(session.ID):
			delete(s.sessions, h)
			s.sessions[c.KeepSession.Secret] = copied(new(c.Kept(*session)))
		default:
			delete(s.sessions, h)
			others = append(others, session.ID)
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
	slices.Sort(others)
	s.emit(c.Ended(others))
}
