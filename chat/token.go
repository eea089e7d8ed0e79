package chat

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// Scope is what a token may be used for.
type Scope string

// Scopes of tokens: read for safe methods, write for all of a member's, admin for administration; audit for the audit log and nothing else.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin"
	ScopeAudit Scope = "audit"
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

// holder is the actor as the token and its user say.
func (t Token) holder(a Actor, u User) Actor {
	a.User, a.TokenID, a.Scopes, a.Until = u, t.ID, t.Scopes, time.Time{}
	if t.ExpiresAt != nil {
		a.Until = *t.ExpiresAt
	}
	return a
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

// within says whether a scope includes s. Each wider scope includes the narrower ones; audit stands apart.
func (s Scope) within(wider Scope) bool {
	if s == ScopeAudit {
		return wider == ScopeAudit
	}
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
	return t.holder(Actor{}, u), nil
}

// Tokens are the actor's own.
func (c *Canteen) Tokens(ctx context.Context, a Actor) ([]Token, error) {
	return perform(ctx, c, a, CmdTokens, c.tokens(ctx, oneself))
}

func (c *Canteen) tokens(ctx context.Context, of holder) use[[]Token] {
	return use[[]Token]{do: func(at *attempt) ([]Token, error) {
		u, err := of(ctx, at)
		if err != nil {
			return nil, err
		}
		return c.store.Tokens(ctx, u.ID)
	}}
}

// NewTokenInput describes a token. Without scopes it may read and write; without ExpiresIn (seconds) it expires after TokenLife.
type NewTokenInput struct {
	Name      string
	Scopes    []Scope
	ExpiresIn *int64
	Password  string // needed when the session's was entered longer than PasswordFresh ago
}

// AddToken makes a token and gives its secret, once. A session that somebody finds open must not become access that outlives it:
// Forbidden naming password unless that was entered just now.
func (c *Canteen) AddToken(ctx context.Context, a Actor, in NewTokenInput) (Token, string, error) {
	var secret string
	t, err := perform(ctx, c, a, CmdAddToken, c.addingToken(ctx, oneself, in, &secret))
	return withSecret(t, secret, err)
}

// addingToken makes a token of a holder, for an actor who has just entered the password.
func (c *Canteen) addingToken(ctx context.Context, of holder, in NewTokenInput, secret *string) use[Token] {
	var t Token
	return use[Token]{
		see: func(at *attempt) error { return second(of(ctx, at)) },
		may: func(at *attempt) error {
			if err := c.fresh(ctx, at, in.Password); err != nil {
				return err
			}
			u, err := of(ctx, at)
			if err == nil && u.Deactivated {
				err = errTaken("deactivated", u.Name+" is deactivated.")
			}
			if err != nil {
				return err
			}
			t, *secret, err = c.newToken(u, in)
			at.about = []any{"made", t.ID, "name", t.Name, "scopes", fmt.Sprint(t.Scopes)}
			return err
		},
		do: func(at *attempt) (Token, error) { // not before the rate was taken, since a hash is work
			if err := c.confirm(ctx, at, in.Password); err != nil {
				return Token{}, err
			}
			return t, c.store.AddToken(ctx, at.facts(), t, HashSecret(*secret))
		},
	}
}

// withSecret is the answer that shows a token's secret, or the error.
func withSecret(t Token, secret string, err error) (Token, string, error) {
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

// fresh is nil when the actor, as of now, entered the password within PasswordFresh, or sends one to be confirmed.
func (c *Canteen) fresh(ctx context.Context, at *attempt, password string) error {
	now, err := c.Still(ctx, at.Actor)
	if err != nil {
		return err
	}
	at.Actor = now
	if password != "" || c.clock.Time().Sub(now.PasswordAt) < PasswordFresh {
		return nil
	}
	return &Error{Code: Forbidden, Field: "password", Message: "Enter your password again."}
}

// confirm is nil when the password is the actor's, or none was sent. Only failures count against the rate of checks.
func (c *Canteen) confirm(ctx context.Context, at *attempt, password string) error {
	if password == "" {
		return nil
	}
	if err := c.take(ctx, c.rates.password, at.key()); err != nil {
		return err
	}
	_, _, err := c.verify(ctx, at.sender(), text.Fold(at.User.Email), password)
	if ErrorCode(err) == Unauthenticated {
		return InvalidField("password", "That is not your password.")
	}
	if err != nil && ErrorCode(err) != Unavailable { // then no guess was judged
		return err
	}
	c.give(ctx, c.rates.password, at.key())
	return err
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
		if !slices.Contains([]Scope{ScopeRead, ScopeWrite, ScopeAdmin, ScopeAudit}, s) {
			return Token{}, "", InvalidField("scopes", "Each scope must be read, write, admin or audit.")
		}
		if (s == ScopeAdmin || s == ScopeAudit) && u.Role.rank() < Admin.rank() {
			return Token{}, "", &Error{
				Code: Forbidden, Field: "scopes", Message: fmt.Sprintf("Only owners and admins have tokens with the scope %s.", s),
			}
		}
	}
	life := TokenLife
	if in.ExpiresIn != nil {
		var err error
		if life, err = lifetime(*in.ExpiresIn, MaxTokenLife); err != nil {
			return Token{}, "", err
		}
	}
	now := c.clock.Time()
	end := now.Add(life)
	return Token{
		ID: NewID(), User: u.ID, UserEpoch: u.Epoch, Name: in.Name, Scopes: union(in.Scopes, nil), CreatedAt: now, ExpiresAt: &end,
	}, NewSecretOf(u.ID), nil
}

func lifetime(seconds int64, most time.Duration) (time.Duration, error) {
	if seconds < 1 || seconds > int64(most/time.Second) {
		return 0, InvalidField("expires_in", "A number of seconds from 1 to %d is needed.", int64(most/time.Second))
	}
	return time.Duration(seconds) * time.Second, nil
}

// EndToken revokes one of the actor's own tokens.
func (c *Canteen) EndToken(ctx context.Context, a Actor, id string) error {
	return second(perform(ctx, c, a, CmdEndToken, c.endingToken(ctx, oneself, id)))
}

func (c *Canteen) endingToken(ctx context.Context, of holder, id string) use[struct{}] {
	var u User
	return use[struct{}]{
		about: []any{"revoked", id},
		see:   func(at *attempt) (err error) { u, err = of(ctx, at); return err },
		may:   func(at *attempt) error { return second(c.Still(ctx, at.Actor)) },
		do:    func(*attempt) (struct{}, error) { return struct{}{}, c.store.EndToken(ctx, u.ID, id) },
	}
}
