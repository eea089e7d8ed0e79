package chat

import (
	"context"
	"errors"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/proof"
)

// AdminResetPassword takes away the password, the sessions, the tokens and the invites of the user with a handle, and gives the secret of
// a link by which they choose a new password within ResetLife. It is for the command line.
func (c *Canteen) AdminResetPassword(ctx context.Context, handle string) (string, error) {
	found, err := c.store.UsersByHandle(ctx, []string{handle})
	if err != nil {
		return "", err
	}
	switch {
	case len(found) == 0:
		return "", InvalidField("handle", "Nobody has the handle %q.", handle)
	case found[0].Bot:
		return "", InvalidField("handle", "%q is a bot, which has no password.", handle)
	case found[0].Deactivated:
		return "", InvalidField("handle", "%q is deactivated.", handle)
	}
	u, now := found[0], c.clock.Time()
	secret := NewSecretOf(u.ID)
	hash := proof.Reset(secret, now.Add(ResetLife))
	_, err = c.store.UpdateUser(ctx, UpdateUser{User: u.ID, Was: u.was(), Password: &hash, EndSessions: true, At: now})
	if errors.Is(err, ErrStale) {
		return "", Errorf(Conflict, "%q has changed in the meantime. Try again.", handle)
	} else if err != nil {
		return "", err
	}
	c.auditor.done(ctx, commandLine(), "password reset", []any{audit.Of, u.ID}, nil)
	return secret, nil
}

// was is the fact that the user is as they were read.
func (u User) was() *UserFact { return &UserFact{ID: u.ID, Role: u.Role, Epoch: u.Epoch} }

// NewPasswordInput is the form behind a link that resets a password. Former is as in [SignInInput].
type NewPasswordInput struct {
	Token, Password, UserAgent, Former string
}

// CheckReset is NotFound, as [Canteen.ResetPassword] is, for a link that does not work. Only those count against the rate.
func (c *Canteen) CheckReset(ctx context.Context, a Actor, token string) error {
	return second(perform(ctx, c, a, CmdCheckReset, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		u, err := c.resetting(ctx, token)
		at.about = []any{audit.Of, u.ID}
		if err == nil {
			c.give(ctx, c.rates.signUpAddress, a.key())
		}
		return struct{}{}, err
	}}))
}

// ResetPassword sets the password of the user whom a link is for, and signs them in. NotFound alike for a link that is unknown, used,
// replaced by a newer one or too old.
func (c *Canteen) ResetPassword(ctx context.Context, a Actor, in NewPasswordInput) (SignedIn, error) {
	return perform(ctx, c, a, CmdUseReset, use[SignedIn]{do: func(at *attempt) (SignedIn, error) {
		u, err := c.resetting(ctx, in.Token)
		at.about = []any{audit.Of, u.ID}
		if err != nil {
			return SignedIn{}, err
		}
		if err := c.password("password", in.Password, u.Name, u.Handle); err != nil {
			return SignedIn{}, err
		}
		hash, err := c.hasher.Hash(ctx, u.ID, in.Password)
		if err != nil {
			return SignedIn{}, err
		}
		// The raised epoch lets one of two who use the link at once in. Tokens made since, on the command line, stay.
		now, err := c.store.UpdateUser(ctx, UpdateUser{
			User: u.ID, Was: u.was(), Password: &hash, EndSessions: true, KeepTokens: true, At: c.clock.Time(),
		})
		if err != nil {
			return SignedIn{}, c.meanwhile(ctx, in.Token, err)
		}
		s, secret := c.newSession(now.ID, now.Epoch, in.UserAgent)
		if err := c.store.AddSession(ctx, s); err != nil {
			return SignedIn{}, c.meanwhile(ctx, in.Token, err)
		}
		err = c.endFormer(ctx, at, in.Former)
		return at.signedIn(now, s.Session.ID, secret, hash), err
	}})
}

// meanwhile explains ErrStale: the link was used, or its user was changed, after it was read.
func (c *Canteen) meanwhile(ctx context.Context, token string, err error) error {
	if !errors.Is(err, ErrStale) {
		return err
	}
	if _, err := c.resetting(ctx, token); err != nil {
		return err
	}
	return Errorf(Conflict, "Your account has changed in the meantime. Try again.")
}

// resetting is the user whom a link is for. NotFound unless it is good now.
func (c *Canteen) resetting(ctx context.Context, token string) (User, error) {
	u, hash, err := c.store.CredentialsOf(ctx, ownerOf(token))
	if err != nil && ErrorCode(err) != NotFound {
		return User{}, err
	}
	if err != nil || u.Deactivated || !proof.Resets(hash, token, c.clock.Time()) {
		return User{}, errDeadReset()
	}
	return u, nil
}

func errDeadReset() *Error {
	return &Error{
		Code: NotFound, Field: "token", Message: "This link no longer works. Ask the person who sent it for a new one.",
	}
}
