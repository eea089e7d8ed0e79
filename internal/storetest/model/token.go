package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// AddToken implements chat.TokenStore.
func (s *Store) AddToken(ctx context.Context, f chat.Facts, t chat.Token, h chat.SecretHash) error {
	return do(ctx, s, f, func() error {
		if s.users[t.User] == nil {
			return chat.ErrNotFound()
		}
		if err := chat.MayAddToken(len(s.tokensOf(t.User))); err != nil {
			return err
		}
		s.tokens[h] = viewToken(&t)
		return nil
	})
}

// viewToken copies a token.
func viewToken(t *chat.Token) *chat.Token {
	v := *t
	v.Scopes, v.ExpiresAt, v.LastUsedAt = slices.Clone(v.Scopes), copied(v.ExpiresAt), copied(v.LastUsedAt)
	return &v
}

// tokensOf are the tokens of the user's present epoch, oldest first.
func (s *Store) tokensOf(user string) []chat.Token {
	var out []chat.Token
	for _, t := range s.tokens {
		if t.User == user && t.UserEpoch == s.users[user].Epoch {
			out = append(out, *viewToken(t))
		}
	}
	slices.SortFunc(out, func(a, b chat.Token) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// TokenBySecret implements chat.TokenStore.
func (s *Store) TokenBySecret(ctx context.Context, _ string, h chat.SecretHash, now time.Time) (chat.Token, chat.User, error) {
	var u chat.User
	t, err := read(ctx, s, func() (chat.Token, error) {
		t := s.tokens[h]
		if t == nil || !t.Lives(s.users[t.User].User, now) {
			return chat.Token{}, chat.ErrNotFound()
		}
		u = s.users[t.User].view()
		return *viewToken(t), nil
	})
	return t, u, err
}

// Tokens implements chat.TokenStore.
func (s *Store) Tokens(ctx context.Context, user string) ([]chat.Token, error) {
	return read(ctx, s, func() ([]chat.Token, error) { return s.tokensOf(user), nil })
}

// TouchToken implements chat.TokenStore.
func (s *Store) TouchToken(ctx context.Context, user, id string, used time.Time) error {
	return do(ctx, s, chat.Facts{}, func() error {
		h, ok := s.token(user, id)
		if !ok {
			return chat.ErrNotFound()
		}
		s.tokens[h].LastUsedAt = &used
		return nil
	})
}

// EndToken implements chat.TokenStore.
func (s *Store) EndToken(ctx context.Context, user, id string) error {
	return do(ctx, s, chat.Facts{}, func() error {
		h, ok := s.token(user, id)
		if !ok {
			return chat.ErrNotFound()
		}
		delete(s.tokens, h)
		s.emit(chat.SessionsEnded{User: user, IDs: []string{id}})
		return nil
	})
}

// token finds a user's token by its id.
func (s *Store) token(user, id string) (chat.SecretHash, bool) {
	for h, t := range s.tokens {
		if t.User == user && t.ID == id {
			return h, true
		}
	}
	return chat.SecretHash{}, false
}
