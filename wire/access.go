package wire

import "github.com/canteen-chat/canteen/chat"

// Workspace is what everybody may see without signing in.
type Workspace struct {
	Name     string `json:"name" maxLength:"80" example:"Canteen" doc:"Empty before the setup"`
	Setup    bool   `json:"setup" doc:"The first run is still to be done, with the link the server printed"`
	SignedIn bool   `json:"signed_in" doc:"The request has the cookie of a session that is not over"`
}

// CheckSetup is the body of POST /setup/check.
type CheckSetup struct {
	Token string `json:"token" minLength:"1" maxLength:"200" example:"mfrggzdfmztwq2lknnwg23tpobyxe43u" doc:"From the setup link"`
}

// Setup is the body of POST /setup.
type Setup struct {
	Token     string `json:"token" minLength:"1" maxLength:"200" example:"mfrggzdfmztwq2lknnwg23tpobyxe43u" doc:"From the setup link"`
	Workspace string `json:"workspace" minLength:"1" maxLength:"80" format:"line" example:"Example Ltd" doc:"The company's name"`
	Name      string `json:"name" format:"name"`
	Handle    string `json:"handle" format:"handle"`
	Email     string `json:"email" format:"email"`
	Password  string `json:"password" format:"password"`
}

// SignIn is the body of POST /session.
type SignIn struct {
	Email    string `json:"email" minLength:"1" maxLength:"254" example:"mira@example.com"`
	Password string `json:"password" minLength:"1" maxLength:"256" format:"password"`
}

// CheckInvite is the body of POST /signup/check.
type CheckInvite struct {
	Invite string `json:"invite" minLength:"1" maxLength:"200" example:"mfrggzdfmztwq2lknnwg23tpobyxe43u" doc:"From the invite link"`
}

// SignUp is the body of POST /signup.
type SignUp struct {
	Invite   string `json:"invite" minLength:"1" maxLength:"200" example:"mfrggzdfmztwq2lknnwg23tpobyxe43u" doc:"From the invite link"`
	Name     string `json:"name" format:"name"`
	Handle   string `json:"handle" format:"handle"`
	Password string `json:"password" format:"password"`
	Email    string `json:"email,omitempty" format:"email" doc:"May be left out when the invite names it"`
}

// CheckReset is the body of POST /reset/check.
type CheckReset struct {
	Token string `json:"token" minLength:"1" maxLength:"200" example:"mfrggzdfmztwmfrggzdfmztwq2lknnwg23tpobyxe43u" doc:"From the link"`
}

// ResetPassword is the body of POST /reset.
type ResetPassword struct {
	Token    string `json:"token" minLength:"1" maxLength:"200" example:"mfrggzdfmztwmfrggzdfmztwq2lknnwg23tpobyxe43u" doc:"From the link"`
	Password string `json:"password" format:"password"`
}

// Session is one signed-in browser.
type Session struct {
	ID         string `json:"id" format:"id"`
	CreatedAt  Time   `json:"created_at" format:"date-time"`
	LastSeenAt Time   `json:"last_seen_at" format:"date-time"`
	UserAgent  string `json:"user_agent" maxLength:"400" example:"Mozilla/5.0"`
	Current    bool   `json:"current"`
}

// NewSession maps a session. current is the id of the session that sent the request.
func NewSession(s chat.Session, current string) Session {
	return Session{ID: s.ID, CreatedAt: Time{s.CreatedAt}, LastSeenAt: Time{s.LastSeenAt}, UserAgent: s.UserAgent, Current: s.ID == current}
}

// Sessions is the answer of GET /sessions.
type Sessions struct {
	Sessions []Session `json:"sessions" nullable:"false"`
}

// Token is a personal token without its secret.
type Token struct {
	ID         string   `json:"id" format:"id"`
	Name       string   `json:"name" maxLength:"80" example:"ci"`
	Scopes     []string `json:"scopes" nullable:"false" enum:"read,write,admin,audit"`
	CreatedAt  Time     `json:"created_at" format:"date-time"`
	ExpiresAt  *Time    `json:"expires_at,omitempty" format:"date-time"`
	LastUsedAt *Time    `json:"last_used_at,omitempty" format:"date-time"`
}

// NewToken maps a token.
func NewToken(t chat.Token) Token {
	w := Token{
		ID: t.ID, Name: t.Name, Scopes: make([]string, len(t.Scopes)), CreatedAt: Time{t.CreatedAt},
		ExpiresAt: optionalTime(t.ExpiresAt), LastUsedAt: optionalTime(t.LastUsedAt),
	}
	for i, s := range t.Scopes {
		w.Scopes[i] = string(s)
	}
	return w
}

// Tokens is the answer of GET /tokens.
type Tokens struct {
	Tokens []Token `json:"tokens" nullable:"false"`
}

// NewTokenBody is the body of POST /tokens.
type NewTokenBody struct {
	Name      string   `json:"name" minLength:"1" maxLength:"80" format:"line" example:"ci"`
	Scopes    []string `json:"scopes,omitempty" enum:"read,write,admin,audit" maxItems:"10" nullable:"false" doc:"read and write unless said"`
	ExpiresIn *int64   `json:"expires_in,omitempty" minimum:"1" maximum:"315360000" example:"86400" doc:"Seconds; 90 days unless said"`
	Password  string   `json:"password,omitempty" minLength:"1" maxLength:"256" format:"password" doc:"Needed 10 minutes after you entered it"`
}

// Input maps the body to the input of package chat.
func (b NewTokenBody) Input() chat.NewTokenInput {
	in := chat.NewTokenInput{Name: b.Name, ExpiresIn: b.ExpiresIn, Password: b.Password}
	for _, s := range b.Scopes {
		in.Scopes = append(in.Scopes, chat.Scope(s))
	}
	return in
}

// MadeToken is the answer of POST /tokens. No other answer shows the secret.
type MadeToken struct {
	Token  Token  `json:"token"`
	Secret string `json:"secret" format:"token" doc:"The user's id, then 160 random bits"`
}

// Ticket is the answer of POST /ws-ticket.
type Ticket struct {
	Ticket string `json:"ticket" format:"secret" doc:"Opens one socket within 30 s: /ws?ticket=…"`
}

// Invite lets somebody sign up.
type Invite struct {
	ID        string   `json:"id" format:"id"`
	Email     string   `json:"email,omitempty" doc:"This address alone, once"`
	Role      string   `json:"role" enum:"owner,admin,member,guest"`
	Rooms     []string `json:"rooms" nullable:"false" format:"id" doc:"Room ids"`
	ExpiresAt Time     `json:"expires_at" format:"date-time"`
	Uses      int      `json:"uses" minimum:"0"`
	MaxUses   int      `json:"max_uses,omitempty" minimum:"1" maximum:"5000" doc:"Absent: no bound"`
}

// NewInvite maps an invite.
func NewInvite(i chat.Invite) Invite {
	return Invite{
		ID: i.ID, Email: i.Email, Role: string(i.Role), Rooms: list(i.Rooms), ExpiresAt: Time{i.ExpiresAt}, Uses: i.Uses,
		MaxUses: i.MaxUses,
	}
}

// Invites is the answer of GET /invites.
type Invites struct {
	Invites []Invite `json:"invites" nullable:"false"`
}

// NewInviteBody is the body of POST /invites.
type NewInviteBody struct {
	Email     string   `json:"email,omitempty" format:"email" doc:"Only this address, once; absent: anyone who has the link"`
	Role      string   `json:"role,omitempty" enum:"owner,admin,member,guest" doc:"member unless said; never above yours"`
	Rooms     []string `json:"rooms,omitempty" maxItems:"20" nullable:"false" format:"id" doc:"At most 20 rooms that you are in; guests need one"`
	ExpiresIn *int64   `json:"expires_in,omitempty" minimum:"1" maximum:"31536000" example:"86400" doc:"Seconds; 7 days unless said"`
	MaxUses   *int     `json:"max_uses,omitempty" minimum:"1" maximum:"5000" example:"10"`
}

// Input maps the body to the input of package chat.
func (b NewInviteBody) Input() chat.InviteInput {
	return chat.InviteInput{Email: b.Email, Role: chat.Role(b.Role), Rooms: b.Rooms, ExpiresIn: b.ExpiresIn, MaxUses: b.MaxUses}
}

// MadeInvite is the answer of POST /invites. No other answer shows the secret.
type MadeInvite struct {
	Invite Invite `json:"invite"`
	URL    string `json:"url" format:"uri" doc:"The link to send"`
	Secret string `json:"secret" format:"secret"`
}

// list returns in, or an empty list for nil, which JSON would show as null.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
