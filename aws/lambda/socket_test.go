package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/canteen-chat/canteen/aws/apigateway"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/rest"
)

// singleStore stores one connection.
type singleStore struct {
	c       *connection.Connection
	trouble error
}

func (s *singleStore) AddConnection(_ context.Context, c connection.Connection) error {
	if s.trouble == nil {
		s.c = &c
	}
	return s.trouble
}
func (s *singleStore) Connection(_ context.Context, id string, _ time.Time) (connection.Connection, error) {
	if s.trouble != nil {
		return connection.Connection{}, s.trouble
	}
	if s.c == nil || s.c.ID != id {
		return connection.Connection{}, chat.Errorf(chat.NotFound, "There is nothing here.")
	}
	return *s.c, nil
}
func (s *singleStore) UpdateConnection(_ context.Context, _, _ string, change func(*connection.Connection)) (connection.Connection, error) {
	change(s.c)
	return *s.c, nil
}
func (s *singleStore) RemoveConnection(context.Context, string, string) error { s.c = nil; return nil }
func (s *singleStore) ConnectionsOf(context.Context, []string, time.Time) ([]connection.Connection, error) {
	return nil, nil
}
func (s *singleStore) ConnectionsIn(context.Context, string, time.Time) ([]connection.Connection, error) {
	return nil, nil
}

// posted is a Poster that records the last frame.
type posted struct{ frame string }

func (p *posted) Post(_ context.Context, _ string, frame []byte) error {
	p.frame = string(frame)
	return nil
}
func (p *posted) Delete(context.Context, string) error { return nil }

// socketFixture is a Socket with its dependencies, and what is needed to connect.
type socketFixture struct {
	*Socket
	conns                  *singleStore
	out                    *posted
	lines                  *bytes.Buffer
	cookie, bearer, ticket string
}

func socketOf(t *testing.T) *socketFixture {
	t.Helper()
	ctx, clock, log := t.Context(), chat.Clock(time.Now), slog.New(slog.NewTextHandler(io.Discard, nil))
	conns, out, lines := &singleStore{}, &posted{}, &bytes.Buffer{}
	gateway := apigateway.New(apigateway.Options{Poster: out, Connections: conns, Clock: clock, Log: log, Patience: time.Millisecond})
	rules := chat.New(chat.Options{
		Store: model.New(nil), Hasher: plain{}, Limiter: limit.None{}, Live: gateway, Tickets: &limit.Tickets{}, Clock: clock, Log: log,
		Setup: func(context.Context) (chat.SecretHash, error) { return chat.HashSecret("first"), nil },
	})
	in, err := rules.Setup(ctx, chat.Visitor("test"), chat.SetupInput{Token: "first", Workspace: "Canteen", Name: "Ada",
		Handle: "ada", Email: "ada@example.com", Password: "a quiet place to eat"})
	if err != nil {
		t.Fatal(err)
	}
	bearer, err := rules.AdminAddToken(ctx, chat.CommandLineToken{Handle: "ada", Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := rules.NewTicket(ctx, in.Actor)
	if err != nil {
		t.Fatal(err)
	}
	door, err := NewDoor(public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	s := &Socket{door, gateway.Sockets(rules, rest.NewAccess(rules, public(), nil).Connects),
		NewMetrics(lines, "Canteen", "canteen", clock), log}
	return &socketFixture{s, conns, out, lines, "__Host-canteen=" + in.Secret, bearer, ticket}
}

// send invokes it with an event and returns the status.
func (h *socketFixture) send(t *testing.T, kind, body string, headers map[string][]string, query string) int {
	t.Helper()
	var e events.APIGatewayWebsocketProxyRequest
	e.RequestContext.EventType, e.RequestContext.ConnectionID, e.Body, e.MultiValueHeaders = kind, "c=", body, headers
	if query != "" {
		e.MultiValueQueryStringParameters = map[string][]string{"ticket": {query}}
	}
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Invoke(t.Context(), payload)
	var answer events.APIGatewayProxyResponse
	if err != nil || json.Unmarshal(b, &answer) != nil {
		t.Fatalf("%s %v", b, err)
	}
	return answer.StatusCode
}

func TestSocketEvents(t *testing.T) {
	h := socketOf(t)
	conns, out, lines := h.conns, h.out, h.lines
	send := func(kind, body string, headers map[string][]string, query string) int {
		t.Helper()
		return h.send(t, kind, body, headers, query)
	}
	cookie := []string{h.cookie}
	for what, c := range map[string]struct {
		headers map[string][]string
		query   string
		status  int
	}{
		"own page":                {map[string][]string{"Cookie": cookie, "Origin": {publicURL}}, "", 200},
		"foreign page":            {map[string][]string{"Cookie": cookie, "Origin": {"https://evil.example"}}, "", 403},
		"a cookie and no origin":  {map[string][]string{"Cookie": cookie}, "", 403},
		"a token and no origin":   {map[string][]string{"Authorization": {"Bearer " + h.bearer}}, "", 200},
		"two tokens":              {map[string][]string{"Authorization": {"Bearer " + h.bearer, "Bearer " + h.bearer}}, "", 400},
		"nobody":                  {map[string][]string{"Origin": {publicURL}}, "", 401},
		"a ticket":                {map[string][]string{}, h.ticket, 200},
		"a ticket that is none":   {map[string][]string{}, "x", 401},
		"around the distribution": {map[string][]string{"Cookie": cookie, "Origin": {publicURL}, "X-Canteen-Origin": {"wrong"}}, "", 403},
		"with the secret and more": {map[string][]string{"Cookie": cookie, "Origin": {publicURL},
			"X-Canteen-Origin": {"wrong", secret}}, "", 403},
	} {
		if c.headers["X-Canteen-Origin"] == nil {
			c.headers["X-Canteen-Origin"] = []string{secret}
		}
		conns.c = nil
		lines.Reset()
		if got := send("CONNECT", "", c.headers, c.query); got != c.status || (conns.c != nil) != (c.status == 200) {
			t.Errorf("%s: %d, want %d; kept %v", what, got, c.status, conns.c)
		}
		if want := map[bool]string{true: `"Connects":1,"Refused":0`,
			false: `"Connects":0,"Refused":1,"SocketErrors":0`}[c.status == 200]; !strings.Contains(lines.String(), want) {
			t.Errorf("%s: %s", what, lines)
		}
		if strings.Contains(lines.String(), strings.TrimPrefix(h.cookie, "__Host-canteen=")) || strings.Contains(lines.String(), h.bearer) {
			t.Errorf("%s: a secret is logged", what)
		}
	}
	send("CONNECT", "", map[string][]string{"Cookie": cookie, "Origin": {publicURL}, "X-Canteen-Origin": {secret}}, "")
	if send("MESSAGE", `{"type":"open","room":null}`, nil, ""); !strings.Contains(out.frame, `"hello"`) {
		t.Errorf("open is answered by %s", out.frame)
	}
	lines.Reset()
	if got := send("MESSAGE", `{`, nil, ""); got != http.StatusOK || !strings.Contains(out.frame, `"bye","code":4000`) ||
		!strings.Contains(lines.String(), `"FrameErrors":1,"Frames":1,"SocketErrors":0`) {
		t.Errorf("nonsense is answered by %d %s, %s", got, out.frame, lines)
	}
	send("CONNECT", "", map[string][]string{"Cookie": cookie, "Origin": {publicURL}, "X-Canteen-Origin": {secret}}, "")
	if send("DISCONNECT", "", nil, ""); conns.c != nil {
		t.Error("still there after $disconnect")
	}
}

// TestSocketErrors: our own failures are counted apart from mistakes of clients, since an alarm watches them.
func TestSocketErrors(t *testing.T) {
	h := socketOf(t)
	headers := map[string][]string{"Cookie": {h.cookie}, "Origin": {publicURL}, "X-Canteen-Origin": {secret}}
	h.send(t, "CONNECT", "", headers, "")
	h.conns.trouble = errors.New("the table does not answer")
	for kind, body := range map[string]string{"CONNECT": "", "MESSAGE": `{"type":"open","room":null}`} {
		h.lines.Reset()
		if h.send(t, kind, body, headers, ""); !strings.Contains(h.lines.String(), `"SocketErrors":1`) {
			t.Errorf("%s: %s", kind, h.lines)
		}
	}
}
