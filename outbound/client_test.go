package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/canteen-chat/canteen/outbound"
)

const most = 1 << 20

// host serves f at a port of the loopback address.
func host(t *testing.T, f http.HandlerFunc) (address string) {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

// here is a client that may reach this machine.
func here() *outbound.Client {
	return outbound.New(outbound.Options{Check: func(netip.AddrPort) error { return nil }})
}

// anyPort checks the address as the guard does, but not the port: hosts of tests cannot have port 80.
func anyPort(a netip.AddrPort) error { return outbound.Check(netip.AddrPortFrom(a.Addr(), 80)) }

// TestGuardBeforeTheRequest checks that no byte reaches a host behind a forbidden address, however it is spelled.
func TestGuardBeforeTheRequest(t *testing.T) {
	var asked atomic.Int32
	address := host(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	if _, err := here().Get(t.Context(), address, "*/*", most); err != nil || asked.Swap(0) != 1 {
		t.Fatalf("the premise: without the guard the host answers: %v", err)
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	c := outbound.New(outbound.Options{Check: anyPort})
	for _, name := range []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.1", "0", "0.0.0.0",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		_, err := c.Get(ctx, "http://"+name+":"+port+"/", "*/*", most)
		cancel()
		if err == nil || asked.Load() > 0 {
			t.Errorf("%s: %v, asked %d times", name, err, asked.Load())
		}
	}
	if _, err := c.Get(t.Context(), address, "*/*", most); !errors.Is(err, outbound.ErrForbidden) {
		t.Errorf("%s: %v", address, err)
	}
	if _, err := outbound.New(outbound.Options{}).Get(t.Context(), address, "*/*", most); !errors.Is(err, outbound.ErrForbidden) {
		t.Errorf("the guard of the zero value: %v", err)
	}
}

func TestURLsThatAreRefused(t *testing.T) {
	for _, u := range []string{
		"file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "unix:/run/x", "http://", "http:///x", "http:example.com",
		"//example.com/",
		"http://user:secret@example.com/", "javascript:alert(1)", "http://exa mple.com/",
		"http://example.com/" + strings.Repeat("x", 2048), "",
		"http://example.com/\x00", "http://[::1", "data:text/html,x",
	} {
		if _, err := here().Get(t.Context(), u, "*/*", most); !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%q: %v", u, err)
		}
	}
}

// TestOwnHost checks that the server is not asked at its own name, whatever the name resolves to.
func TestOwnHost(t *testing.T) {
	c := outbound.New(outbound.Options{Own: "chat.example.com", Check: func(netip.AddrPort) error { return nil }})
	for _, u := range []string{"https://chat.example.com/", "http://CHAT.example.com./x", "https://chat.example.com:443/"} {
		if _, err := c.Get(t.Context(), u, "*/*", most); !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: %v", u, err)
		}
	}
	address := host(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://chat.example.com/", http.StatusFound)
	})
	if _, err := c.Get(t.Context(), address, "*/*", most); !errors.Is(err, outbound.ErrForbidden) {
		t.Errorf("by a redirect: %v", err)
	}
}

// TestRebinding asks for a name that is a public address at first and this machine later. The guard sees each answer of the resolver.
func TestRebinding(t *testing.T) {
	var asked atomic.Int32
	address := host(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	answers := []string{"93.184.215.14", "127.0.0.1"}
	var seen []netip.Addr
	c := outbound.New(outbound.Options{
		Resolver: resolver(t, func() string {
			next := answers[0]
			answers = answers[1:]
			return next
		}),
		Check: func(a netip.AddrPort) error {
			seen = append(seen, a.Addr())
			if err := anyPort(a); err != nil {
				return err
			}
			return errors.New("a public address, which this test does not reach")
		},
	})
	for range 2 {
		_, err = c.Get(t.Context(), "http://rebind.example:"+port+"/", "*/*", most)
	}
	if !errors.Is(err, outbound.ErrForbidden) || asked.Load() > 0 || fmt.Sprint(seen) != "[93.184.215.14 127.0.0.1]" {
		t.Errorf("%v, asked %d times, saw %v", err, asked.Load(), seen)
	}
}

// resolver asks a name server that gives each question for an IPv4 address the next answer.
func resolver(t *testing.T, next func() string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(next()).As4()},
				}}
			}
			out, err := m.Pack()
			if err == nil {
				_, err = server.WriteTo(out, from)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func TestRedirects(t *testing.T) {
	var secret atomic.Int32
	inside := host(t, func(http.ResponseWriter, *http.Request) { secret.Add(1) })
	var address string
	address = host(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" || r.Header.Get("Cookie") != "" {
			t.Errorf("the request tells too much: %v", r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		var n int
		switch r.URL.Path {
		case "/inside":
			http.Redirect(w, r, inside, http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/user":
			http.Redirect(w, r, strings.Replace(address, "http://", "http://u:p@", 1)+"/0", http.StatusFound)
		case "/0":
			if _, err := io.WriteString(w, "here"); err != nil {
				t.Error(err)
			}
		default:
			if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil {
				t.Error(err)
			}
			http.Redirect(w, r, fmt.Sprintf("/%d", n-1), http.StatusFound)
		}
	})
	c := here()
	if a, err := c.Get(t.Context(), address+"/3", "*/*", most); err != nil || string(a.Body) != "here" || a.URL.Path != "/0" {
		t.Errorf("three redirects: %+v, %v", a, err)
	}
	for path, want := range map[string]error{"/4": outbound.ErrAnswer, "/file": outbound.ErrForbidden, "/user": outbound.ErrForbidden} {
		if _, err := c.Get(t.Context(), address+path, "*/*", most); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	first := true
	guarded := outbound.New(outbound.Options{Check: func(a netip.AddrPort) error { // only the first connection is to a public address
		if first {
			first = false
			return nil
		}
		return anyPort(a)
	}})
	if _, err := guarded.Get(t.Context(), address+"/inside", "*/*", most); !errors.Is(err, outbound.ErrForbidden) || secret.Load() > 0 {
		t.Errorf("a redirect inside: %v, asked %d times", err, secret.Load())
	}
}

func TestAnswers(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	address := host(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("Accept-Encoding is %q", got)
		}
		var err error
		switch r.URL.Path {
		case "/long":
			_, err = w.Write(make([]byte, 101))
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			_, err = w.Write(zipped.Bytes())
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		case "/headers":
			for i := range 200 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1000))
			}
		case "/endless":
			for err == nil {
				_, err = w.Write(make([]byte, 1000))
			}
		case "/never":
			<-r.Context().Done()
		default:
			w.Header().Set("Content-Type", "Text/HTML; charset=ISO-8859-1")
			_, err = io.WriteString(w, "here")
		}
		if err != nil {
			t.Log(err) // the client may be gone
		}
	})
	c := here()
	if a, err := c.Get(t.Context(), address, "*/*", 100); err != nil || a.Type != "text/html" || a.Charset != "ISO-8859-1" || a.Cut {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := c.Get(t.Context(), address+"/long", "*/*", 100); err != nil || len(a.Body) != 100 || !a.Cut {
		t.Errorf("a long answer: %v", err)
	}
	endless, end := context.WithTimeout(t.Context(), 3*time.Second)
	defer end()
	if a, err := c.Get(endless, address+"/endless", "*/*", 100); err != nil || len(a.Body) != 100 || !a.Cut || endless.Err() != nil {
		t.Errorf("an endless answer: %v", err)
	}
	for _, path := range []string{"/gzip", "/missing"} {
		if _, err := c.Get(t.Context(), address+path, "*/*", 100); !errors.Is(err, outbound.ErrAnswer) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := c.Get(t.Context(), address+"/headers", "*/*", 100); err == nil {
		t.Error("200 kB of headers were read")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Get(ctx, address+"/never", "*/*", 100); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a host that never answers: %v", err)
	}
}

// TestPost: a body goes to the host that was named, and nowhere else. So does a request without one.
func TestPost(t *testing.T) {
	var got []string
	address := host(t, func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Content-Type")+" "+string(b))
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusTemporaryRedirect)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	})
	for path, want := range map[string]error{"/here": nil, "/moved": outbound.ErrAnswer, "/broken": outbound.ErrAnswer} {
		got = nil
		err := here().Post(t.Context(), address+path, "text/plain", []byte("soup"))
		if !errors.Is(err, want) || want == nil && err != nil || fmt.Sprint(got) != "[POST "+path+" text/plain soup]" {
			t.Errorf("%s: %v, the host got %q", path, err, got)
		}
		got = nil
		err = here().Ping(t.Context(), address+path)
		if !errors.Is(err, want) || want == nil && err != nil || fmt.Sprint(got) != "[GET "+path+"  ]" {
			t.Errorf("a ping of %s: %v, the host got %q", path, err, got)
		}
	}
	got = nil
	err := outbound.New(outbound.Options{}).Post(t.Context(), address, "text/plain", []byte("soup"))
	if !errors.Is(err, outbound.ErrForbidden) || got != nil {
		t.Errorf("past the guard: %v, the host got %q", err, got)
	}
	if err := here().Post(t.Context(), "file:///etc/passwd", "text/plain", nil); !errors.Is(err, outbound.ErrForbidden) {
		t.Error(err)
	}
}
