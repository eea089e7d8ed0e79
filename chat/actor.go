package chat

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Actor is who asks: a signed-in person, the holder of a token, or a visitor who is nobody yet. Every use case takes one. Only
// authentication and the use cases that sign in make those of users; whoever makes one adds the address.
type Actor struct {
	User       User
	SessionID  string // set when the request came with a session
	TokenID    string // set when it came with a token
	Scopes     []Scope
	Until      time.Time // when the session or token is over by itself; zero: never
	PasswordAt time.Time // when the password was last entered in the session
	Address    string    // where the request came from, as far as it is known; for rates and the audit line
	Device     string    // the device cookie that came with the request, genuine or not
	counted    Rate      // that the request was counted against already: see Canteen.Count
	browser    string    // the visitor's known browser, which rates count instead of the address
	hook       *Hook     // by whose address the request came
	known      string    // the user who signed in before in that browser
}

// Visitor is somebody at an address who is not signed in.
func Visitor(address string) Actor { return Actor{Address: address} }

// fact is what the actor's permissions rest on.
func (a Actor) fact() *UserFact {
	return &UserFact{ID: a.User.ID, Role: a.User.Role, Epoch: a.User.Epoch}
}

// key is whom rates count: the user, or the known browser or the address of who is not signed in.
func (a Actor) key() string {
	switch {
	case a.User.ID != "":
		return a.User.ID
	case a.browser != "":
		return a.browser
	}
	return a.Address
}

// sender is who takes turns with others at hashing passwords: the user, or the address. Whoever has many known browsers is one sender.
func (a Actor) sender() string { return cmp.Or(a.User.ID, a.known, a.Address) }

// isAdmin says whether the actor administers the workspace: by role and, for a token, by scope.
func (a Actor) isAdmin() bool {
	return (a.User.Role == Owner || a.User.Role == Admin) && (a.TokenID == "" || slices.Contains(a.Scopes, ScopeAdmin))
}

// SeesEmail says whether the actor may see the user's e-mail address: one's own; those of others are for administration.
func (a Actor) SeesEmail(u User) bool { return u.ID == a.User.ID || a.isAdmin() }

// administers holds for owners and admins of the workspace.
func (a Actor) administers() error {
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
	if a.hook != nil {
		if a.User = u; !u.admits(a.hook.Epoch) {
			return Actor{}, over
		}
		return a, nil
	}
	if a.TokenID != "" {
		ts, err := c.store.Tokens(ctx, u.ID)
		if err != nil {
			return Actor{}, err
		}
		i := slices.IndexFunc(ts, func(t Token) bool { return t.ID == a.TokenID && t.Lives(u, now) })
		if i < 0 {
			return Actor{}, over
		}
		return ts[i].holder(a, u), nil
	}
	ss, err := c.store.Sessions(ctx, u.ID, now)
	if err != nil {
		return Actor{}, err
	}
	i := slices.IndexFunc(ss, func(s Session) bool { return s.ID == a.SessionID && s.Lives(u, now) })
	if i < 0 {
		return Actor{}, over
	}
	return ss[i].holder(a, u), nil
}
