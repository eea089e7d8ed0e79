package password_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/password"
)

func TestHashVerify(t *testing.T) {
	ctx, h := context.Background(), password.New()
	hash, err := h.Hash(ctx, "mira", "Suppe mit Brot 9")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=12288,t=3,p=1$") {
		t.Errorf("hash %q does not say its parameters", hash)
	}
	again, err := h.Hash(ctx, "mira", "Suppe mit Brot 9")
	if err != nil || again == hash {
		t.Errorf("two hashes of one password are equal, or %v", err)
	}
	for given, want := range map[string]bool{"Suppe mit Brot 9": true, "suppe mit brot 9": false, "Suppe mit Brot 9 ": false, "": false} {
		if got, err := h.Verify(ctx, "mira", hash, given); err != nil || got != want {
			t.Errorf("Verify(%q) = %v, %v, want %v", given, got, err, want)
		}
	}
	if got, err := h.Verify(ctx, "mira", "", "Suppe mit Brot 9"); err != nil || got {
		t.Errorf("Verify of no hash = %v, %v", got, err)
	}
	for _, broken := range []string{"x", "$argon2id$v=19$m=1$a$b", "$argon2id$v=19$m=19456,t=2,p=1$!$b"} {
		if _, err := h.Verify(ctx, "mira", broken, "x"); err == nil {
			t.Errorf("Verify took the hash %q", broken)
		}
	}
}

// TestPasswordsOfOtherKeyboards: a password written in another normal form, or with another space, is the same. One that was
// hashed as it was written still signs in.
func TestPasswordsOfOtherKeyboards(t *testing.T) {
	ctx, h := context.Background(), password.New()
	const composed, decomposed = "Gr\u00fc\u00dfe an alle", "Gru\u0308\u00dfe\u00a0an\u3000alle"
	hash, err := h.Hash(ctx, "mira", decomposed)
	if err != nil {
		t.Fatal(err)
	}
	// made of decomposed as it is, before passwords were normalised
	const old = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$o3jWMP3KTe5Z5alBx+b517VRfFpNxHcOYxJBRM9Jc4Q"
	for _, c := range []struct {
		hash, given string
		want        bool
	}{
		{hash, composed, true}, {hash, decomposed, true}, {hash, "GRÜSSE AN ALLE", false}, {hash, "Grüße  an alle", false},
		{hash, "Gru\u0308\u00dfe an ally", false}, {old, decomposed, true}, {old, "Gru\u0308\u00dfe an ally", false}, {"", decomposed, false},
	} {
		if got, err := h.Verify(ctx, "mira", c.hash, c.given); err != nil || got != c.want {
			t.Errorf("Verify(%.20q, %+q) = %v, %v", c.hash, c.given, got, err)
		}
	}
}

func TestWeak(t *testing.T) {
	h := password.New()
	for _, weak := range []string{"password", "Password1", "12345678", "aaaaaaaaaa", "qwertyuiop", "Acme2026", "mira.novak1",
		"iloveyou!!"} {
		if h.Weak(weak, "Acme", "mira.novak", "Mira Novak") == "" {
			t.Errorf("%q passes", weak)
		}
	}
	for _, fine := range []string{"correct horse battery staple", "Suppe mit Brot 9", "mira likes ramen a lot", "пароль не простой"} {
		if why := h.Weak(fine, "Acme", "mira", "Mi"); why != "" {
			t.Errorf("%q: %s", fine, why)
		}
	}
}

// TestFlood: a caller whose context ends while it waits gets the context's error, and nothing hangs.
func TestFlood(t *testing.T) {
	h := password.New()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	late := make(chan error, 16)
	for range 16 { // as many as may wait
		wg.Go(func() {
			if _, err := h.Hash(ctx, "mira", "Suppe mit Brot 9"); err != nil {
				late <- err
			}
		})
	}
	wg.Wait()
	close(late)
	for err := range late {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
}
