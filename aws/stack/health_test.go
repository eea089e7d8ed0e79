package stack

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestBrokenSockets: a 403 from before the function does not count as healthy.
func TestBrokenSockets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ws":
			w.WriteHeader(http.StatusForbidden)
		case "/":
			_, _ = w.Write([]byte("<html>"))
		default:
			_, _ = w.Write([]byte("{}"))
		}
	}))
	defer server.Close()
	if _, err := (Options{}).probe(t.Context(), server.URL, server.URL); err == nil ||
		!strings.Contains(err.Error(), "signed in as nobody (401 is right), answers 403") {
		t.Errorf("it says %v", err)
	}
}

// TestNameNotThereYet: a workspace whose name is not in the DNS is checked through the distribution's name.
func TestNameNotThereYet(t *testing.T) {
	var asked []string
	log := &waitableLog{}
	answer := func(r *http.Request) (*http.Response, error) {
		if asked = append(asked, r.URL.Host); r.URL.Host == "chat.example.com" {
			return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
		}
		w := httptest.NewRecorder()
		switch {
		case r.URL.Path == "/ws" && r.Header.Get("Origin") == "https://chat.example.com":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/ws":
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/":
			_, _ = w.WriteString("<html>")
		default:
			_, _ = w.WriteString(`{"setup":true}`)
		}
		return w.Result(), nil
	}
	st := &state{
		parameters: map[string]string{"DomainName": "chat.example.com"},
		outputs:    map[string]string{"Url": "https://chat.example.com", "DistributionDomain": "d123.cloudfront.net"},
	}
	due, err := Options{HTTP: &http.Client{Transport: tripper(answer)}, Log: log}.awaitHealthy(t.Context(), st)
	if !due || err != nil || asked[0] != "chat.example.com" || asked[len(asked)-1] != "d123.cloudfront.net" {
		t.Errorf("due = %v, %v; asked %v", due, err, asked)
	}
	if !strings.Contains(log.String(), "chat.example.com is not known to the DNS yet; it works at https://d123.cloudfront.net") {
		t.Error(log)
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
