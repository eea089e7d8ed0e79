// Package password hashes passwords with argon2id and detects weak ones.
//
// At most GOMAXPROCS/2 hashes (at least one) are computed at once. While calls wait there is a pause after each hash, so that a flood of
// them takes a quarter of a processor. Few calls wait, and for two seconds at most; others are refused. So a flood of sign-ins slows down
// sign-ins only, and those of one sender mostly their own: senders have turns one after another. The package imports packages chat and
// text, and golang.org/x/crypto.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/canteen-chat/canteen/text"
)

// Parameters of new hashes: of the OWASP minimums (ASVS 5.0, appendix C), which are equally strong, the one with the least memory. Stored
// hashes contain their own parameters; as long as there are others, the time of a wrong password tells which accounts have them.
const (
	passes  = 3
	memory  = 12 * 1024 // KiB
	lanes   = 1
	keySize = 32
	salt    = 16
)

const (
	waiting  = 16                     // calls for each hash that is computed: as many as patience is enough for
	patience = 2 * time.Second        // how long a call waits
	pause    = 100 * time.Millisecond // after each hash, which takes about 33 ms, while calls wait
)

// largeHeap is from where on collecting the garbage of each hash would cost more than the hash. The garbage is then a small part of it.
const largeHeap = 64 << 20

// rest is the pause before the next hash. That one shall use the memory of the last, not add its own to it.
func rest() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}} // what the last collection found
	if metrics.Read(live); live[0].Value.Uint64() < largeHeap {
		runtime.GC()
	}
	time.Sleep(pause)
}

//go:embed common.txt
var commonList string

// Hasher implements chat.Hasher.
type Hasher struct {
	line   *line
	common map[string]bool
	nobody string // a hash without a known password: verifying against it makes an unknown account take as long as a wrong password
}

// New makes a Hasher.
func New() *Hasher {
	atOnce := max(1, runtime.GOMAXPROCS(0)/2) // the other processors are for those who are signed in
	h := &Hasher{line: &line{free: atOnce, most: waiting * atOnce}, common: map[string]bool{}}
	for line := range strings.Lines(commonList) {
		if !strings.HasPrefix(line, "#") {
			h.common[strings.TrimSuffix(line, "\n")] = true
		}
	}
	h.nobody = encode(random(salt), random(keySize))
	return h
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// encode gives the PHC string format: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func encode(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b.EncodeToString(salt),
		b.EncodeToString(key))
}

// Hash hashes a password. Its errors are that of the context, and Unavailable when too many wait.
func (h *Hasher) Hash(ctx context.Context, sender, password string) (string, error) {
	if err := h.line.enter(ctx, sender); err != nil {
		return "", err
	}
	defer h.line.leave(rest)
	s := random(salt)
	return encode(s, params{memory, passes, lanes, keySize}.key(text.Password(password), s)), nil
}

type params struct {
	memory, passes uint32
	lanes          uint8
	size           uint32
}

func (p params) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, p.passes, p.memory, p.lanes, p.size)
}

// Verify compares in constant time. An empty hash takes the same time and gives false. A password is compared in the form that
// text.Password gives; and, if it was written differently, also as it was written, since hashes were once made of that. Then both
// are computed always, so that the time does not tell which one matches.
func (h *Hasher) Verify(ctx context.Context, sender, hash, password string) (bool, error) {
	stored := hash
	if stored == "" {
		stored = h.nobody
	}
	p, s, want, err := decode(stored)
	if err != nil {
		return false, err
	}
	forms := []string{text.Password(password)}
	if password != forms[0] {
		forms = append(forms, password)
	}
	if err := h.line.enter(ctx, sender); err != nil {
		return false, err
	}
	defer h.line.leave(rest)
	matches := 0
	for _, form := range forms {
		matches |= subtle.ConstantTimeCompare(p.key(form, s), want)
	}
	return matches == 1 && hash != "", nil
}

func decode(hash string) (p params, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, fmt.Errorf("a stored password hash is not argon2id of version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return p, nil, nil, fmt.Errorf("parameters of a stored password hash: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, nil, nil, fmt.Errorf("salt of a stored password hash: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return p, nil, nil, fmt.Errorf("key of a stored password hash: %w", err)
	}
	p.size = uint32(len(key)) // #nosec G115 -- decoded from the database, a few dozen bytes
	return p, salt, key, nil
}

// shortWord is the length below which a word of the context is ignored.
const shortWord = 4

// Weak says why a password is easy to guess, "" if it is not. Weak are common passwords, one repeated character, and a word of the
// context (such as the user's name) with few other characters.
func (h *Hasher) Weak(password string, words ...string) string {
	folded := text.Fold(password)
	bare := strings.Trim(folded, "0123456789!?.,;:-_*+#$%&@ ")
	if h.common[folded] || h.common[password] || h.common[bare] {
		return "This is one of the most common passwords. Choose another, such as a few words that nobody else would put together."
	}
	if strings.Trim(folded, folded[:min(len(folded), 1)]) == "" {
		return "This password is one character, repeated. Choose another."
	}
	for _, w := range words {
		if w = text.Fold(strings.TrimSpace(w)); len(w) >= shortWord && strings.Contains(folded, w) && len(folded)-len(w) < 8 {
			return "This password is little more than a name that is easy to guess. Choose another."
		}
	}
	return ""
}
