package canteen

import "time"

// Actor is who asks: a signed-in person or the holder of a token. Every use case takes one; only Authenticate and
// the use cases that sign in make them.
type Actor struct {
	User      User
	SessionID string // set when the request came with a session
	TokenID   string // set when it came with a token
	Scopes    []Scope
}

// Session is one signed-in browser.
type Session struct {
	ID         string
	User       string
	UserEpoch  int64 // must equal User.Epoch, else the session is over
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
}

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

// Invite lets somebody sign up.
type Invite struct {
	ID        string
	By        string
	Email     string // this address alone, once; empty: anyone who has the link
	Role      Role
	Rooms     []string
	CreatedAt time.Time
	ExpiresAt time.Time
	Uses      int
	MaxUses   int // 0: no bound
}
