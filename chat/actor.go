package chat

import (
	"context"
	"slices"
)

// Actor is who asks: a signed-in person or the holder of a token. Every use case takes one; only Authenticate and
// the use cases that sign in make them.
type Actor struct {
	User      User
	SessionID string // set when the request came with a session
	TokenID   string // set when it came with a token
	Scopes    []Scope
}

// fact is what the actor's permissions rest on.
func (a Actor) fact() *UserFact {
	return &UserFact{ID: a.User.ID, Role: a.User.Role, Epoch: a.User.Epoch}
}

// isAdmin says whether the actor administers the workspace: by role and, for a token, by scope.
func (a Actor) isAdmin() bool {
	return (a.User.Role == Owner || a.User.Role == Admin) && (a.TokenID == "" || slices.Contains(a.Scopes, ScopeAdmin))
}

// mayRead and mayWrite hold a token to its scopes. Each wider scope includes the narrower ones.
func (a Actor) mayRead() error { return a.need(ScopeRead, ScopeWrite, ScopeAdmin) }

func (a Actor) mayWrite() error { return a.need(ScopeWrite, ScopeAdmin) }

func (a Actor) need(any ...Scope) error {
	if a.User.ID == "" {
		return Errorf(Unauthenticated, "Sign in first.")
	}
	if a.TokenID == "" || slices.ContainsFunc(any, func(s Scope) bool { return slices.Contains(a.Scopes, s) }) {
		return nil
	}
	return Errorf(Forbidden, "This token lacks the scope %q.", any[0])
}

// mayManageAccess holds for what only a person at a browser may do: passwords, sessions, tokens.
func (a Actor) mayManageAccess() error {
	if err := a.mayWrite(); err != nil {
		return err
	}
	if a.SessionID == "" {
		return Errorf(Forbidden, "This needs a signed-in session; a token cannot do it.")
	}
	return nil
}

// mayAdminister holds for owners and admins.
func (a Actor) mayAdminister() error {
	if err := a.mayWrite(); err != nil {
		return err
	}
	if !a.isAdmin() {
		return Errorf(Forbidden, "Only owners and admins of the workspace may do this.")
	}
	return nil
}

// rank orders workspace roles; 0 for what is none.
func (r Role) rank() int {
	return map[Role]int{Guest: 1, Member: 2, Admin: 3, Owner: 4}[r]
}

// Still is the actor as of now: Unauthenticated when the session or token it came with is over. A socket asks once it
// is registered, so that an end between its authentication and its registration is not missed.
func (c *Canteen) Still(ctx context.Context, a Actor) (Actor, error) {
	over := Errorf(Unauthenticated, "Sign in first.")
	now := c.clock.Time()
	u, err := c.store.User(ctx, a.User.ID)
	if err != nil {
		return Actor{}, unauthenticated(err)
	}
	if u.Deactivated {
		return Actor{}, over
	}
	a.User = u
	if a.TokenID != "" {
		ts, err := c.store.Tokens(ctx, u.ID)
		if err != nil {
			return Actor{}, err
		}
		i := slices.IndexFunc(ts, func(t Token) bool {
			return t.ID == a.TokenID && t.UserEpoch == u.Epoch && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
		})
		if i < 0 {
			return Actor{}, over
		}
		a.Scopes = ts[i].Scopes
		return a, nil
	}
	ss, err := c.store.Sessions(ctx, u.ID, now)
	if err != nil {
		return Actor{}, err
	}
	if !slices.ContainsFunc(ss, func(s Session) bool { return s.ID == a.SessionID && s.UserEpoch == u.Epoch }) {
		return Actor{}, over
	}
	return a, nil
}
