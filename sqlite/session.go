package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const sessionColumns = `session.id, session.user, session.user_epoch, session.user_agent, session.created_at, session.last_seen_at,
	session.expires_at, session.password_at`

func scanSession(st *sqlite.Stmt) chat.Session { return (&scanner{st: st}).session() }

func (s *scanner) session() chat.Session {
	return chat.Session{
		ID: s.text(), User: s.text(), UserEpoch: s.int64(), UserAgent: s.text(), CreatedAt: s.time(), LastSeenAt: s.time(),
		ExpiresAt: s.time(), PasswordAt: s.time(),
	}
}

// AddSession implements chat.SessionStore.
func (s *Store) AddSession(ctx context.Context, n chat.NewSession) error {
	return do(ctx, s, func(t *tx) error {
		u, err := userByID(t.Conn, n.Session.User)
		if err != nil {
			return err
		}
		if err := n.Fits(u); err != nil {
			return err
		}
		return t.insertSession(n)
	})
}

// insertSession adds a session. It removes the user's expired sessions, and ends the oldest beyond chat.MaxSessions.
func (t *tx) insertSession(n chat.NewSession) error {
	s := n.Session
	if err := exec(t.Conn, "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", n.Secret[:], s.ID, s.User, s.UserEpoch, s.UserAgent,
		millis(s.CreatedAt), millis(s.LastSeenAt), millis(s.ExpiresAt), millis(s.PasswordAt)); err != nil {
		return err
	}
	if err := exec(t.Conn, "DELETE FROM session WHERE user = ? AND expires_at <= ?", s.User, millis(s.CreatedAt)); err != nil {
		return err
	}
	ended, err := rows(t.Conn, text, `DELETE FROM session WHERE id IN (SELECT id FROM session WHERE user = ?1 AND id <> ?2
		ORDER BY created_at DESC, id LIMIT -1 OFFSET ?3) RETURNING id`, s.User, s.ID, chat.MaxSessions-1)
	if err == nil && len(ended) > 0 {
		t.announce(chat.SessionsEnded{User: s.User, IDs: ended})
	}
	return err
}

// Sessions implements chat.SessionStore.
func (s *Store) Sessions(ctx context.Context, user string, now time.Time) ([]chat.Session, error) {
	return read(ctx, s, func(c *conn) ([]chat.Session, error) {
		return rows(c, scanSession, "SELECT "+sessionColumns+` FROM session JOIN user ON user.id = session.user
			WHERE session.user = ? AND user_epoch = epoch AND expires_at > ? ORDER BY created_at DESC, session.id`, user, millis(now))
	})
}

// SessionBySecret implements chat.SessionStore.
func (s *Store) SessionBySecret(ctx context.Context, _ string, h chat.SecretHash, now time.Time) (chat.Session, chat.User, error) {
	v, err := s.secretOwner(ctx, secretKey{hash: h}, func(c *conn) (v secretOwner, of string, epoch int64, err error) {
		v.session, err = found(row(c, scanSession, "SELECT "+sessionColumns+" FROM session WHERE secret = ?", h[:]))
		return v, v.session.User, v.session.UserEpoch, err
	})
	if err == nil && !v.session.Lives(v.user, now) {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return chat.Session{}, chat.User{}, err
	}
	return v.session, v.user, nil
}

// secretOwner returns what load finds, with its user. It returns NotFound when the user is deactivated or has another epoch.
func (s *Store) secretOwner(ctx context.Context, k secretKey,
	load func(*conn) (v secretOwner, user string, epoch int64, err error)) (secretOwner, error) {
	look := func(a *access) (secretOwner, bool) { return a.secret(k) }
	return cached(ctx, s, look, func(c *conn) (secretOwner, error) {
		v, user, epoch, err := load(c)
		if err != nil {
			return v, err
		}
		v.user, err = userByID(c, user)
		if err == nil && (v.user.Deactivated || v.user.Epoch != epoch) {
			err = chat.ErrNotFound()
		}
		return v, err
	}, func(a *access, v secretOwner) { a.keepSecret(k, v) })
}

// TouchSession implements chat.SessionStore.
func (s *Store) TouchSession(ctx context.Context, user, id string, seen, expires time.Time) error {
	return do(ctx, s, func(t *tx) error {
		err := t.requireRow("UPDATE session SET last_seen_at = ?, expires_at = ? WHERE user = ? AND id = ? RETURNING id", millis(seen),
			millis(expires), user, id)
		t.Conn.changes.reportTouched(id)
		return err
	})
}

// EndSession implements chat.SessionStore.
func (s *Store) EndSession(ctx context.Context, user, id string) error {
	return s.end(ctx, "DELETE FROM session WHERE user = ? AND id = ? RETURNING id", user, id)
}

func (s *Store) end(ctx context.Context, query, user, id string) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.requireRow(query, user, id); err != nil {
			return err
		}
		t.announce(chat.SessionsEnded{User: user, IDs: []string{id}})
		return nil
	})
}
