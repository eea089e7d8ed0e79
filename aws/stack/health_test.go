package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRefusedSockets: what the function answers is right. Another refusal is doubtful, since it may come from before the function, or
// the gateway replaces the status. A socket that is not refused is wrong.
func TestRefusedSockets(t *testing.T) {
	for _, c := range []struct {
		other, own   int
		doubt, wrong string
	}{
		{403, 401, "", ""},
		{403, 403, "signed in as nobody (401 is right), answers 403", ""},
		{500, 500, "another origin (403 is right), answers 500", ""},
		{403, 502, "signed in as nobody (401 is right), answers 502", ""},
		{101, 401, "", "another origin (403 is right), answers 101"},
		{403, 200, "", "signed in as nobody (401 is right), answers 200"},
	} {
		log := &waitableLog{}
		o := Options{HTTP: &http.Client{Transport: workspace{c.other, c.own}}, Log: log, Poll: time.Millisecond, Within: 50 * time.Millisecond}
		st := &state{outputs: map[string]string{"Url": "https://chat.example.com"}}
		h, err := o.checkPublicURL(t.Context(), st)
		if fmt.Sprint(err) == "<nil>" != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) ||
			!strings.Contains(h.doubt, c.doubt) || (h.doubt == "") != (c.doubt == "") {
			t.Errorf("%d and %d: doubt %q, error %v", c.other, c.own, h.doubt, err)
		}
		_, err = o.awaitHealthy(t.Context(), st, heard)
		if (err != nil) != (c.wrong != "") || strings.Contains(log.String(), "WARNING: the socket") != (c.doubt != "") {
			t.Errorf("%d and %d: %v\n%s", c.other, c.own, err, log)
		}
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
		return well().RoundTrip(r)
	}
	st := &state{
		parameters: map[string]string{"DomainName": "chat.example.com"},
		outputs:    map[string]string{"Url": "https://chat.example.com", "DistributionDomain": "d123.cloudfront.net"},
	}
	due, err := Options{HTTP: &http.Client{Transport: tripper(answer)}, Log: log}.awaitHealthy(t.Context(), st, heard)
	if !due || err != nil || asked[0] != "chat.example.com" || asked[len(asked)-1] != "d123.cloudfront.net" {
		t.Errorf("due = %v, %v; asked %v", due, err, asked)
	}
	if !strings.Contains(log.String(), "chat.example.com is not known to the DNS yet; it works at https://d123.cloudfront.net") {
		t.Error(log)
	}
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// workspace answers as one that is not set up, with these statuses to a socket from another origin and from its own page.
type workspace struct{ other, own int }

func well() workspace { return workspace{http.StatusForbidden, http.StatusUnauthorized} }

func (p workspace) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	switch {
	case r.URL.Path == "/ws" && r.Header.Get("Origin") == "https://chat.example.com":
		w.WriteHeader(p.own)
	case r.URL.Path == "/ws":
		w.WriteHeader(p.other)
	case r.URL.Path == "/":
		_, _ = w.WriteString("<html>")
	default:
		_, _ = w.WriteString(`{"setup":true}`)
	}
	return w.Result(), nil
}

func heard(context.Context) error { return nil }

// TestNobodyHears: a workspace where no socket hears an event is not well, and one where it does after a while is.
func TestNobodyHears(t *testing.T) {
	o := Options{HTTP: &http.Client{Transport: well()}, Poll: time.Millisecond, Within: 50 * time.Millisecond}
	st := &state{outputs: map[string]string{"Url": "https://chat.example.com"}}
	silent := errors.New("a socket heard none of 3 events")
	if _, err := o.awaitHealthy(t.Context(), st, func(context.Context) error { return silent }); !errors.Is(err, silent) {
		t.Errorf("a silent one: %v", err)
	}
	asked := 0
	_, err := o.awaitHealthy(t.Context(), st, func(context.Context) error {
		if asked++; asked < 3 {
			return silent
		}
		return nil
	})
	if err != nil || asked != 3 {
		t.Errorf("the trigger begins late: %v after %d checks", err, asked)
	}
}
