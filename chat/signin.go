package chat

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// SignedIn is a new session: its actor, and the secret that the cookie carries.
type SignedIn struct {
	Actor  Actor
	Secret string
}

// SignInInput is the sign-in form and where it came from.
type SignInInput struct {
	Email, Password, UserAgent, Address string
}

// SignIn checks a password. Whatever is wrong, the answer and the work are the same. Only failures count against the
// rates: a slot is taken before the hash is computed and given back on success.
func (c *Canteen) SignIn(ctx context.Context, in SignInInput) (SignedIn, error) {
	if err := signInForm(in); err != nil {
		return SignedIn{}, err
	}
	email := text.Fold(strings.TrimSpace(in.Email))
	r := rates()
	if err := c.take(ctx, r.signInAddress, in.Address); err != nil {
		return SignedIn{}, err
	}
	if err := c.take(ctx, r.signInAccount, email); err != nil {
		return SignedIn{}, err
	}
	u, hash, err := c.store.Credentials(ctx, email)
	if err != nil && ErrorCode(err) != NotFound {
		return SignedIn{}, err
	}
	if err != nil || u.Deactivated {
		hash = ""
	}
	ok, err := c.hasher.Verify(ctx, hash, in.Password)
	if err != nil {
		return SignedIn{}, err
	}
	wrong := Errorf(Unauthenticated, "That e-mail and password do not match.")
	if !ok {
		c.audit(ctx, Actor{User: u}, "sign-in refused")
		return SignedIn{}, wrong
	}
	s, secret := c.newSession(u.ID, u.Epoch, in.UserAgent)
	if err := c.store.AddSession(ctx, s); errors.Is(err, ErrStale) {
		return SignedIn{}, wrong
	} else if err != nil {
		return SignedIn{}, err
	}
	err = errors.Join(c.limiter.Give(ctx, r.signInAddress, in.Address), c.limiter.Give(ctx, r.signInAccount, email))
	a := Actor{User: u, SessionID: s.Session.ID}
	c.audit(ctx, a, "signed in")
	return SignedIn{Actor: a, Secret: secret}, err
}

func signInForm(in SignInInput) error {
	if strings.TrimSpace(in.Email) == "" || len(in.Email) > 4*EmailLength {
		return InvalidField("email", "An e-mail address of up to %d characters is needed.", EmailLength)
	}
	if in.Password == "" || len(in.Password) > PasswordMax {
		return InvalidField("password", "A password of 1 to %d bytes is needed.", PasswordMax)
	}
	return nil
}

func (c *Canteen) newSession(user string, epoch int64, agent string) (NewSession, string) {
	now, secret := c.clock.Time(), NewSecretOf(user)
	if len(agent) > 400 {
		agent = strings.ToValidUTF8(agent[:400], "")
	}
	return NewSession{
		Session: Session{ID: NewID(), User: user, UserEpoch: epoch, UserAgent: agent, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(SessionIdle)},
		Secret:  HashSecret(secret),
	}, secret
}

// SignUpInput is the form behind an invite.
type SignUpInput struct {
	Invite, Name, Handle, Password, Email, UserAgent, Address string
}

// SignUp makes the user an invite is for, in the default rooms (guests apart) and the invite's, and signs in. An unknown,
// used or expired invite, and one for another e-mail, are NotFound alike.
func (c *Canteen) SignUp(ctx context.Context, in SignUpInput) (SignedIn, error) {
	r := rates()
	if err := c.take(ctx, r.signUpAddress, in.Address); err != nil {
		return SignedIn{}, err
	}
	h := HashSecret(in.Invite)
	unknown := &Error{Code: NotFound, Field: "invite", Message: "This invite does not exist, is used up or has expired. Ask for a new one."}
	invite, err := c.store.InviteBySecret(ctx, h)
	if ErrorCode(err) == NotFound && err != nil || err == nil && !invite.usable(c.clock.Time()) {
		return SignedIn{}, unknown
	} else if err != nil {
		return SignedIn{}, err
	}
	if in.Email == "" {
		in.Email = invite.Email
	}
	if by, err := c.store.User(ctx, invite.By); err != nil {
		return SignedIn{}, err
	} else if by.Deactivated { // a leaver must not come back by an invite of their own
		return SignedIn{}, unknown
	}
	w, err := c.store.Workspace(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	u, err := c.newUser(ctx, userInput{in.Name, in.Handle, in.Email, in.Password, invite.Role, w.Name})
	if err != nil {
		return SignedIn{}, err
	}
	if invite.Email != "" && text.Fold(invite.Email) != u.EmailFold {
		return SignedIn{}, unknown
	}
	rooms := invite.Rooms
	if invite.Role != Guest {
		rooms = union(w.DefaultRooms, rooms)
	}
	s, secret := c.newSession(u.User.ID, u.User.Epoch, in.UserAgent)
	user, err := c.store.AddUser(ctx, AddUser{User: u, Invite: &h, Rooms: rooms, Session: &s, At: c.clock.Time()})
	if ErrorCode(err) == NotFound && err != nil {
		return SignedIn{}, unknown
	} else if err != nil {
		return SignedIn{}, err
	}
	a := Actor{User: user, SessionID: s.Session.ID}
	c.audit(ctx, a, "signed up", "invite", invite.ID)
	return SignedIn{Actor: a, Secret: secret}, nil
}

// usable says whether the invite lets anybody in at now.
func (i Invite) usable(now time.Time) bool {
	return now.Before(i.ExpiresAt) && (i.MaxUses == 0 || i.Uses < i.MaxUses)
}

// SignOut ends the actor's session.
func (c *Canteen) SignOut(ctx context.Context, a Actor) error {
	if a.SessionID == "" {
		return Errorf(Forbidden, "There is no session to end: this request came with a token.")
	}
	err := c.store.EndSession(ctx, a.User.ID, a.SessionID)
	if err != nil && ErrorCode(err) == NotFound {
		return nil
	}
	return err
}
