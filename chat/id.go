package chat

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

const idLetters = "abcdefghijklmnopqrstuvwxyz234567"

// NewID is a fresh id for a room, user, session, token or invite: 12 random lower-case base32 characters (60 bits).
func NewID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails (Go 1.24)
	for i := range b {
		b[i] = idLetters[b[i]&31]
	}
	return string(b[:])
}

// IsID says whether s has the form of an id.
func IsID(s string) bool {
	return len(s) == 12 && strings.Trim(s, idLetters) == ""
}

// NewSecret is a fresh bearer secret: 160 random bits in lower-case base32 (32 characters).
func NewSecret() string {
	var b [20]byte
	_, _ = rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// NewSecretOf is a fresh bearer secret that says whose it is: the user's id, then 160 random bits (44 characters). A store
// that keeps secrets under their user finds secret and user in one read.
func NewSecretOf(user string) string { return user + NewSecret() }

// ownerOf is whose a secret says it is; "" for those made before they said so.
func ownerOf(secret string) string {
	if len(secret) == 44 && IsID(secret[:12]) {
		return secret[:12]
	}
	return ""
}

// SecretHash is all that is stored of a secret: its SHA-256. Secrets are random, so a fast hash suffices.
type SecretHash [sha256.Size]byte

// HashSecret hashes a secret for storing and finding. Lookup is by hash, so no comparison of secrets can leak time.
func HashSecret(secret string) SecretHash { return sha256.Sum256([]byte(secret)) }
