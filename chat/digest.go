package chat

import (
	"context"
	"crypto/hmac"
	"errors"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/proof"
	"github.com/canteen-chat/canteen/settings"
)

// DigestState is where the e-mail digest of a user stands. Once there is one, it stays.
type DigestState struct {
	User  string
	Due   time.Time // when it is to be looked at next; zero: never, it was turned off
	Last  time.Time // when there was a digest, or nothing for one; zero: it was only turned on
	Since time.Time // what is not newer was mailed, or is not to be
	Key   string    // a secret, of which links to unsubscribe are made; "" before Last
	Tries int       // failures in a row
}

// Equal says whether two states are the same.
func (d DigestState) Equal(o DigestState) bool {
	return d.User == o.User && d.Due.Equal(o.Due) && d.Last.Equal(o.Last) && d.Since.Equal(o.Since) && d.Key == o.Key && d.Tries == o.Tries
}

// WantsDigest says whether the user is to get digests by e-mail.
func (u User) WantsDigest() bool {
	d := u.Settings.Attention.Digest
	return !u.Deactivated && !u.Bot && u.Email != "" && (d == settings.DigestHourly || d == settings.DigestDaily)
}

// MovesDigest says whether a change of u to now changes when the next digest is due. A digest that was turned off ends when it is looked
// at the next time.
func (u User) MovesDigest(now User) bool {
	was, is := u.Settings.Attention.Digest, now.Settings.Attention.Digest
	return now.WantsDigest() && (!u.WantsDigest() || was != is || u.TimeZone != now.TimeZone)
}

// AfterChange is the state after such a change: the digest is looked at, at once. Who turns digests on begins anew, so that older links to
// unsubscribe no longer work.
func (d DigestState) AfterChange(was, now User, at time.Time) DigestState {
	if !was.WantsDigest() {
		return DigestState{User: now.ID, Due: at}
	}
	d.User, d.Due = now.ID, at
	return d
}

// ImportedDigest is the state of a user who comes with an archive: looked at, at once. Who wants no digest gets the zero state.
func ImportedDigest(u User) DigestState {
	if !u.WantsDigest() {
		return DigestState{}
	}
	return DigestState{User: u.ID, Due: time.UnixMilli(1).UTC()}
}

// DigestStore holds the states. UserStore.UpdateUser changes them in its commit, where [User.MovesDigest] says so, as
// [DigestState.AfterChange] says.
type DigestStore interface {
	// DueDigests are those due at now, the earliest first, at most limit. It reads no others.
	DueDigests(ctx context.Context, now time.Time, limit int) ([]DigestState, error)
	// Digest is NotFound for a user who never wanted one.
	Digest(ctx context.Context, user string) (DigestState, error)
	// MoveDigest replaces a state. ErrStale if it is not was any more; of several who replace the same one, one succeeds.
	MoveDigest(ctx context.Context, was, now DigestState) error
}

// UnsubscribeSecret is the secret of a link by which the user turns digests off. It begins with the user's id, by which the state is found.
// Only who knows the key can make the rest.
func (d DigestState) UnsubscribeSecret() string {
	return d.User + proof.Signature(d.Key, "unsubscribe "+d.User)
}

// Unsubscribe turns digests off, by the secret of a link in one of them. A link that was used may be used again; NotFound for one that is
// unknown, or older than the last time the digests were turned on.
func (c *Canteen) Unsubscribe(ctx context.Context, a Actor, secret string) error {
	return second(perform(ctx, c, a, CmdUnsubscribe, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		d, err := c.digests.Digest(ctx, ownerOf(secret))
		if err != nil && ErrorCode(err) != NotFound {
			return struct{}{}, err
		}
		if err != nil || d.Key == "" || !hmac.Equal([]byte(secret), []byte(d.UnsubscribeSecret())) {
			return struct{}{}, Errorf(NotFound, "This link no longer works. You find the digest in your settings, under Notifications.")
		}
		at.about = []any{audit.Of, d.User}
		u, err := c.store.User(ctx, d.User)
		if at.quiet = err == nil && u.Settings.Attention.Digest == settings.DigestOff; err != nil || at.quiet {
			return struct{}{}, err
		}
		off := settings.DigestOff
		_, err = c.store.UpdateUser(ctx, UpdateUser{
			User: u.ID, Was: u.was(), Settings: &settings.Input{Attention: &settings.AttentionInput{Digest: &off}}, At: c.clock.Time(),
		})
		if errors.Is(err, ErrStale) {
			err = &Error{Code: Unavailable, Message: "Your account has changed in the meantime. Try again.", RetryAfter: retryLater}
		}
		return struct{}{}, err
	}}))
}
