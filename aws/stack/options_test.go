package stack

import "testing"

// TestSpelled: the functions compare the Origin of browsers with the domain and the URL that the stack gets.
func TestSpelled(t *testing.T) {
	o, err := Options{Domain: new("Chat.Example.com"), PublicURL: new("HTTP://LocalHost:80/")}.spelled()
	if err != nil || *o.Domain != "chat.example.com" || *o.PublicURL != "http://localhost" {
		t.Errorf("%q %q %v", *o.Domain, *o.PublicURL, err)
	}
}
