package proof

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Who forgot their password gets a link by which they choose another. While the link is out, the account has no password: in place of
// the password's hash there is the hash of the link's secret, with the time when the link ends. So a new link ends the one before, a used
// one is gone with the new password, and stores know nothing of it.
const resetPrefix = "reset "

// Reset is what is stored of a link, in place of a password's hash.
func Reset(secret string, end time.Time) string {
	h := sha256.Sum256([]byte(secret))
	return fmt.Sprintf("%s%d %s", resetPrefix, end.Unix(), hex.EncodeToString(h[:]))
}

// Resets says whether hash is that of a link with this secret that has not ended at now.
func Resets(hash, secret string, now time.Time) bool {
	end, want, _ := strings.Cut(strings.TrimPrefix(hash, resetPrefix), " ")
	until, err := strconv.ParseInt(end, 10, 64)
	h := sha256.Sum256([]byte(secret))
	return err == nil && strings.HasPrefix(hash, resetPrefix) && now.Unix() < until &&
		subtle.ConstantTimeCompare([]byte(want), []byte(hex.EncodeToString(h[:]))) == 1
}

// PasswordHash is hash, or "" while a link is out, by which nobody signs in.
func PasswordHash(hash string) string {
	if strings.HasPrefix(hash, resetPrefix) {
		return ""
	}
	return hash
}
