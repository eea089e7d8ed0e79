package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/aws/lambda"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/devices"
	amazon "github.com/canteen-chat/canteen/internal/hostile"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/wire"
)

// Failures that the hostile gateway injects too rarely to rely on chance, each on the real functions.

func (c *cloud) person(handle string) devices.Person {
	return c.people[slices.IndexFunc(c.people, func(p devices.Person) bool { return p.Handle == handle })]
}

func (c *cloud) as(handle string) *client.Client { return client.New(c.URL(), c.person(handle).Token) }

func (c *cloud) general(t *testing.T) string {
	t.Helper()
	for _, r := range world.Must[[]wire.MyRoom](t)(c.as("ada").Rooms(context.Background())) {
		if r.Name == "general" {
			return r.ID
		}
	}
	t.Fatal("there is no room general")
	return ""
}

// socket opens a connection. With a room it sends open and waits for hello.
func (c *cloud) socket(t *testing.T, handle string, room *string) *websocket.Conn {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(c.URL(), "http")+"/ws",
		http.Header{"Authorization": {"Bearer " + c.person(handle).Token}})
	if err != nil {
		t.Fatal(err, resp)
	}
	t.Cleanup(func() { _ = ws.Close() })
	if room != nil {
		send(t, ws, map[string]any{"type": "open", "room": *room})
		readUntil(t, ws, `"type":"hello"`)
	}
	return ws
}

func send(t *testing.T, ws *websocket.Conn, v any) {
	t.Helper()
	if err := ws.WriteJSON(v); err != nil {
		t.Fatal(err)
	}
}

// readUntil reads until a frame contains the text, and returns the frames before it.
func readUntil(t *testing.T, ws *websocket.Conn, text string) (before []string) {
	t.Helper()
	if err := ws.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("%v before %s came; heard %q", err, text, before)
		}
		if bytes.Contains(frame, []byte(text)) {
			return before
		}
		before = append(before, string(frame))
	}
}

// expectBye fails unless a connection gets bye with the code and is then closed.
func expectBye(t *testing.T, what string, ws *websocket.Conn, code int) {
	t.Helper()
	readUntil(t, ws, fmt.Sprintf(`"type":"bye","code":%d`, code))
	if _, frame, err := ws.ReadMessage(); err == nil {
		t.Errorf("%s: after bye came %s", what, frame)
	}
}

func TestCloudSockets(t *testing.T) {
	s := newSky(t)
	c := s.cloud(t, amazon.Trouble{DisconnectLost: 1000}, "on")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, general, none := context.Background(), c.general(t), ""
	t.Run("who connects", func(t *testing.T) {
		for what, q := range map[string]struct {
			header http.Header
			status int
		}{
			"nobody": {http.Header{}, 401},
			"a foreign page": {http.Header{"Authorization": {"Bearer " + c.person("jonas").Token},
				"Origin": {"https://evil.example"}}, 403},
			"two tokens":    {http.Header{"Authorization": {"Bearer " + c.person("jonas").Token, "Bearer x"}}, 400},
			"a wrong token": {http.Header{"Authorization": {"Bearer x"}}, 401},
		} {
			_, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(c.URL(), "http")+"/ws", q.header)
			if err == nil || resp == nil || resp.StatusCode != q.status {
				t.Errorf("%s: %v %v, want %d", what, resp, err, q.status)
			}
		}
	})
	t.Run("bad frames", func(t *testing.T) {
		for what, q := range map[string]struct {
			kind  int
			frame string
			code  int
		}{
			"no JSON":       {websocket.TextMessage, "{", wire.CloseMalformed},
			"an array":      {websocket.TextMessage, `[{"type":"ping"}]`, wire.CloseMalformed},
			"unknown field": {websocket.TextMessage, `{"type":"ping","x":1}`, wire.CloseMalformed},
			"binary":        {websocket.BinaryMessage, `{"type":"ping"}`, websocket.CloseUnsupportedData},
		} {
			ws := c.socket(t, "mira", &none)
			if err := ws.WriteMessage(q.kind, []byte(q.frame)); err != nil {
				t.Fatal(err)
			}
			expectBye(t, what, ws, q.code)
		}
		ws := c.socket(t, "mira", nil) // open is the first
		send(t, ws, map[string]any{"type": "ping"})
		expectBye(t, "ping before open", ws, wire.CloseMalformed)
	})
	t.Run("typing and presence", func(t *testing.T) {
		jonas, mira, elsewhere := c.socket(t, "jonas", &general), c.socket(t, "mira", &general), c.socket(t, "mira", &none)
		send(t, jonas, map[string]any{"type": "typing", "room": general})
		readUntil(t, mira, `{"type":"typing","room":"`+general+`","user":"`+c.person("jonas").ID+`"}`)
		send(t, elsewhere, map[string]any{"type": "watch", "users": []string{c.person("jonas").ID, c.person("kim").ID}})
		if before := readUntil(t, elsewhere, `"`+c.person("jonas").ID+`":"active"`); len(before) > 0 {
			t.Errorf("before came %q", before)
		}
	})
	t.Run("twenty ghosts", func(t *testing.T) {
		for range wire.ConnectionsOfUser + 3 {
			_ = c.socket(t, "jonas", &none).Close() // and $disconnect is lost
		}
		ws := c.socket(t, "jonas", &none)
		world.Must[wire.Message](t)(c.as("ada").Post(ctx, general, wire.PostMessage{ClientID: world.UUID(1), Text: "is anybody there"}))
		readUntil(t, ws, "is anybody there")
	})
	t.Run("a token expires", func(t *testing.T) {
		signedIn := world.Must[chat.SignedIn](t)(c.rules.SignIn(ctx, chat.Visitor(""),
			chat.SignInInput{Email: "mira@example.com", Password: world.Password}))
		made, secret, err := c.rules.AddToken(ctx, signedIn.Actor, chat.NewTokenInput{Name: "test", ExpiresIn: new(int64(4))})
		if err != nil {
			t.Fatal(err)
		}
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(c.URL(), "http")+"/ws",
			http.Header{"Authorization": {"Bearer " + secret}})
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		send(t, ws, map[string]any{"type": "open", "room": nil})
		readUntil(t, ws, `"hello"`)
		time.Sleep(time.Until(*made.ExpiresAt))
		world.Must[wire.Message](t)(c.as("ada").Post(ctx, general, wire.PostMessage{ClientID: world.UUID(3), Text: "after the moment"}))
		if before := readUntil(t, ws, fmt.Sprintf(`"bye","code":%d`, wire.CloseEnded)); strings.Contains(strings.Join(before, ""), "after") {
			t.Errorf("heard %q", before)
		}
	})
	t.Run("a session ends", func(t *testing.T) {
		jonas, unopened, mira := c.socket(t, "jonas", &general), c.socket(t, "jonas", nil), c.socket(t, "mira", &general)
		yes := true
		began := time.Now()
		world.Must[wire.User](t)(c.as("ada").UpdateUser(ctx, c.person("jonas").ID, wire.UpdateUser{Deactivated: &yes}))
		expectBye(t, "greeted", jonas, wire.CloseEnded)
		expectBye(t, "not greeted yet", unopened, wire.CloseEnded)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
		world.Must[wire.Message](t)(c.as("ada").Post(ctx, general, wire.PostMessage{ClientID: world.UUID(2), Text: "he is gone"}))
		readUntil(t, mira, "he is gone")
	})
}

// TestCloudKills kills every other function between commit and answer: a client that repeats with the same client_id has
// posted once.
func TestCloudKills(t *testing.T) {
	s := newSky(t)
	c := s.cloud(t, amazon.Trouble{KillEarly: 100, KillLate: 400}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	c.gateway.Calm(true)
	general := c.general(t)
	c.gateway.Calm(false)
	ctx, jonas := context.Background(), c.as("jonas")
	const posts = 8
	for i := range posts {
		err := client.Retry(ctx, func(ctx context.Context) error {
			_, err := jonas.Post(ctx, general, wire.PostMessage{ClientID: world.UUID(i), Text: fmt.Sprint("post ", i)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	c.gateway.Calm(true)
	page := world.Must[wire.Page](t)(jonas.Page(ctx, general, nil))
	var texts []string
	for _, m := range page.Messages {
		texts = append(texts, m.Text)
	}
	if len(texts) != posts || texts[0] != "post 0" || texts[posts-1] != fmt.Sprint("post ", posts-1) {
		t.Errorf("posted are %q", texts)
	}
	if c.gateway.Happened()["KillLate"] == 0 {
		t.Error("nothing was killed")
	}
}

// TestCloudBatchesTwice delivers every batch of the stream twice and again late: a client that follows the protocol shows
// each message once, as a fresh one does.
func TestCloudBatchesTwice(t *testing.T) {
	s := newSky(t)
	c := s.cloud(t, amazon.Trouble{BatchTwice: 1000, BatchLate: 1000}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, none := context.Background(), ""
	general, mira := c.general(t), c.as("mira")
	state := client.NewState(c.person("mira").ID)
	ws := c.socket(t, "mira", &none)
	if err := mira.Heal(ctx, state, []client.Need{{What: "rooms"}, {What: "users"}}); err != nil {
		t.Fatal(err)
	}
	if err := mira.Load(ctx, state, general, 50); err != nil {
		t.Fatal(err)
	}
	const posts = 10
	for i := range posts {
		world.Must[wire.Message](t)(c.as("jonas").Post(ctx, general, wire.PostMessage{ClientID: world.UUID(i),
			Text: fmt.Sprint("post ", i)}))
	}
	world.Must[wire.Message](t)(c.as("jonas").React(ctx, general, 1, "🎉", true))
	events := 0
	for events < 2*(posts+1) || state.Rooms[general].Held < posts+1 { // earlier events count too
		_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, frame, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("%v after %d events", err, events)
		}
		all := []json.RawMessage{frame}
		if frame[0] == '[' {
			all = nil
			if err := json.Unmarshal(frame, &all); err != nil {
				t.Fatal(err)
			}
		}
		for _, raw := range all {
			var head struct{ Type string }
			if err := json.Unmarshal(raw, &head); err != nil {
				t.Fatal(err)
			}
			events++
			needs, err := state.Apply(client.Event{Type: head.Type, JSON: raw})
			if err == nil {
				err = mira.Heal(ctx, state, needs)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh := world.Must[wire.Page](t)(mira.Page(ctx, general, nil))
	held := state.Rooms[general]
	if a, b := asJSON(t, held.Messages), asJSON(t, fresh.Messages); a != b || len(held.Messages) != posts || held.Held != fresh.Head {
		t.Errorf("holds %s\nfresh %s", a, b)
	}
}

// TestCloudOrder: members hear the changes of a room one after the other, however many are made at once.
func TestCloudOrder(t *testing.T) {
	s := newSky(t)
	c := s.cloud(t, amazon.Trouble{}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	general, none := c.general(t), ""
	ws := c.socket(t, "mira", &none)
	const posts = 40
	var posting errgroup.Group
	posting.SetLimit(4)
	for i := range posts {
		posting.Go(func() error {
			_, err := c.as("jonas").Post(context.Background(), general, wire.PostMessage{ClientID: world.UUID(i), Text: "hello"})
			return err
		})
	}
	if err := posting.Wait(); err != nil {
		t.Fatal(err)
	}
	inverted, last := 0, 0
	for _, frame := range readUntil(t, ws, fmt.Sprintf(`"room":"%s","rev":%d`, general, posts)) {
		for _, part := range strings.Split(frame, `"type":"message","room":"`+general+`","rev":`)[1:] {
			var rev int
			if _, err := fmt.Sscan(strings.SplitN(part, ",", 2)[0], &rev); err != nil {
				t.Fatal(err)
			}
			if rev != last+1 {
				inverted++
			}
			last = rev
		}
	}
	if inverted > 0 || last < posts/2 {
		t.Errorf("%d revisions did not follow the one before; the last is %d", inverted, last)
	}
}

// TestCloudBeginning: a trigger that begins late misses nothing that was written before.
func TestCloudBeginning(t *testing.T) {
	s := newSky(t)
	c := s.cloud(t, amazon.Trouble{StartLate: 3 * time.Second}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	general, none := c.general(t), ""
	ws := c.socket(t, "mira", &none)
	world.Must[wire.Message](t)(c.as("jonas").Post(context.Background(), general, wire.PostMessage{ClientID: world.UUID(1), Text: "the first"}))
	readUntil(t, ws, "the first")
}

// TestCloudProbe: the scheduled job hears its event through the stream, the fan-out and the gateway, although half of the pushes are
// lost and the trigger begins late.
func TestCloudProbe(t *testing.T) {
	s := newSky(t)
	c := s.cloud(t, amazon.Trouble{PushLost: 500, StartLate: 2 * time.Second}, "on")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	public := world.Must[origin.Origin](t)(origin.Parse(c.URL()))
	jobs := &lambda.Jobs{
		URL: c.URL(), Client: http.DefaultClient, Door: world.Must[*lambda.Door](t)(lambda.NewDoor(public, amazon.Secret)),
		Announce: c.store.AnnounceProbe, Metrics: lambda.NewMetrics(io.Discard, "Canteen", "test", time.Now),
		Log: slog.New(slog.DiscardHandler),
	}
	for range 4 { // three lost in a row are an outage
		answer := world.Must[[]byte](t)(jobs.Invoke(context.Background(), nil))
		if string(answer) == "{}" {
			return
		}
		t.Logf("%s", answer)
	}
	t.Error("no probe has heard its event")
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
