package rest_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/world"
)

// rawly sends bytes to a server and closes its side of the connection if half says so. It gives the answer to the end of the connection,
// or what came within the time.
func rawly(t *testing.T, url, send string, half bool, within time.Duration) (status int, answer string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, send); err != nil {
		t.Fatal(err)
	}
	if half {
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(c) // the deadline ends it if the server keeps the connection
	if fields := strings.Fields(string(b)); len(fields) > 1 {
		status, err = strconv.Atoi(fields[1])
	}
	if err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	return status, string(b)
}

const signIn = `{"email":"sam@example.com","password":"` + world.Password + `"}`

// TestBrokenBodies: whatever is wrong with a body or its framing, the answer is the client's fault and comes at once, and the log has no
// line of an error.
func TestBrokenBodies(t *testing.T) {
	log := &world.Log{}
	w := world.OpenWith(t, world.Options{NoRates: true, Log: slog.New(slog.NewTextHandler(log, nil))})
	head := func(of ...string) string {
		return "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(of, "\r\n") + "\r\n\r\n"
	}
	const kind = "Content-Type: application/json"
	size := func(n int) string { return "Content-Length: " + strconv.Itoa(n) }
	const chunked = "Transfer-Encoding: chunked"
	whole := fmt.Sprintf("%x\r\n%s\r\n", len(signIn), signIn)
	for _, c := range []struct {
		what, send string
		half       bool
		status     int
	}{
		{"a good one", head(kind, size(len(signIn)), "Connection: close") + signIn, false, 201},
		{"type in capitals", head("Content-Type: APPLICATION/JSON; charset=utf-8", size(len(signIn)), "Connection: close") + signIn,
			false, 201},
		{"good chunks", head(kind, chunked, "Connection: close") + whole + "0\r\n\r\n", false, 201},
		{"short", head(kind, size(len(signIn)+1)) + signIn, true, 400},
		{"short within the JSON", head(kind, size(len(signIn))) + signIn[:9], true, 400},
		{"nothing of it", head(kind, size(9)), true, 400},
		{"chunks without an end", head(kind, chunked) + whole, true, 400},
		{"a chunk size that is none", head(kind, chunked) + "zz\r\n" + signIn, false, 400},
		{"a negative chunk size", head(kind, chunked) + "-1\r\n" + signIn, false, 400},
		{"a chunk size beyond 64 bits", head(kind, chunked) + "fffffffffffffffff\r\n" + signIn, false, 400},
		{"a chunk longer than said", head(kind, chunked) + "2\r\n" + signIn + "\r\n0\r\n\r\n", false, 400},
		{"a bad trailer", head(kind, chunked) + whole + "0\r\nno colon\r\n\r\n", false, 400},
		{"too long, and said so", head(kind, size(8<<10+1)), false, 413},
		{"too long, in chunks", head(kind, chunked) + "2001\r\n{" + strings.Repeat(" ", 8<<10) + "\r\n", false, 413},
		{"compressed", head(kind, "Content-Encoding: gzip", size(3)) + "\x1f\x8b\x08", false, 415},
		{"no type", head(size(len(signIn))) + signIn, false, 415},
		{"two types", head(kind, kind, size(len(signIn))) + signIn, false, 415},
		{"a form", head("Content-Type: application/x-www-form-urlencoded", size(3)) + "a=b", false, 415},
		{"an unknown name, and the rest held back", head(kind, size(1000)) + `{"x":`, false, 400},
		{"a repeated name, and the rest held back", head(kind, size(1000)) + `{"email":"a","email":`, false, 400},
		{"a list for a string, and the rest held back", head(kind, size(1000)) + `{"email":[`, false, 400},
		{"length with a sign", head(kind, "Content-Length: +"+strconv.Itoa(len(signIn))) + signIn, false, 400},
		{"two lengths", head(kind, size(len(signIn)), size(1)) + signIn, false, 400},
		{"a space before the colon", head(kind, "Content-Length : 3") + "{ }", false, 400},
	} {
		began := time.Now()
		status, answer := rawly(t, w.URL, c.send, c.half, 4*time.Second)
		if status != c.status || time.Since(began) > 3*time.Second {
			t.Errorf("%s: %d after %v, want %d: %s", c.what, status, time.Since(began), c.status, answer)
		}
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log has errors: %s", log)
	}
}

// TestNoRequestAfterChunks: a second request behind a body in chunks, which a proxy may have taken for a part of the body by its length, is
// not answered, and the connection is closed.
func TestNoRequestAfterChunks(t *testing.T) {
	w := world.OpenFast(t)
	hidden := "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
	body := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(signIn), signIn)
	for _, both := range []string{"", fmt.Sprintf("Content-Length: %d\r\n", len(body)+len(hidden))} {
		began := time.Now()
		status, answer := rawly(t, w.URL, "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+both+
			"Transfer-Encoding: chunked\r\n\r\n"+body+hidden, false, 4*time.Second)
		if status != http.StatusCreated || strings.Count(answer, "HTTP/1.1 ") != 1 || time.Since(began) > 3*time.Second {
			t.Errorf("with %q, after %v: %s", both, time.Since(began), answer)
		}
	}
}

// TestStrangersWaitForNoBody: who is not signed in is told so before the body is read, and how to be.
func TestStrangersWaitForNoBody(t *testing.T) {
	w := world.Open(t)
	status, answer := rawly(t, w.URL, "POST /api/v1/rooms HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
		"Content-Length: 1000\r\n\r\n{", false, 4*time.Second)
	if status != http.StatusUnauthorized || !strings.Contains(answer, `Www-Authenticate: Bearer realm="Canteen"`) {
		t.Errorf("%d %s", status, answer)
	}
}

// TestWhoAsksTooMuchWaitsForNoBody: beyond the rate of requests, a user is told so before the body is read.
func TestWhoAsksTooMuchWaitsForNoBody(t *testing.T) {
	w := world.Open(t)
	for range 1000 { // ten a second are allowed while this runs
		if status, _ := w.Raw("sam", http.MethodGet, "/api/v1/me", ""); status == http.StatusTooManyRequests {
			status, answer := rawly(t, w.URL, "POST /api/v1/rooms HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
				"Authorization: Bearer "+w.Token["sam"]+"\r\nContent-Length: 1000\r\n\r\n{", false, 50*time.Millisecond)
			if status == http.StatusTooManyRequests && strings.Contains(answer, "Retry-After") {
				return
			}
		}
	}
	t.Error("the body was waited for")
}

// TestHeldBodies: bodies that strangers hold back take no more than the budget; beyond it the answer is 503, but not for whoever signs in,
// with a short body. When they are gone, it is free again.
func TestHeldBodies(t *testing.T) {
	w := world.OpenFast(t)
	held := make([]net.Conn, 0, 140)
	for i := range cap(held) {
		c, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
		size := 8<<10 - 20
		if i >= 40 { // these fill what the others leave
			size = 80
		}
		if _, err := fmt.Fprintf(c, "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
			"Content-Length: %d\r\n\r\n{\"email\":\"%s", 8<<10, strings.Repeat("x", size)); err != nil {
			t.Fatal(err)
		}
	}
	world.Eventually(t, "the budget is used up", func() bool {
		r := w.Send(http.MethodPost, "/api/v1/session", `{"email":"a@example.com","password":"`+strings.Repeat("x", 7<<10)+`"}`, nil)
		return r.StatusCode == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != ""
	})
	if _, err := w.As("sam").Me(context.Background()); err != nil {
		t.Errorf("a user, meanwhile: %v", err)
	}
	if r := w.Send(http.MethodPost, "/api/v1/session", signIn, nil); r.StatusCode != http.StatusCreated {
		t.Errorf("signing in, meanwhile: %d %s", r.StatusCode, r.Body)
	}
	for _, c := range held {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	world.Eventually(t, "the budget is free again", func() bool {
		r := w.Send(http.MethodPost, "/api/v1/session", signIn, nil)
		return r.StatusCode == http.StatusCreated
	})
}

// TestOtherHosts: a request for another host than the public URL's is refused at every door, so that no name that a stranger makes
// resolve to this address opens the workspace.
func TestOtherHosts(t *testing.T) {
	w := world.Open(t)
	ask := func(path, host, version string) int {
		line := "Host: " + host + "\r\n"
		if host == "" {
			line = ""
		}
		status, _ := rawly(t, w.URL, "GET "+path+" HTTP/"+version+"\r\n"+line+"Connection: close\r\n\r\n", false, 4*time.Second)
		return status
	}
	for _, path := range []string{"/", "/api/v1/workspace", "/api/v1/rooms", "/api/docs/", "/api/openapi.json", "/ws", "/nothing"} {
		if got := ask(path, "evil.example", "1.1"); got != http.StatusMisdirectedRequest {
			t.Errorf("%s of another host: %d", path, got)
		}
	}
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:1": 200, "localhost.:8080": 200, "canteen.localhost": 200, "127.0.0.1": 200, "127.9.8.7:99": 200,
		"[::1]": 200, "[::1]:8080": 200, "evil-localhost": 421,
		"127.0.0.1.evil.example": 421, "10.0.0.1": 421, "localhost.evil.example": 421,
	} {
		if got := ask("/api/v1/workspace", host, "1.1"); got != want {
			t.Errorf("Host: %s: %d, want %d", host, got, want)
		}
	}
	if got := ask("/api/v1/workspace", "", "1.0"); got != http.StatusMisdirectedRequest {
		t.Errorf("no host: %d", got)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := ask(path, "evil.example", "1.1"); got != http.StatusOK {
			t.Errorf("%s of another host: %d", path, got)
		}
	}
}
