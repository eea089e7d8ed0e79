package rest

import (
	"testing"

	"github.com/canteen-chat/canteen/origin"
)

// TestHostOfAPublicURL: names are compared without case and a last dot, and the default port is none.
func TestHostOfAPublicURL(t *testing.T) {
	for public, hosts := range map[string]map[string]bool{
		"https://chat.example.com": {
			"chat.example.com": true, "CHAT.Example.com": true, "chat.example.com.": true, "chat.example.com:443": true,
			"chat.example.com:80": false, "chat.example.com:8443": false, "example.com": false, "chat.example.com.evil.example": false,
			"": false, "localhost": false, "127.0.0.1": false,
		},
		"https://chat.example.com:8443": {"chat.example.com:8443": true, "chat.example.com": false},
		"https://[2001:db8::1]":         {"[2001:DB8:0::1]": true, "[2001:db8::1]:443": true, "[2001:db8::2]": false},
	} {
		o, err := origin.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		for host, want := range hosts {
			if named(o, host) != want {
				t.Errorf("Host %q at %s: %v, want %v", host, public, !want, want)
			}
		}
	}
}
