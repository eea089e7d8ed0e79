package origin

import (
	"strings"
	"testing"
)

// TestParse: the result is what browsers make of the spelling (location.origin; checked with the URL class of Node), or the error holds
// the right spelling.
func TestParse(t *testing.T) {
	for s, want := range map[string]string{
		"https://chat.example.com":         "https://chat.example.com",
		"https://chat.example.com/":        "https://chat.example.com",
		" https://chat.example.com\n":      "https://chat.example.com",
		"HTTPS://Chat.Example.com:443/":    "https://chat.example.com",
		"https://chat.example.com:0443":    "https://chat.example.com",
		"https://chat.example.com:":        "https://chat.example.com",
		"https://chat.example.com?":        "https://chat.example.com",
		"https://chat.example.com/#":       "https://chat.example.com",
		"https://chat.example.com:80":      "https://chat.example.com:80",
		"http://chat.example.com:443":      "http://chat.example.com:443",
		"http://LOCALHOST:8080":            "http://localhost:8080",
		"http://localhost:80":              "http://localhost",
		"http://chat.localhost:8080":       "http://chat.localhost:8080",
		"https://chat":                     "https://chat",
		"https://my_host.example":          "https://my_host.example",
		"https://a--b.example":             "https://a--b.example",
		"https://München.example":          "https://xn--mnchen-3ya.example",
		"https://mu\u0308nchen.example":    "https://xn--mnchen-3ya.example",
		"https://m%C3%BCnchen.example":     "https://xn--mnchen-3ya.example",
		"https://XN--MNCHEN-3YA.example":   "https://xn--mnchen-3ya.example",
		"https://straße.example:8443":      "https://xn--strae-oqa.example:8443",
		"https://ｃｈａｔ。example.com":         "https://chat.example.com",
		"https://ex\u00adample.com":        "https://example.com",
		"http://127.0.0.1:8080":            "http://127.0.0.1:8080",
		"http://１２７.0.0.1":                 "http://127.0.0.1",
		"http://[::1]:80":                  "http://[::1]",
		"http://[0:0:0:0:0:0:0:1]:8080":    "http://[::1]:8080",
		"https://[2001:DB8:0:0::0001]:443": "https://[2001:db8::1]",
	} {
		if o, err := Parse(s); err != nil || o.String() != want {
			t.Errorf("%q: %s %v, want %s", s, o, err, want)
		} else if again, err := Parse(want); err != nil || again != o {
			t.Errorf("%q again: %+v %v, want %+v", want, again, err, o)
		}
	}
	for s, right := range map[string]string{
		"":                                   "https://chat.example.com",
		"https://":                           "https://chat.example.com",
		"chat.example.com":                   "write https://chat.example.com",
		"Chat.Example.com:8443":              "write https://chat.example.com:8443",
		"//chat.example.com":                 "write https://chat.example.com",
		"https:chat.example.com":             "write https://chat.example.com",
		`http:\\localhost:8080`:              "write http://localhost:8080",
		"ftp://chat.example.com":             "http:// or https://",
		"https://chat.example.com.":          "write chat.example.com",
		"https://chat.example.com。":          "write chat.example.com",
		"https://Chat.example.com/canteen":   "as https://chat.example.com:",
		"https://chat.example.com?x":         "as https://chat.example.com:",
		"https://u:p@chat.example.com":       "as https://chat.example.com:",
		"https://chat.example.com:99999":     "1 to 65535",
		"https://chat.example.com:0":         "1 to 65535",
		"https://chat..example.com":          `"chat..example.com"`,
		"https://*.example.com":              `"*.example.com"`,
		"https://xn--a.example":              `"xn--a.example"`,
		"https://" + strings.Repeat("a", 64): "no valid host name",
		"https://a b.example":                "such as https://chat.example.com",
		"http://127.1:8080":                  "four decimal numbers",
		"http://2130706433":                  "four decimal numbers",
		"http://0x7f.1":                      "four decimal numbers",
		"http://127.0.0.01":                  "four decimal numbers",
		"http://[::ffff:127.0.0.1]":          "write 127.0.0.1",
		"http://[127.0.0.1]":                 "such as https://chat.example.com",
		"http://[fe80::1%25eth0]":            "write [fe80::1]",
	} {
		if o, err := Parse(s); err == nil || !strings.Contains(err.Error(), right) {
			t.Errorf("%q: %s, %v, want %s", s, o, err, right)
		}
	}
}

func TestOfDomain(t *testing.T) {
	for s, want := range map[string]string{
		"chat.example.com": "https://chat.example.com", "Chat.Example.COM": "https://chat.example.com",
		"münchen.example": "https://xn--mnchen-3ya.example",
	} {
		if o, err := OfDomain(s); err != nil || o.String() != want {
			t.Errorf("%q: %s %v, want %s", s, o, err, want)
		}
	}
	for s, right := range map[string]string{
		"chat.example.com.": "write chat.example.com", "https://Chat.example.com/": "write chat.example.com",
		"chat.example.com:443": "such as chat.example.com", "localhost": "such as chat.example.com", "10.0.0.1": "such as chat.example.com",
		"[::1]": "such as chat.example.com", "": "no valid host name",
	} {
		if o, err := OfDomain(s); err == nil || !strings.Contains(err.Error(), right) {
			t.Errorf("%q: %s, %v, want %s", s, o, err, right)
		}
	}
}

func TestParts(t *testing.T) {
	for s, want := range map[string]struct {
		address          string
		secure, loopback bool
	}{
		"https://chat.example.com": {"chat.example.com", true, false}, "http://[::1]:8080": {"[::1]:8080", false, true},
		"http://localhost": {"localhost", false, true}, "https://a.localhost": {"a.localhost", true, true},
		"http://127.8.0.1:1": {"127.8.0.1:1", false, true}, "https://notlocalhost": {"notlocalhost", true, false},
	} {
		o, err := Parse(s)
		if err != nil || o.Address() != want.address || o.Secure() != want.secure || o.Loopback() != want.loopback {
			t.Errorf("%s: %s, secure %t, loopback %t, %v", s, o.Address(), o.Secure(), o.Loopback(), err)
		}
	}
}
