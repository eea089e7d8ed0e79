package chat

import (
	"context"
	"slices"
	"time"
)

// Scope is what a token may be used for.
type Scope string

// Scopes of tokens: read for safe methods, write for all of a member's, admin for administration.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin"
)

// Token is a personal or bot token, without its secret.
type Token struct {
	ID         string
	User       string
	UserEpoch  int64
	Name       string
	Scopes     []Scope
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
}

// Lives says whether the token still signs its user in at now.
func (t Token) Lives(u User, now time.Time) bool {
	return u.admits(t.UserEpoch) && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}

// MayAddToken is a Conflict for a user who has count tokens and MaxTokens is reached.
func MayAddToken(count int) error {
	if count < MaxTokens {
		return nil
	}
	return Errorf(Conflict, "You have %d tokens already. Revoke one first.", count)
}

// TokenStore holds personal tokens by the hash of their secret.
type TokenStore interface {
	// AddToken is a Conflict beyond MaxTokens of the user.
	AddToken(ctx context.Context, f Facts, t Token, h SecretHash) error
	// TokenBySecret is like SessionBySecret.
	TokenBySecret(ctx context.Context, owner string, h SecretHash, now time.Time) (Token, User, error)
	// Tokens are those of the user's present epoch, expired ones included, by created_at.
	Tokens(ctx context.Context, user string) ([]Token, error)
	TouchToken(ctx context.Context, user, id string, used time.Time) error
	// EndToken is NotFound when the user has no such token. Announces SessionsEnded.
	EndToken(ctx context.Context, user, id string) error
}

// within says whether a scope includes s. Each wider scope includes the narrower ones.
func (s Scope) within(wider Scope) bool {
	order := []Scope{ScopeRead, ScopeWrite, ScopeAdmin}
	return slices.Index(order, wider) >= slices.Index(order, s)
}

// ByToken finds who a token's secret belongs to: Unauthenticated when to nobody any more.
func (c *Canteen) ByToken(ctx context.Context, secret string) (Actor, error) {
	now := c.clock.Time()
	t, u, err := c.store.TokenBySecret(ctx, ownerOf(secret), HashSecret(secret), now)
	if err != nil {
		return Actor{}, unauthenticated(err)
	}
	if t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= SessionTouch {
		if err := c.store.TouchToken(ctx, u.ID, t.ID, now); err != nil && ErrorCode(err) != NotFound {
			c.log.WarnContext(ctx, "token not touched", "token", t.ID, "error", err)
		}
	}
	return Actor{User: u, TokenID: t.ID, Scopes: t.Scopes}, nil
}

// Tokens are the actor's own.
func (c *Canteen) Tokens(ctx context.Context, a Actor) ([]Token, error) {
	return perform(ctx, c, a, CmdTokens, use[[]Token]{do: func(at *attempt) ([]Token, error) {
		return c.store.Tokens(ctx, at.User.ID)
	}})
}

// NewTokenInput describes a token. Without scopes it may read and write; without ExpiresIn (seconds) it does not expire.
type NewTokenInput struct {
	Name      string
	Scopes    []Scope
	ExpiresIn *int64
}

// AddToken makes a token and gives its secret, once.
func (c *Canteen) AddToken(ctx context.Context, a Actor, in NewTokenInput) (Token, string, error) {
	var t Token
	var secret string
	t, err := perform(ctx, c, a, CmdAddToken, use[Token]{
		may: func(at *attempt) (err error) {
			t, secret, err = c.newToken(at.User, in)
			at.about = []any{"made", t.ID}
			return err
		},
		do: func(at *attempt) (Token, error) { return t, c.store.AddToken(ctx, at.facts(), t, HashSecret(secret)) },
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

// newToken is a token of u as in says, and its secret.
func (c *Canteen) newToken(u User, in NewTokenInput) (Token, string, error) {
	if err := shortText("name", in.Name, TokenNameLength, true); err != nil {
		return Token{}, "", err
	}
	if len(in.Scopes) == 0 {
		in.Scopes = []Scope{ScopeRead, ScopeWrite}
	}
	for _, s := range in.Scopes {
		if !slices.Contains([]Scope{ScopeRead, ScopeWrite, ScopeAdmin}, s) {
			return Token{}, "", InvalidField("scopes", "Each scope is one of read, write, admin.")
		}
	}
	if slices.Contains(in.Scopes, ScopeAdmin) && u.Role.rank() < Admin.rank() {
		return Token{}, "", &Error{
			Code: Forbidden, Field: "scopes", Message: "Only owners and admins may make a token with the scope admin.",
		}
	}
	now := c.clock.Time()
	t := Token{ID: NewID(), User: u.ID, UserEpoch: u.Epoch, Name: in.Name, Scopes: union(in.Scopes, nil), CreatedAt: now}
	if in.ExpiresIn != nil {
		life, err := lifetime(*in.ExpiresIn, MaxTokenLife)
		if err != nil {
			return Token{}, "", err
		}
		end := now.Add(life)
		t.ExpiresAt = &end
	}
	return t, NewSecretOf(u.ID), nil
}

func lifetime(seconds int64, most time.Duration) (time.Duration, error) {
	if seconds < 1 || seconds > int64(most/time.Second) {
		return 0, InvalidField("expires_in", "A number of seconds from 1 to %d is needed.", int64(most/time.Second))
	}
	return time.Duration(seconds) * time.Second, nil
}

// EndToken revokes one of the actor's own tokens.
func (c *Canteen) EndToken(ctx context.Context, a Actor, id string) error {
	_, err := perform(ctx, c, a, CmdEndToken, use[struct{}]{
		about: []any{"revoked", id},
		may:   func(at *attempt) error { return second(c.Still(ctx, at.Actor)) },
		do:    func(at *attempt) (struct{}, error) { return struct{}{}, c.store.EndToken(ctx, at.User.ID, id) },
	})
	return err
}
