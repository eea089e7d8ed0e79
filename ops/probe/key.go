package probe

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
)

// Path is where a probe asks for an event.
const Path = "/probe"

const (
	header   = "X-Canteen-Probe"
	namedBy  = "probe-" // a user of a probe begins with it; ids of people do not have a hyphen
	textSize = 26       // length of rand.Text
)

// Key is the secret by which a server knows its own probes. It lives in the memory of one process.
type Key struct{ secret string }

// NewKey makes a Key.
func NewKey() Key { return Key{rand.Text()} }

// sign makes a request one of a new probe. It returns the header's value, so that several requests can be of the same probe.
func (k Key) sign() (value, user string) {
	user = rand.Text()
	return k.secret + "." + user, namedBy + user
}

// User is the user whose connections hear the event of the probe that sent a request; "" if no probe of this server did.
func (k Key) User(r *http.Request) string {
	secret, user, _ := strings.Cut(r.Header.Get(header), ".")
	if k.secret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(k.secret)) != 1 || len(user) != textSize {
		return ""
	}
	return namedBy + user
}
