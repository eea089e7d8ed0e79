package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/hook"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// madeHook is a webhook of Ada's in a room of hers, and the path of its address.
func madeHook(t *testing.T, w *world.World, room string) (wire.Hook, string) {
	t.Helper()
	made := world.Must[wire.MadeHook](t)(w.As("ada").MakeHook(context.Background(), room, wire.NewHookBody{Name: "Grafana"}))
	u, err := url.Parse(made.URL)
	if err != nil || !strings.HasPrefix(u.Path, "/hooks/"+made.Hook.ID+"/") {
		t.Fatalf("the address is %q, %v", made.URL, err)
	}
	return made.Hook, u.Path
}

// latest is the latest message of a room.
func latest(t *testing.T, w *world.World, room string) wire.Message {
	t.Helper()
	p := world.Must[wire.Page](t)(w.As("ada").Page(context.Background(), room, url.Values{"limit": {"1"}}))
	return p.Messages[0]
}

// tells fails unless an answer is Slack's.
func tells(t *testing.T, what string, r world.Response, want hook.Answer) {
	t.Helper()
	if r.StatusCode != want.Status() || r.Body != string(want) || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%s: %d %q of type %q, want %d %q", what, r.StatusCode, r.Body, r.Header.Get("Content-Type"), want.Status(), want)
	}
}

// TestSendersOfHooks posts the bodies of all senders to a real server: each is answered with ok in plain text, and in the room is what the
// file beside the body says.
func TestSendersOfHooks(t *testing.T) {
	w := world.OpenFast(t)
	room := w.Room("ada", "private", "alerts")
	h, path := madeHook(t, w, room)
	files, err := filepath.Glob("../hook/testdata/*.want")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d bodies were found, %v", len(files), err)
	}
	for _, want := range files {
		file := strings.TrimSuffix(want, ".want")
		header := http.Header{}
		if filepath.Ext(file) != ".json" {
			header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		tells(t, file, w.Send(http.MethodPost, path, fileText(t, file), header), hook.OK)
		m := latest(t, w, room)
		var post hook.Post
		if err := json.Unmarshal([]byte(fileText(t, want)), &post); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if m.Author != h.ID || m.Text == "" || m.Fallback != (post.Text == "") || !m.Fallback && m.Text != post.Text {
			t.Errorf("%s became the text %q of %s, want %q", file, m.Text, m.Author, post.Text)
		}
		name := post.Name
		if name == "" {
			name = h.Name
		}
		if m.Sender == nil || *m.Sender != (wire.Sender{Name: name, Icon: post.Icon}) {
			t.Errorf("%s was sent by %+v, want %q %q", file, m.Sender, name, post.Icon)
		}
		b, err := json.Marshal(m.Cards)
		var cards []card.Card
		if err == nil {
			err = json.Unmarshal(b, &cards)
		}
		if err != nil || !reflect.DeepEqual(cards, post.Cards) {
			t.Errorf("%s became the cards %s, %v; want those of %s", file, b, err, want)
		}
	}
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestAnswersOfHooks: what is refused is answered in Slack's words, and with what a sender should do.
func TestAnswersOfHooks(t *testing.T) {
	log := &world.Log{}
	w := world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	ctx, ada := context.Background(), w.As("ada")
	room := w.Room("ada", "public", "alerts")
	h, path := madeHook(t, w, room)
	post := func(path, body string) world.Response { return w.Send(http.MethodPost, path, body, nil) }
	hello := `{"text":"hello"}`
	tells(t, "a text", post(path, hello), hook.OK)
	tells(t, "no JSON", post(path, "hello"), hook.InvalidPayload)
	tells(t, "nothing", post(path, ""), hook.InvalidPayload)
	tells(t, "no text", post(path, `{"channel":"#x"}`), hook.NoText)
	tells(t, "as large as may be", post(path, `{"text":"`+strings.Repeat("a ", (hook.MaxBody-11)/2)+`"}`), hook.OK)
	tells(t, "too large", post(path, `{"text":"`+strings.Repeat("a", hook.MaxBody)+`"}`), hook.InvalidPayload)
	tells(t, "a long key", post(path+"?key="+strings.Repeat("x", 101), hello), hook.InvalidPayload)
	tells(t, "another secret", post(path[:len(path)-1]+"2"+path[len(path)-1:], hello), hook.NoService)
	tells(t, "another id", post(strings.Replace(path, h.ID, w.ID["ada"], 1), hello), hook.NoService)
	var limited world.Response
	for range 20 {
		if limited = post(path, hello); limited.StatusCode != http.StatusOK {
			break
		}
	}
	if tells(t, "too many", limited, hook.TooMany); limited.Header.Get("Retry-After") != "1" {
		t.Errorf("to be sent again after %q", limited.Header.Get("Retry-After"))
	}
	yes, no := true, false
	world.Must[wire.MyRoom](t)(ada.UpdateRoom(ctx, room, wire.UpdateRoom{Archived: &yes}))
	tells(t, "archived", post(path, hello), hook.Archived)
	world.Must[wire.MyRoom](t)(ada.UpdateRoom(ctx, room, wire.UpdateRoom{Archived: &no}))
	if err := ada.RevokeHook(ctx, room, h.ID); err != nil {
		t.Fatal(err)
	}
	tells(t, "revoked", post(path, hello), hook.NoService)
	if r := w.Send(http.MethodPut, path, hello, nil); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", r.StatusCode)
	}
	secret := path[strings.LastIndex(path, "/")+1:]
	if strings.Contains(log.String(), secret) || !strings.Contains(log.String(), "/hooks/{id}/{secret}") {
		t.Error("the log has the secret, or no line of the route")
	}
}

// TestKeysOfHooks: ?key= edits the earlier message, and Idempotency-Key posts once.
func TestKeysOfHooks(t *testing.T) {
	w := world.OpenFast(t)
	room := w.Room("ada", "private", "alerts")
	_, path := madeHook(t, w, room)
	alert := func(title string) string { return `{"attachments":[{"title":"` + title + `","color":"danger"}]}` }
	send := func(path, body string, header http.Header) int64 {
		t.Helper()
		tells(t, path, w.Send(http.MethodPost, path, body, header), hook.OK)
		return latest(t, w, room).Seq
	}
	first := send(path+"?key=disk+1", alert("[FIRING] disk"), nil)
	if seq := send(path+"?key=disk+1", alert("[RESOLVED] disk"), nil); seq != first {
		t.Errorf("posted as %d after %d", seq, first)
	}
	m := latest(t, w, room)
	if len(m.Cards) != 1 || m.Cards[0].Title != "[RESOLVED] disk" || m.ThreadInfo == nil || m.ThreadInfo.Replies != 1 {
		t.Errorf("edited: %+v", m)
	}
	replies := world.Must[wire.Page](t)(w.As("ada").Page(context.Background(), room, url.Values{"thread": {"1"}}))
	if len(replies.Messages) != 1 || replies.Messages[0].Text != "Now: [RESOLVED] disk" {
		t.Errorf("the thread says %+v", replies.Messages)
	}
	for _, key := range []string{world.UUID(7), "build 7"} {
		once := send(path, alert("built"), http.Header{"Idempotency-Key": {key}})
		if seq := send(path, alert("built"), http.Header{"Idempotency-Key": {key}}); seq != once {
			t.Errorf("%s: posted as %d after %d", key, seq, once)
		}
	}
}

// TestHooksOfARoom: who manages a room makes, lists, tests and revokes its hooks; the address is shown once.
func TestHooksOfARoom(t *testing.T) {
	w := world.OpenFast(t)
	ctx, ada, mira := context.Background(), w.As("ada"), w.As("mira")
	room := w.Room("ada", "private", "alerts", "mira")
	made := world.Must[wire.MadeHook](t)(ada.MakeHook(ctx, room, wire.NewHookBody{Name: "Grafana", Calls: true}))
	hs := world.Must[[]wire.Hook](t)(ada.Hooks(ctx, room))
	if len(hs) != 1 || hs[0] != made.Hook || !hs[0].Calls || hs[0].By != w.ID["ada"] {
		t.Errorf("the hooks are %+v, made was %+v", hs, made)
	}
	m := world.Must[wire.Message](t)(ada.TestHook(ctx, room, made.Hook.ID))
	if m.Author != made.Hook.ID || len(m.Cards) != 1 || m.Sender == nil || m.Sender.Name != "Grafana" {
		t.Errorf("the test is %+v", m)
	}
	people := world.Must[[]wire.User](t)(mira.Users(ctx))
	if !slices.ContainsFunc(people, func(u wire.User) bool { return u.ID == made.Hook.ID && u.Bot && u.Name == "Grafana" }) {
		t.Errorf("the directory is %+v", people)
	}
	var refused *client.Error
	if _, err := mira.Hooks(ctx, room); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("a member lists hooks: %v", err)
	}
	if err := mira.RevokeHook(ctx, room, made.Hook.ID); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("a member revokes a hook: %v", err)
	}
	if err := ada.RevokeHook(ctx, room, made.Hook.ID); err != nil {
		t.Fatal(err)
	}
	if hs := world.Must[[]wire.Hook](t)(ada.Hooks(ctx, room)); len(hs) != 0 {
		t.Errorf("left are %+v", hs)
	}
}

// TestWhoSendsAWebhookTooMuchWaitsForNoBody: bodies that are refused count as requests, and beyond the rate no body is read.
func TestWhoSendsAWebhookTooMuchWaitsForNoBody(t *testing.T) {
	w := world.Open(t)
	_, path := madeHook(t, w, w.Room("ada", "private", "alerts"))
	for range 1000 { // ten a second are allowed while this runs
		if r := w.Send(http.MethodPost, path, "{}", nil); r.StatusCode == http.StatusTooManyRequests {
			status, answer := rawly(t, w.URL, "POST "+path+" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{", false,
				50*time.Millisecond)
			if status == http.StatusTooManyRequests && strings.Contains(answer, "Retry-After") {
				return
			}
		}
	}
	t.Error("the body was waited for")
}

// TestHeldBodiesOfWebhooks: bodies that senders of webhooks hold back keep nobody from posting, however many webhooks one person made.
func TestHeldBodiesOfWebhooks(t *testing.T) {
	w := world.OpenFast(t)
	room := w.Room("ada", "private", "alerts")
	_, spare := madeHook(t, w, room)
	part := strings.Repeat("x", hook.MaxBody-1)
	for range 9 {
		_, path := madeHook(t, w, room)
		for range 8 {
			c, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			// The server may refuse a body while it is sent: that is an answer, too.
			_, _ = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", path, hook.MaxBody, part)
		}
	}
	long := `{"text":"hello"` + strings.Repeat(" ", 200<<10) + "}"
	world.Eventually(t, "the budget is used up", func() bool {
		return w.Send(http.MethodPost, spare, long, nil).StatusCode == http.StatusServiceUnavailable
	})
	if status, answer := w.Raw("ada", http.MethodPost, "/api/v1/rooms/"+room+"/messages", long); status != http.StatusCreated {
		t.Errorf("a person, meanwhile: %d %s", status, answer)
	}
}
