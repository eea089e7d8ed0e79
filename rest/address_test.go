package rest

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// TestAddress: the header is believed from trusted proxies only, in every form in which proxies write addresses.
func TestAddress(t *testing.T) {
	networks := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::1/128")}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
		warns     string
	}{
		{"10.0.0.1:80", nil, "10.0.0.1", ""}, // a probe of the proxy itself
		{"10.0.0.1:80", []string{"1.2.3.4"}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{"1.2.3.4:5678"}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{`"1.2.3.4:5678"`}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{"::ffff:1.2.3.4"}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{"[::ffff:1.2.3.4]:443"}, "1.2.3.4", ""},
		{"[::ffff:10.0.0.1]:80", []string{"1.2.3.4"}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{"[2001:db8::1]:443"}, "2001:db8::/64", ""},
		{"10.0.0.1:80", []string{"[2001:db8::1]"}, "2001:db8::/64", ""},
		{"10.0.0.1:80", []string{`"[2001:db8::1]:443"`}, "2001:db8::/64", ""},
		{"10.0.0.1:80", []string{"2001:db8::1%eth0"}, "2001:db8::/64", ""},
		{"[2001:db8:1::1]:80", []string{"6.6.6.6, 1.2.3.4:1 , 10.9.9.9:2"}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{"6.6.6.6", "1.2.3.4"}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{"1.2.3.4, "}, "1.2.3.4", ""},
		{"10.0.0.1:80", []string{"nonsense, 1.2.3.4"}, "1.2.3.4", ""}, // a client's own nonsense is not read
		{"10.0.0.1:80", []string{"unknown"}, "10.0.0.1", "no address"},
		{"10.0.0.1:80", []string{"6.6.6.6, _hidden, 10.0.0.2"}, "10.0.0.2", "no address"},
		{"10.0.0.1:80", []string{"1.2.3.4:x"}, "10.0.0.1", "no address"},
		{"192.168.0.1:80", []string{"1.2.3.4"}, "192.168.0.1", "--trusted-proxies"},
		{"127.0.0.1:80", []string{"1.2.3.4"}, "127.0.0.1", "--trusted-proxies"},
		{"5.5.5.5:80", []string{"10.0.0.1"}, "5.5.5.5", "--trusted-proxies"},
		{"5.5.5.5:80", nil, "5.5.5.5", ""},
	} {
		var log bytes.Buffer
		a := &Access{proxies: NewProxies(networks, slog.New(slog.NewTextHandler(&log, nil)))}
		for range 3 {
			got := a.address(&http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}})
			if got != c.want {
				t.Errorf("%s %q: %s, want %s", c.peer, c.forwarded, got, c.want)
			}
		}
		lines := 0
		if c.warns != "" {
			lines = 1
		}
		if strings.Count(log.String(), "\n") != lines || !strings.Contains(log.String(), c.warns) {
			t.Errorf("%s %q, three times: %q, want %d lines with %q", c.peer, c.forwarded, log.String(), lines, c.warns)
		}
	}
}

// TestStrangersDoNotHideTheProxy: a stranger who sends the header to a server without a proxy uses up only the warning about public
// addresses. Forwarded counts too.
func TestStrangersDoNotHideTheProxy(t *testing.T) {
	var log bytes.Buffer
	a := &Access{proxies: NewProxies(nil, slog.New(slog.NewTextHandler(&log, nil)))}
	for _, peer := range []string{"5.5.5.5:1", "6.6.6.6:1", "172.17.0.1:1", "172.17.0.2:1"} {
		a.address(&http.Request{RemoteAddr: peer, Header: http.Header{"Forwarded": {"for=1.2.3.4"}}})
	}
	if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "5.5.5.5") || !strings.Contains(got, "172.17.0.1") {
		t.Errorf("the log says %q", got)
	}
}
