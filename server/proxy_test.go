package server_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestUnnamedProxy: behind a proxy that --trusted-proxies does not name, all people have one address. The server says so once. A stranger
// who guesses passwords of the whole company keeps nobody out who signed in before.
func TestUnnamedProxy(t *testing.T) {
	log := &world.Log{}
	w := world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	target, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}})
	defer proxy.Close()

	signIn := func(c *http.Client, email, password string) int {
		t.Helper()
		body, err := json.Marshal(wire.SignIn{Email: email, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Post(proxy.URL+"/api/v1/session", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	miras := &http.Client{Jar: jar}
	if got := signIn(miras, "mira@example.com", world.Password); got != http.StatusCreated {
		t.Fatalf("Mira signs in: %d", got)
	}
	handles := []string{"ada", "mira", "jonas", "sam", "kim"}
	for i := range 120 {
		signIn(&http.Client{}, handles[i%len(handles)]+"@example.com", "a guess")
		signIn(&http.Client{}, "x"+strings.Repeat("y", i)+"@example.com", "a guess")
	}
	if got := signIn(&http.Client{}, "jonas@example.com", world.Password); got != http.StatusTooManyRequests {
		t.Errorf("a new browser behind the proxy: %d", got)
	}
	if got := signIn(miras, "mira@example.com", world.Password); got != http.StatusCreated {
		t.Errorf("Mira's browser: %d", got)
	}
	if n := strings.Count(log.String(), "--trusted-proxies"); n != 1 {
		t.Errorf("%d lines about the proxy:\n%s", n, log)
	}
}
