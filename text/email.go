package text

import (
	"fmt"
	"net/mail"
	"strings"
)

// EmailLength is the length of the longest e-mail address.
const EmailLength = 254

// Email gives an e-mail address without white space around it, or says that it is none: one, plain, without a display name (RFC 5322
// addr-spec, in ASCII).
func Email(s string) (address, why string) {
	s = strings.TrimSpace(s)
	bad := fmt.Sprintf("Enter one e-mail address of at most %d characters, such as mira@example.com.", EmailLength)
	if len(s) > EmailLength || strings.ContainsAny(s, "\r\n\t ,;<>\"()") {
		return "", bad
	}
	for _, r := range s {
		if r > 126 || r < 33 {
			return "", bad
		}
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || !strings.Contains(s, "@") {
		return "", bad
	}
	return s, ""
}
