package dynamodb

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// session is the item of a session. pk is its user, sk the hash of its secret.
type session struct {
	ID         string `dynamodbav:"id"`
	User       string `dynamodbav:"pk"`
	UserEpoch  int64  `dynamodbav:"user_epoch"`
	UserAgent  string `dynamodbav:"user_agent"`
	CreatedAt  int64  `dynamodbav:"created_at"`
	LastSeenAt int64  `dynamodbav:"last_seen_at"`
	ExpiresAt  int64  `dynamodbav:"expires_at"`
	PasswordAt int64  `dynamodbav:"password_at"`
	TTL        int64  `dynamodbav:"ttl"`
}

func (s session) toChat() chat.Session {
	return chat.Session{
		ID: s.ID, User: s.User, UserEpoch: s.UserEpoch, UserAgent: s.UserAgent, CreatedAt: table.At(s.CreatedAt),
		LastSeenAt: table.At(s.LastSeenAt), ExpiresAt: table.At(s.ExpiresAt), PasswordAt: table.At(s.PasswordAt),
	}
}

func newSession(s chat.Session) session {
	return session{
		ID: s.ID, User: s.User, UserEpoch: s.UserEpoch, UserAgent: s.UserAgent, CreatedAt: table.Millis(s.CreatedAt),
		LastSeenAt: table.Millis(s.LastSeenAt),
		ExpiresAt:  table.Millis(s.ExpiresAt), PasswordAt: table.Millis(s.PasswordAt), TTL: table.Seconds(s.ExpiresAt) + 1,
	}
}

func secretKey(in, owner string, h chat.SecretHash) table.Key {
	return table.NewKey(in, owner, hex.EncodeToString(h[:]))
}

// ownerKey leads from a secret to its user, for secrets of the old form without the user's id. Only imports write such
// items.
func ownerKey(h chat.SecretHash) table.Key {
	return table.NewKey(unique, "secret#"+hex.EncodeToString(h[:]), "-")
}

// AddSession implements chat.SessionStore. Two at the same time may leave one session more than MaxSessions.
func (s *Store) AddSession(ctx context.Context, n chat.NewSession) error {
	return do(ctx, s, func(t *tx) error {
		u, err := t.user(n.Session.User)
		if err != nil {
			return err
		}
		if err := n.Fits(u.toChat()); err != nil {
			return err
		}
		if err := t.Put(userKey(u.ID), u); err != nil { // raises the user's version, so that a concurrent raiseEpoch conflicts
			return err
		}
		return t.insertSession(n)
	})
}

// insertSession writes the session and ends the user's oldest ones beyond MaxSessions.
func (t *tx) insertSession(n chat.NewSession) error {
	k := secretKey(sessions, n.Session.User, n.Secret)
	all, err := loadPartition[session](t, sessions, n.Session.User)
	if err != nil {
		return err
	}
	var others []keyed[session]
	for _, o := range all {
		switch {
		case o.v.ExpiresAt <= table.Millis(n.Session.CreatedAt) || o.v.UserEpoch != n.Session.UserEpoch: // expired or of an earlier epoch
			t.Remove(o.key)
		case o.key != k:
			others = append(others, o)
		}
	}
	newestFirst(others)
	var ended []string
	for _, o := range others[min(len(others), chat.MaxSessions-1):] {
		ended = append(ended, o.v.ID)
		t.Remove(o.key)
	}
	if len(ended) > 0 {
		if err := t.addEvent(chat.SessionsEnded{User: n.Session.User, IDs: ended}, 0); err != nil {
			return err
		}
	}
	return t.Put(k, newSession(n.Session))
}

func newestFirst(ss []keyed[session]) {
	slices.SortFunc(ss, func(a, b keyed[session]) int {
		return cmp.Or(cmp.Compare(b.v.CreatedAt, a.v.CreatedAt), cmp.Compare(a.v.ID, b.v.ID))
	})
}

// Sessions implements chat.SessionStore.
func (s *Store) Sessions(ctx context.Context, user string, now time.Time) ([]chat.Session, error) {
	return read(ctx, s, func(t *tx) ([]chat.Session, error) {
		u, ok, err := loadOptional[userEpoch](t, userKey(user))
		if err != nil || !ok {
			return nil, err
		}
		all, err := loadPartition[session](t, sessions, user)
		if err != nil {
			return nil, err
		}
		newestFirst(all)
		var out []chat.Session
		for _, o := range all {
			if o.v.UserEpoch == u.Epoch && o.v.ExpiresAt > table.Millis(now) {
				out = append(out, o.v.toChat())
			}
		}
		return out, nil
	})
}

type userEpoch struct {
	Epoch int64 `dynamodbav:"epoch"`
}

// SessionBySecret implements chat.SessionStore.
func (s *Store) SessionBySecret(ctx context.Context, owner string, h chat.SecretHash, now time.Time) (chat.Session, chat.User, error) {
	o, u, err := bySecret[session](ctx, s, sessions, owner, h)
	if err == nil && !o.toChat().Lives(u, now) {
		err = chat.ErrNotFound()
	}
	return o.toChat(), u, err
}

// bySecret returns the item stored under a secret, and its user. It takes one read if the secret names its user.
func bySecret[T any](ctx context.Context, s *Store, in, owner string, h chat.SecretHash) (v T, u chat.User, err error) {
	v, err = read(ctx, s, func(t *tx) (v T, err error) {
		if owner != "" {
			if _, err := t.Load(secretKey(in, owner, h), userKey(owner)); err != nil {
				return v, err
			}
		}
		if owner == "" || t.Seen[secretKey(in, owner, h)] == nil {
			of, err := loadItem[holder](t, ownerKey(h))
			if err != nil {
				return v, err
			}
			owner = of.Of
		}
		if v, err = loadItem[T](t, secretKey(in, owner, h)); err != nil {
			return v, err
		}
		i, err := t.user(owner)
		u = i.toChat()
		return v, err
	})
	return v, u, err
}

// TouchSession implements chat.SessionStore.
func (s *Store) TouchSession(ctx context.Context, user, id string, seen, expires time.Time) error {
	return do(ctx, s, func(t *tx) error {
		o, err := byID[session](t, sessions, user, id)
		if err != nil {
			return err
		}
		o.v.LastSeenAt, o.v.ExpiresAt, o.v.TTL = table.Millis(seen), table.Millis(expires), table.Seconds(expires)+1
		return t.Put(o.key, o.v)
	})
}

// byID finds a session or token of a user. NotFound if there is none.
func byID[T interface{ id() string }](t *tx, in, user, id string) (keyed[T], error) {
	all, err := loadPartition[T](t, in, user)
	if err != nil {
		return keyed[T]{}, err
	}
	for _, o := range all {
		if o.v.id() == id {
			return o, nil
		}
	}
	return keyed[T]{}, chat.ErrNotFound()
}

func (s session) id() string { return s.ID }

// EndSession implements chat.SessionStore.
func (s *Store) EndSession(ctx context.Context, user, id string) error {
	return endByID[session](ctx, s, sessions, user, id)
}

func endByID[T interface{ id() string }](ctx context.Context, s *Store, in, user, id string) error {
	return do(ctx, s, func(t *tx) error {
		o, err := byID[T](t, in, user, id)
		if err != nil {
			return err
		}
		t.Remove(o.key)
		return t.addEvent(chat.SessionsEnded{User: user, IDs: []string{id}}, 0)
	})
}
