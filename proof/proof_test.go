package proof_test

import (
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/proof"
)

// secretOf is a secret of a user: their id of 12 letters, and 32 more.
func secretOf(user, letter string) string {
	return (user + strings.Repeat("a", 12))[:12] + strings.Repeat(letter, 32)
}

// TestDevice: a device is genuine only for the account that was signed in, with its password of then. A cookie names at most four accounts,
// the latest first, and keeps a genuine device of an account.
func TestDevice(t *testing.T) {
	cookie := proof.Remember("", secretOf("mira", "b"), "hash")
	ds := proof.Devices(cookie)
	if len(ds) != 1 || ds[0].Owner() != "miraaaaaaaaa" || !ds[0].Genuine("hash") || ds[0].Genuine("another") || ds[0].Genuine("") {
		t.Fatalf("%q", ds)
	}
	other := secretOf("sam", "b")[:12] + cookie[12:]
	forged := cookie[:len(cookie)-2] + "aa"
	for what, c := range map[string]string{"of another account": other, "with another signature": forged} {
		if d := proof.Devices(c); len(d) != 1 || d[0].Genuine("hash") {
			t.Errorf("%s: %q", what, d)
		}
	}
	for _, c := range []string{"", "..", "x", strings.ToUpper(cookie), cookie + "a", cookie[1:]} {
		if d := proof.Devices(c); len(d) > 0 {
			t.Errorf("%q has %q", c, d)
		}
	}
	if again := proof.Remember(cookie, secretOf("mira", "c"), "hash"); again != cookie {
		t.Errorf("the next sign-in makes %q of %q", again, cookie)
	}
	if after := proof.Remember(cookie, secretOf("mira", "c"), "new hash"); after == cookie || len(proof.Devices(after)) != 1 {
		t.Errorf("after a change of the password: %q", after)
	}
	many := cookie
	for _, user := range []string{"sam", "jonas", "kim", "olga"} {
		many = proof.Remember(many, secretOf(user, "d"), "hash")
	}
	if ds := proof.Devices(many); len(ds) != 4 || ds[0].Owner() != secretOf("olga", "")[:12] || strings.Contains(many, cookie) {
		t.Errorf("of five accounts: %q", ds)
	}
	if long := strings.Repeat(cookie+".", 50); len(proof.Devices(long)) != 4 {
		t.Errorf("%d devices", len(proof.Devices(long)))
	}
}

// TestReset: a link is good until its end, for its secret alone. While it is out, there is no password.
func TestReset(t *testing.T) {
	end := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	hash := proof.Reset("secret", end)
	for _, c := range []struct {
		hash, secret string
		at           time.Time
		want         bool
	}{
		{hash, "secret", end.Add(-time.Second), true}, {hash, "secret", end, false}, {hash, "another", end.Add(-time.Second), false},
		{strings.TrimPrefix(hash, "reset "), "secret", end.Add(-time.Second), false}, {"$argon2id$", "secret", end, false},
		{"", "", end, false},
	} {
		if got := proof.Resets(c.hash, c.secret, c.at); got != c.want {
			t.Errorf("%q with %q at %v: %t", c.hash, c.secret, c.at, got)
		}
	}
	if proof.PasswordHash(hash) != "" || proof.PasswordHash("$argon2id$") != "$argon2id$" {
		t.Error("the hash of a link is that of a password, or the other way round")
	}
}

// TestSignature: it depends on the key and on the text. What was once made is good for ever.
func TestSignature(t *testing.T) {
	one := proof.Signature("key", "unsubscribe mira")
	if one != "775pngzdwreo4km2rinl5lszfot5qs5q" || one == proof.Signature("other", "unsubscribe mira") ||
		one == proof.Signature("key", "unsubscribe sam") {
		t.Errorf("the signature is %s", one)
	}
}
