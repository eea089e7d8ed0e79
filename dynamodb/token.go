package dynamodb

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// token is the item of a token. pk is its user, sk the hash of its secret.
type token struct {
	ID         string       `dynamodbav:"id"`
	User       string       `dynamodbav:"pk"`
	UserEpoch  int64        `dynamodbav:"user_epoch"`
	Name       string       `dynamodbav:"name"`
	Scopes     []chat.Scope `dynamodbav:"scopes"`
	CreatedAt  int64        `dynamodbav:"created_at"`
	ExpiresAt  *int64       `dynamodbav:"expires_at,omitempty"`
	LastUsedAt *int64       `dynamodbav:"last_used_at,omitempty"`
}

func (t token) id() string { return t.ID }

func (t token) toChat() chat.Token {
	return chat.Token{
		ID: t.ID, User: t.User, UserEpoch: t.UserEpoch, Name: t.Name, Scopes: t.Scopes, CreatedAt: table.At(t.CreatedAt),
		ExpiresAt:  table.OptionalAt(t.ExpiresAt),
		LastUsedAt: table.OptionalAt(t.LastUsedAt),
	}
}

func newToken(t chat.Token) token {
	return token{
		ID: t.ID, User: t.User, UserEpoch: t.UserEpoch, Name: t.Name, Scopes: t.Scopes, CreatedAt: table.Millis(t.CreatedAt),
		ExpiresAt:  table.OptionalMillis(t.ExpiresAt),
		LastUsedAt: table.OptionalMillis(t.LastUsedAt),
	}
}

// AddToken implements chat.TokenStore. Two at the same time may leave one token more than MaxTokens.
func (s *Store) AddToken(ctx context.Context, f chat.Facts, n chat.Token, h chat.SecretHash) error {
	return do(ctx, s, func(t *tx) error {
		t.requireFacts(f)
		u, err := t.user(n.User)
		if err != nil {
			return err
		}
		if err := t.Put(userKey(u.ID), u); err != nil { // raises the user's version, so that a concurrent raiseEpoch conflicts
			return err
		}
		all, err := loadPartition[token](t, tokens, n.User)
		if err != nil {
			return err
		}
		count := 0
		for _, o := range all {
			if o.v.UserEpoch == n.UserEpoch {
				count++
			}
		}
		if err := chat.MayAddToken(count); err != nil {
			return err
		}
		return t.Put(secretKey(tokens, n.User, h), newToken(n))
	})
}

// TokenBySecret implements chat.TokenStore.
func (s *Store) TokenBySecret(ctx context.Context, owner string, h chat.SecretHash, now time.Time) (chat.Token, chat.User, error) {
	o, u, err := bySecret[token](ctx, s, tokens, owner, h)
	if err == nil && !o.toChat().Lives(u, now) {
		err = chat.ErrNotFound()
	}
	return o.toChat(), u, err
}

// Tokens implements chat.TokenStore.
func (s *Store) Tokens(ctx context.Context, user string) ([]chat.Token, error) {
	return read(ctx, s, func(t *tx) ([]chat.Token, error) {
		u, ok, err := loadOptional[userEpoch](t, userKey(user))
		if err != nil || !ok {
			return nil, err
		}
		all, err := loadPartition[token](t, tokens, user)
		if err != nil {
			return nil, err
		}
		var out []chat.Token
		for _, o := range all {
			if o.v.UserEpoch == u.Epoch {
				out = append(out, o.v.toChat())
			}
		}
		slices.SortFunc(out, func(a, b chat.Token) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
		return out, nil
	})
}

// TouchToken implements chat.TokenStore.
func (s *Store) TouchToken(ctx context.Context, user, id string, used time.Time) error {
	return do(ctx, s, func(t *tx) error {
		o, err := byID[token](t, tokens, user, id)
		if err != nil {
			return err
		}
		o.v.LastUsedAt = table.OptionalMillis(&used)
		return t.Put(o.key, o.v)
	})
}

// EndToken implements chat.TokenStore.
func (s *Store) EndToken(ctx context.Context, user, id string) error {
	return endByID[token](ctx, s, tokens, user, id)
}
