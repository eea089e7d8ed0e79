package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// AddSession implements chat.SessionStore.
func (s *Store) AddSession(ctx context.Context, c chat.NewSession) error {
	return do(ctx, s, chat.Facts{}, func() error {
		u := s.users[c.Session.User]
		if u == nil {
			return chat.ErrNotFound()
		}
		if err := c.Fits(u.User); err != nil {
			return err
		}
		s.insertSession(c)
		return nil
	})
}

// insertSession stores a session. It ends the oldest sessions above the limit.
func (s *Store) insertSession(c chat.NewSession) {
	for h, session := range s.sessions { // drop expired sessions
		if session.User == c.Session.User && !c.Session.CreatedAt.Before(session.ExpiresAt) {
			delete(s.sessions, h)
		}
	}
	others := s.sessionsOf(c.Session.User)
	s.sessions[c.Secret] = copied(&c.Session)
	if len(others) < chat.MaxSessions {
		return
	}
	ended := chat.SessionsEnded{User: c.Session.User}
	for _, old := range others[chat.MaxSessions-1:] {
		ended.IDs = append(ended.IDs, old.ID)
		s.dropSession(old.ID)
	}
	s.emit(ended)
}

// sessionsOf are all stored sessions of a user, newest first.
func (s *Store) sessionsOf(user string) []chat.Session {
	var out []chat.Session
	for _, session := range s.sessions {
		if session.User == user {
			out = append(out, *session)
		}
	}
	slices.SortFunc(out, func(a, b chat.Session) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (s *Store) dropSession(id string) {
	for h, session := range s.sessions {
		if session.ID == id {
			delete(s.sessions, h)
		}
	}
}

// Sessions implements chat.SessionStore.
func (s *Store) Sessions(ctx context.Context, user string, now time.Time) ([]chat.Session, error) {
	return read(ctx, s, func() ([]chat.Session, error) {
		return slices.DeleteFunc(s.sessionsOf(user), func(session chat.Session) bool {
			return !now.Before(session.ExpiresAt) || s.users[user].Epoch != session.UserEpoch
		}), nil
	})
}

// SessionBySecret implements chat.SessionStore.
func (s *Store) SessionBySecret(ctx context.Context, _ string, h chat.SecretHash, now time.Time) (chat.Session, chat.User, error) {
	var u chat.User
	session, err := read(ctx, s, func() (chat.Session, error) {
		session := s.sessions[h]
		if session == nil || !session.Lives(s.users[session.User].User, now) {
			return chat.Session{}, chat.ErrNotFound()
		}
		u = s.users[session.User].view()
		return *session, nil
	})
	return session, u, err
}

// TouchSession implements chat.SessionStore.
func (s *Store) TouchSession(ctx context.Context, user, id string, seen, expires time.Time) error {
	return do(ctx, s, chat.Facts{}, func() error {
		for _, session := range s.sessions {
			if session.User == user && session.ID == id {
				session.LastSeenAt, session.ExpiresAt = seen, expires
				return nil
			}
		}
		return chat.ErrNotFound()
	})
}

// EndSession implements chat.SessionStore.
func (s *Store) EndSession(ctx context.Context, user, id string) error {
	return do(ctx, s, chat.Facts{}, func() error {
		if !slices.ContainsFunc(s.sessionsOf(user), func(session chat.Session) bool { return session.ID == id }) {
			return chat.ErrNotFound()
		}
		s.dropSession(id)
		s.emit(chat.SessionsEnded{User: user, IDs: []string{id}})
		return nil
	})
}
