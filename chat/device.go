package chat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"

	"github.com/canteen-chat/canteen/text"
)

// A browser in which somebody signed in before carries a device cookie (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
// With it, sign-ins of that account are counted apart, so that strangers who guess its password lock out only strangers. The cookie signs
// nobody in. Nothing is stored: the cookie holds the user's id, random letters, and a signature made with the user's password hash. So
// a change of the password ends all device cookies of the user but the one that the change gives.
const (
	maxDevices      = 4 // accounts in the cookie of one browser; the oldest goes first
	signatureLength = 32
	deviceLength    = 12 + 32 + signatureLength
)

// signature binds a device's random letters to the account with this password hash.
func signature(secret, passwordHash string) string {
	mac := hmac.New(sha256.New, []byte(passwordHash))
	mac.Write([]byte("device " + secret))
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)))[:signatureLength]
}

// devices are the well-formed parts of a device cookie, whether genuine or not.
func devices(cookie string) []string {
	var out []string
	for d := range strings.SplitSeq(cookie, ".") {
		if len(d) == deviceLength && strings.Trim(d, idLetters) == "" && len(out) < maxDevices {
			out = append(out, d)
		}
	}
	return out
}

func ownerOfDevice(d string) string { return d[:12] }

func genuine(d, passwordHash string) bool {
	secret, signed := d[:deviceLength-signatureLength], d[deviceLength-signatureLength:]
	return passwordHash != "" && hmac.Equal([]byte(signed), []byte(signature(secret, passwordHash)))
}

// remember is the device cookie of the actor's browser after u signed in with the password of this hash.
func (a Actor) remember(u User, passwordHash string) string {
	secret := NewSecretOf(u.ID)
	out := []string{secret + signature(secret, passwordHash)}
	for _, d := range devices(a.Device) {
		switch {
		case ownerOfDevice(d) != u.ID:
			out = append(out, d)
		case genuine(d, passwordHash):
			out[0] = d
		}
	}
	return strings.Join(out[:min(len(out), maxDevices)], ".")
}

// recognize finds out whether somebody signed in before in the visitor's browser, as the user with this folded e-mail address ("" for
// anyone). Rates then count the browser and not its address, so this comes before any rate: each device costs one read, whether there
// is such an account or not.
func (c *Canteen) recognize(ctx context.Context, a Actor, email string) (Actor, error) {
	for _, d := range devices(a.Device) {
		u, hash, err := c.store.CredentialsOf(ctx, ownerOfDevice(d))
		if err != nil && ErrorCode(err) != NotFound {
			return a, err
		}
		if genuine(d, hash) && (email == "" || email == text.Fold(u.Email)) {
			h := HashSecret(d)
			a.browser, a.known = "device "+hex.EncodeToString(h[:]), u.ID
		}
	}
	return a, nil
}
