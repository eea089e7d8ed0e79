package chat

import (
	"context"
	"time"
)

// Session is one signed-in browser.
type Session struct {
	ID         string
	User       string
	UserEpoch  int64 // must equal User.Epoch, else the session is over
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	PasswordAt time.Time // when its user last entered the password; zero: not known
}

// Lives says whether the session still signs its user in at now.
func (s Session) Lives(u User, now time.Time) bool {
	return u.admits(s.UserEpoch) && now.Before(s.ExpiresAt)
}

// holder is the actor as the session and its user say.
func (s Session) holder(a Actor, u User) Actor {
	a.User, a.SessionID, a.Until, a.PasswordAt = u, s.ID, s.ExpiresAt, s.PasswordAt
	return a
}

// SessionStore holds signed-in sessions by the hash of their secret.
type SessionStore interface {
	// AddSession makes a session; the oldest beyond MaxSessions of the user end. ErrStale when the user's epoch is not the
	// session's or the user is deactivated.
	AddSession(ctx context.Context, c NewSession) error
	// Sessions are those that live: not expired at now, of the user's present epoch.
	Sessions(ctx context.Context, user string, now time.Time) ([]Session, error) // by created_at, newest first
	// SessionBySecret gives the session and its user. NotFound when there is none, it is expired at now, the user's epoch is
	// another or the user is deactivated. owner is whose the secret says it is, where to look; "" when it does not say.
	SessionBySecret(ctx context.Context, owner string, h SecretHash, now time.Time) (Session, User, error)
	TouchSession(ctx context.Context, user, id string, seen, expires time.Time) error
	// EndSession is NotFound when the user has no such session. Announces SessionsEnded.
	EndSession(ctx context.Context, user, id string) error
}

// NewSession is a session with the hash of its secret.
type NewSession struct {
	Session Session
	Secret  SecretHash
}

// Fits is [ErrStale] when the session was made for another epoch of its user, or the user is deactivated.
func (c NewSession) Fits(u User) error {
	if !u.admits(c.Session.UserEpoch) {
		return ErrStale
	}
	return nil
}

// BySession finds who a session's secret belongs to: Unauthenticated when to nobody any more.
func (c *Canteen) BySession(ctx context.Context, secret string) (Actor, error) {
	now := c.clock.Time()
	s, u, err := c.store.SessionBySecret(ctx, ownerOf(secret), HashSecret(secret), now)
	if err != nil {
		return Actor{}, unauthenticated(err)
	}
	if now.Sub(s.LastSeenAt) >= SessionTouch {
		expires := now.Add(SessionIdle)
		if end := s.CreatedAt.Add(SessionLife); end.Before(expires) {
			expires = end
		}
		if err := c.store.TouchSession(ctx, u.ID, s.ID, now, expires); err != nil && ErrorCode(err) != NotFound {
			c.log.WarnContext(ctx, "session not touched", "session", s.ID, "error", err)
		}
		s.ExpiresAt = expires
	}
	return s.holder(Actor{}, u), nil
}

func unauthenticated(err error) error {
	if ErrorCode(err) == NotFound {
		return Errorf(Unauthenticated, "Sign in first.")
	}
	return err
}

// Sessions are the actor's own, newest first.
func (c *Canteen) Sessions(ctx context.Context, a Actor) ([]Session, error) {
	return perform(ctx, c, a, CmdSessions, use[[]Session]{do: func(at *attempt) ([]Session, error) {
		return c.store.Sessions(ctx, at.User.ID, c.clock.Time())
	}})
}

// EndSessions ends all other sessions of the actor, and all tokens. The actor's own session goes on with a new secret, which is given.
func (c *Canteen) EndSessions(ctx context.Context, a Actor) (string, error) {
	return perform(ctx, c, a, CmdEndSessions, use[string]{do: func(at *attempt) (string, error) {
		keep, secret := at.renewed()
		_, err := c.store.UpdateUser(ctx, UpdateUser{
			User: at.User.ID, Facts: at.facts(), EndSessions: true, KeepSession: keep, At: c.clock.Time(),
		})
		return secret, err
	}})
}

// renewed is the actor's session, to be kept, and the secret that it will have.
func (a Actor) renewed() (*KeptSession, string) {
	secret := NewSecretOf(a.User.ID)
	return &KeptSession{a.SessionID, HashSecret(secret)}, secret
}

// EndSession ends one of the actor's own sessions.
func (c *Canteen) EndSession(ctx context.Context, a Actor, id string) error {
	_, err := perform(ctx, c, a, CmdEndSession, use[struct{}]{
		about: []any{"ended", id},
		may:   func(at *attempt) error { return second(c.Still(ctx, at.Actor)) },
		do:    func(at *attempt) (struct{}, error) { return struct{}{}, c.store.EndSession(ctx, at.User.ID, id) },
	})
	return err
}
