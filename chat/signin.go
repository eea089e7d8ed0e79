package chat

import (
	"context"
	"errors"
	"strings"

	"github.com/canteen-chat/canteen/proof"
	"github.com/canteen-chat/canteen/text"
)

// SignedIn is a new session: its actor, the secret that its cookie carries, and the cookie by which the browser is known from now on.
type SignedIn struct {
	Actor          Actor
	Secret, Device string
}

// SignInInput is the sign-in form. Former is the secret of the session that the browser had until now, which ends; "" for none.
type SignInInput struct {
	Email, Password, UserAgent, Former string
}

// SignIn checks a password. Whatever is wrong, the answer and the work are the same. Only failures count against the
// rates: a slot is taken before the hash is computed and given back on success. A browser in which that person signed in before has
// slots of its own.
func (c *Canteen) SignIn(ctx context.Context, a Actor, in SignInInput) (SignedIn, error) {
	if err := signInForm(in); err != nil {
		return SignedIn{}, err
	}
	email := text.Fold(strings.TrimSpace(in.Email))
	a, err := c.recognize(ctx, a, email)
	if err != nil {
		return SignedIn{}, err
	}
	account := email
	if a.browser != "" {
		account = a.browser
	}
	return perform(ctx, c, a, CmdSignIn, use[SignedIn]{do: func(at *attempt) (SignedIn, error) {
		if err := c.take(ctx, c.rates.signInAccount, account); err != nil {
			return SignedIn{}, err
		}
		u, hash, err := c.verify(ctx, at.sender(), email, in.Password)
		at.about = []any{"account", u.ID, "account_handle", u.Handle}
		if err != nil && ErrorCode(err) == Unavailable { // no guess was judged
			c.giveSignIn(ctx, a, account)
			return SignedIn{}, err
		}
		if err != nil {
			return SignedIn{}, err
		}
		if err := c.endFormer(ctx, at, in.Former); err != nil {
			return SignedIn{}, err
		}
		s, secret := c.newSession(u.ID, u.Epoch, in.UserAgent)
		if err := c.store.AddSession(ctx, s); errors.Is(err, ErrStale) {
			return SignedIn{}, errWrongPassword()
		} else if err != nil {
			return SignedIn{}, err
		}
		c.giveSignIn(ctx, a, account)
		return at.signedIn(u, s.Session.ID, secret, hash), nil
	}})
}

// giveSignIn gives back what a sign-in took of the rates of failures.
func (c *Canteen) giveSignIn(ctx context.Context, a Actor, account string) {
	c.give(ctx, c.rates.signInAddress, a.key())
	c.give(ctx, c.rates.signInAccount, account)
}

// verify is the user of an e-mail address and password, and the password's hash. The user is given with the error too, for the audit
// line.
func (c *Canteen) verify(ctx context.Context, sender, email, password string) (User, string, error) {
	u, hash, err := c.store.Credentials(ctx, email)
	if err != nil && ErrorCode(err) != NotFound {
		return User{}, "", err
	}
	if err != nil || u.Deactivated {
		hash = ""
	}
	ok, err := c.hasher.Verify(ctx, sender, proof.PasswordHash(hash), password)
	if err == nil && !ok {
		err = errWrongPassword()
	}
	return u, hash, err
}

func errWrongPassword() *Error {
	return Errorf(Unauthenticated, "Wrong e-mail or password.")
}

// signedIn is what a visitor became.
func (at *attempt) signedIn(u User, session, secret, passwordHash string) SignedIn {
	at.User, at.SessionID = u, session
	return SignedIn{Actor: at.Actor, Secret: secret, Device: at.remember(u, passwordHash)}
}

func signInForm(in SignInInput) error {
	if strings.TrimSpace(in.Email) == "" || len(in.Email) > 4*EmailLength {
		return InvalidField("email", "Enter an e-mail address of at most %d characters.", EmailLength)
	}
	if in.Password == "" || len(in.Password) > PasswordMax {
		return InvalidField("password", "Enter a password of at most %d bytes.", PasswordMax)
	}
	return nil
}

// endFormer ends the session whose cookie the browser is about to replace. Its user has no more use for it: who else holds its
// secret stole it, or planted it in this browser.
func (c *Canteen) endFormer(ctx context.Context, at *attempt, secret string) error {
	if secret == "" {
		return nil
	}
	s, u, err := c.store.SessionBySecret(ctx, ownerOf(secret), HashSecret(secret), c.clock.Time())
	if err == nil {
		err = c.store.EndSession(ctx, u.ID, s.ID)
	}
	switch {
	case err == nil:
		at.about = append(at.about, "ended", s.ID)
		return nil
	case ErrorCode(err) == NotFound: // it ended before, or never was
		return nil
	}
	return err
}

func (c *Canteen) newSession(user string, epoch int64, agent string) (NewSession, string) {
	now, secret := c.clock.Time(), NewSecretOf(user)
	if len(agent) > UserAgentLength {
		agent = strings.ToValidUTF8(agent[:UserAgentLength], "")
	}
	return NewSession{
		Session: Session{
			ID: NewID(), User: user, UserEpoch: epoch, UserAgent: agent, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(SessionIdle),
			PasswordAt: now,
		},
		Secret: HashSecret(secret),
	}, secret
}

// SignUpInput is the form behind an invite. Former is as in [SignInInput].
type SignUpInput struct {
	Invite, Name, Handle, Password, Email, UserAgent, Former string
}

// SignUp makes the user an invite is for, in the default rooms (guests apart) and the invite's, and signs in. An unknown,
// used or expired invite, and one for another e-mail, are NotFound alike.
func (c *Canteen) SignUp(ctx context.Context, a Actor, in SignUpInput) (SignedIn, error) {
	return perform(ctx, c, a, CmdSignUp, use[SignedIn]{do: func(at *attempt) (SignedIn, error) {
		s, id, err := c.signUp(ctx, at, in)
		at.about = append(at.about, "invite", id)
		return s, deadInvite(err)
	}})
}

// CheckInvite is NotFound, as [Canteen.SignUp] is, for an invite that lets nobody in. Only those count against the rate of sign-ups.
func (c *Canteen) CheckInvite(ctx context.Context, a Actor, secret string) error {
	return second(perform(ctx, c, a, CmdCheckInvite, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		i, err := c.store.InviteBySecret(ctx, HashSecret(secret), c.clock.Time())
		at.about = []any{"invite", i.ID}
		if err == nil {
			c.give(ctx, c.rates.signUpAddress, a.key())
		}
		return struct{}{}, deadInvite(err)
	}}))
}

// deadInvite says of an invite that is NotFound no more than that.
func deadInvite(err error) error {
	if err != nil && ErrorCode(err) == NotFound {
		return &Error{
			Code: NotFound, Field: "invite", Message: "This invite link no longer works. Ask the person who sent it for a new one.",
		}
	}
	return err
}

// signUp makes the user and their session, and says by which invite. NotFound for an invite that lets this person in no more.
func (c *Canteen) signUp(ctx context.Context, at *attempt, in SignUpInput) (SignedIn, string, error) {
	h := HashSecret(in.Invite)
	invite, err := c.store.InviteBySecret(ctx, h, c.clock.Time())
	if err != nil {
		return SignedIn{}, invite.ID, err
	}
	if in.Email == "" {
		in.Email = invite.Email
	}
	w, err := c.store.Workspace(ctx)
	if err != nil {
		return SignedIn{}, invite.ID, err
	}
	u, err := c.newUser(ctx, at.sender(), userInput{in.Name, in.Handle, in.Email, in.Password, invite.Role, w.Name})
	if err != nil {
		return SignedIn{}, invite.ID, err
	}
	if err := invite.Usable(c.clock.Time(), u.EmailFold); err != nil { // before whether the address is taken can be told
		return SignedIn{}, invite.ID, err
	}
	rooms := invite.Rooms
	if invite.Role != Guest {
		rooms = union(w.DefaultRooms, rooms)
	}
	s, secret := c.newSession(u.User.ID, u.User.Epoch, in.UserAgent)
	user, err := c.store.AddUser(ctx, AddUser{User: u, Invite: &h, Rooms: rooms, Session: &s, At: c.clock.Time()})
	if err != nil {
		return SignedIn{}, invite.ID, err
	}
	err = c.endFormer(ctx, at, in.Former) // not before: a refusal ends nothing
	return at.signedIn(user, s.Session.ID, secret, u.PasswordHash), invite.ID, err
}

// SignOut ends the actor's session.
func (c *Canteen) SignOut(ctx context.Context, a Actor) error {
	_, err := perform(ctx, c, a, CmdSignOut, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		err := c.store.EndSession(ctx, at.User.ID, at.SessionID)
		if at.quiet = err != nil && ErrorCode(err) == NotFound; at.quiet { // it ended before
			return struct{}{}, nil
		}
		return struct{}{}, err
	}})
	return err
}
