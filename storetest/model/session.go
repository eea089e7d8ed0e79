package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen"
)

// AddSession implements canteen.SessionStore.
func (s *Store) AddSession(ctx context.Context, c canteen.NewSession) error {
	return do(ctx, s, canteen.Facts{}, func() error {
		u := s.users[c.Session.User]
		if u == nil {
			return errNotFound()
		}
		if u.Deactivated || u.Epoch != c.Session.UserEpoch {
			return canteen.ErrStale
		}
		s.insertSession(c)
		return nil
	})
}

// insertSession keeps it; the oldest beyond the bound end.
func (s *Store) insertSession(c canteen.NewSession) {
	for h, session := range s.sessions { // those that expired are nobody's any more
		if session.User == c.Session.User && !c.Session.CreatedAt.Before(session.ExpiresAt) {
			delete(s.sessions, h)
		}
	}
	others := s.sessionsOf(c.Session.User)
	s.sessions[c.Secret] = copied(&c.Session)
	if len(others) < canteen.MaxSessions {
		return
	}
	ended := canteen.SessionsEnded{User: c.Session.User}
	for _, old := range others[canteen.MaxSessions-1:] {
		ended.IDs = append(ended.IDs, old.ID)
		s.dropSession(old.ID)
	}
	s.sayEnded(ended)
}

// sessionsOf are all that are kept of a user, newest first.
func (s *Store) sessionsOf(user string) []canteen.Session {
	var out []canteen.Session
	for _, session := range s.sessions {
		if session.User == user {
			out = append(out, *session)
		}
	}
	slices.SortFunc(out, func(a, b canteen.Session) int {
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

// lives says whether what carries epoch and ends at expires is still good for a user at now.
func (s *Store) lives(user string, epoch int64, expires *time.Time, now time.Time) bool {
	u := s.users[user]
	return u != nil && !u.Deactivated && u.Epoch == epoch && (expires == nil || now.Before(*expires))
}

// Sessions implements canteen.SessionStore.
func (s *Store) Sessions(ctx context.Context, user string, now time.Time) ([]canteen.Session, error) {
	return read(ctx, s, func() ([]canteen.Session, error) {
		return slices.DeleteFunc(s.sessionsOf(user), func(session canteen.Session) bool {
			return !now.Before(session.ExpiresAt) || s.users[user].Epoch != session.UserEpoch
		}), nil
	})
}

// SessionBySecret implements canteen.SessionStore.
func (s *Store) SessionBySecret(ctx context.Context, _ string, h canteen.SecretHash, now time.Time) (canteen.Session, canteen.User, error) {
	var u canteen.User
	session, err := read(ctx, s, func() (canteen.Session, error) {
		session := s.sessions[h]
		if session == nil || !s.lives(session.User, session.UserEpoch, &session.ExpiresAt, now) {
			return canteen.Session{}, errNotFound()
		}
		u = s.users[session.User].view()
		return *session, nil
	})
	return session, u, err
}

// TouchSession implements canteen.SessionStore.
func (s *Store) TouchSession(ctx context.Context, user, id string, seen, expires time.Time) error {
	return do(ctx, s, canteen.Facts{}, func() error {
		for _, session := range s.sessions {
			if session.User == user && session.ID == id {
				session.LastSeenAt, session.ExpiresAt = seen, expires
				return nil
			}
		}
		return errNotFound()
	})
}

// EndSession implements canteen.SessionStore.
func (s *Store) EndSession(ctx context.Context, user, id string) error {
	return do(ctx, s, canteen.Facts{}, func() error {
		if !slices.ContainsFunc(s.sessionsOf(user), func(session canteen.Session) bool { return session.ID == id }) {
			return errNotFound()
		}
		s.dropSession(id)
		s.sayEnded(canteen.SessionsEnded{User: user, IDs: []string{id}})
		return nil
	})
}
