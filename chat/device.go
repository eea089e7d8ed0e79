package chat

import (
	"context"
	"encoding/hex"

	"github.com/canteen-chat/canteen/proof"
	"github.com/canteen-chat/canteen/text"
)

// remember is the device cookie of the actor's browser after u signed in with the password of this hash.
func (a Actor) remember(u User, passwordHash string) string {
	return proof.Remember(a.Device, NewSecretOf(u.ID), passwordHash)
}

// recognize finds out whether somebody signed in before in the visitor's browser, as the user with this folded e-mail address ("" for
// anyone). Rates then count the browser and not its address, so this comes before any rate: each device costs one read, whether there
// is such an account or not.
func (c *Canteen) recognize(ctx context.Context, a Actor, email string) (Actor, error) {
	for _, d := range proof.Devices(a.Device) {
		u, hash, err := c.store.CredentialsOf(ctx, d.Owner())
		if err != nil && ErrorCode(err) != NotFound {
			return a, err
		}
		if d.Genuine(hash) && (email == "" || email == text.Fold(u.Email)) {
			h := HashSecret(string(d))
			a.browser, a.known = "device "+hex.EncodeToString(h[:]), u.ID
		}
	}
	return a, nil
}
