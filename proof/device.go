// Package proof holds what people show to prove who they are where nobody is signed in: the device cookie of a browser, a link in a digest,
// and a link for a new password. It knows nothing of users but their ids and the hashes of their passwords, and keeps nothing.
//
// The package imports nothing of this module.
package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

const (
	letters         = "abcdefghijklmnopqrstuvwxyz234567"
	idLength        = 12
	signatureLength = 32
)

// Signature is a keyed hash of a text, which only who knows the key can make: 32 lower-case letters and digits.
func Signature(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)))[:signatureLength]
}

// Device is the part of a device cookie that is about one account, whether genuine or not.
//
// A browser in which somebody signed in before carries a device cookie (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
// With it, sign-ins of that account are counted apart, so that strangers who guess its password lock out only strangers. The cookie signs
// nobody in. Nothing is stored: the cookie holds the user's id, random letters, and a signature made with the user's password hash. So
// a change of the password ends all device cookies of the user but the one that the change gives.
type Device string

const (
	maxDevices   = 4 // accounts in the cookie of one browser; the oldest goes first
	secretLength = idLength + 32
	deviceLength = secretLength + signatureLength
)

// Devices are the well-formed parts of a device cookie, whether genuine or not.
func Devices(cookie string) []Device {
	var out []Device
	for d := range strings.SplitSeq(cookie, ".") {
		if len(d) == deviceLength && strings.Trim(d, letters) == "" && len(out) < maxDevices {
			out = append(out, Device(d))
		}
	}
	return out
}

// Owner is the id of the user whom the device says it is of.
func (d Device) Owner() string { return string(d[:idLength]) }

// Genuine says whether somebody signed in on the device with the password of this hash; "" is the hash of none.
func (d Device) Genuine(passwordHash string) bool {
	secret, signed := d[:secretLength], d[secretLength:]
	return passwordHash != "" && hmac.Equal([]byte(signed), []byte(signature(string(secret), passwordHash)))
}

// signature binds a device's random letters to the account with this password hash.
func signature(secret, passwordHash string) string { return Signature(passwordHash, "device "+secret) }

// Remember is the device cookie of a browser that had cookie, after a user signed in with the password of this hash. secret is a fresh
// secret of the user's, which begins with their id.
func Remember(cookie, secret, passwordHash string) string {
	out := []string{secret + signature(secret, passwordHash)}
	for _, d := range Devices(cookie) {
		switch {
		case d.Owner() != secret[:idLength]:
			out = append(out, string(d))
		case d.Genuine(passwordHash):
			out[0] = string(d)
		}
	}
	return strings.Join(out[:min(len(out), maxDevices)], ".")
}
