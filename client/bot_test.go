package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// addBot makes a bot with a token and adds it to general.
func addBot(t *testing.T, w *world.World) (id, token string) {
	t.Helper()
	ctx := t.Context()
	admin, done, err := server.OpenAdmin(ctx, w.Dir, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err = admin.AddUser(ctx, chat.CommandLineUser{Name: "Builds", Handle: "builds", Role: chat.Member, Bot: true})
	if err != nil {
		t.Fatal(err)
	}
	token, err = admin.AddToken(ctx, chat.CommandLineToken{Handle: "builds", Name: "ci"})
	if err := errors.Join(err, done()); err != nil {
		t.Fatal(err)
	}
	return id, token
}

// TestBot: what it posts carries the mark; it hears others, and itself only if it asks.
func TestBot(t *testing.T) {
	w := world.Open(t)
	general, ctx := w.General(), t.Context()
	id, token := addBot(t, w)
	bot := client.New(w.URL, token)
	me := world.Must[wire.Me](t)(bot.Me(ctx))
	if !me.Bot || me.Email != "" {
		t.Errorf("%+v", me)
	}
	heard := map[string][]string{}
	all := make(chan struct{}, 2)
	listen := func(name string, open func(context.Context) (*client.Live, error)) {
		l, err := open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			defer func() { all <- struct{}{} }()
			for {
				e, err := l.Next()
				var m wire.MessageEvent
				if err != nil || e.Type == "message" && json.Unmarshal(e.JSON, &m) == nil && m.Message != nil && m.Message.Text == "stop" {
					return
				}
				heard[name] = append(heard[name], e.Type)
			}
		}()
	}
	listen("bot", bot.Dial)
	posted := world.Must[wire.Message](t)(bot.Post(ctx, general, wire.PostMessage{Text: "Build 412 is green"}))
	world.Must[wire.Message](t)(bot.React(ctx, general, posted.Seq, "✅", true))
	world.Must[wire.Message](t)(bot.Edit(ctx, general, posted.Seq, "Build 413 is green"))
	w.Say("mira", general, 1, "thanks")
	if err := w.As("ada").Delete(ctx, general, posted.Seq); err != nil { // an admin deletes the bot's message: the bot hears of that
		t.Fatal(err)
	}
	w.Say("mira", general, 2, "stop")
	select {
	case <-all:
	case <-time.After(10 * time.Second):
		t.Fatal("the bot heard nothing")
	}
	if got := fmt.Sprint(heard["bot"]); got != "[hello message message]" {
		t.Errorf("the bot heard %s", got)
	}
	users := world.Must[[]wire.User](t)(w.As("mira").Users(ctx))
	marked := false
	for _, u := range users {
		marked = marked || u.ID == id && u.Bot
	}
	if !marked {
		t.Errorf("%s is not marked in the directory: %+v", id, users)
	}
}

// TestBotHearsItselfWhenItAsks: Follow asks for its own events, since it counts revisions.
func TestBotHearsItselfWhenItAsks(t *testing.T) {
	w := world.Open(t)
	general := w.General()
	id, token := addBot(t, w)
	bot := client.New(w.URL, token)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	done := errors.New("heard")
	s := client.NewState(id)
	err := bot.Follow(ctx, s, func(e client.Event) error {
		if e.Type == "" {
			if err := bot.Load(ctx, s, general, 50); err != nil {
				return err
			}
			_, err := bot.Post(ctx, general, wire.PostMessage{Text: "Build 412 is green"})
			return err
		}
		if e.Type == "message" {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Errorf("%v", err)
	}
}

// TestBotOfTheDocs: the program that docs/api.md shows is the example below.
func TestBotOfTheDocs(t *testing.T) {
	doc, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("bot_example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(doc), "func main() {\n")
	program, _, found := strings.Cut(program, "\n}\n```")
	if lines := strings.Count(program, "\n"); !found || lines > 20 {
		t.Fatalf("no program of at most 20 lines: %d", lines)
	}
	if !strings.Contains(string(example), program) {
		t.Errorf("bot_example_test.go does not contain:\n%s", program)
	}
}

// botOf is an environment variable: if it is set, this program runs as the bot of the docs.
const botOf = "CANTEEN_TEST_BOT"

// TestBotOfTheDocsRuns: it answers each message once, also in a room that it is added to later, and no refusal ends it.
func TestBotOfTheDocsRuns(t *testing.T) {
	if os.Getenv(botOf) != "" {
		ExampleClient_Listen()
		return
	}
	w, ctx := world.Open(t), t.Context()
	id, token := addBot(t, w)
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$") // #nosec G204 -- this program
	cmd.Env = append(os.Environ(), botOf+"=1", "CANTEEN_URL="+w.URL, "CANTEEN_TOKEN="+token)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ask := func(who, room string) wire.Message {
		t.Helper()
		return world.Must[wire.Message](t)(w.As(who).Post(ctx, room, wire.PostMessage{Text: "@builds, is it green?"}))
	}
	answered := func(room string, root wire.Message) int {
		t.Helper()
		query := url.Values{"thread": {fmt.Sprint(root.Seq)}}
		return len(world.Must[wire.Page](t)(w.As("ada").Page(ctx, room, query)).Messages)
	}
	once := func(room string, root wire.Message) {
		t.Helper()
		for began := time.Now(); answered(room, root) == 0; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 5*time.Second {
				t.Fatal("no answer")
			}
		}
		time.Sleep(200 * time.Millisecond)
		if n := answered(room, root); n != 1 {
			t.Errorf("%d answers", n)
		}
	}
	general, began := w.General(), time.Now()
	for n := 0; n == 0; { // until it listens
		first := ask("mira", general)
		time.Sleep(200 * time.Millisecond)
		if n = answered(general, first); time.Since(began) > 10*time.Second {
			t.Fatal("the bot does not listen")
		}
	}
	once(general, ask("mira", general))
	plans := w.Room("ada", "private", "plans")
	world.Must[wire.Member](t)(w.As("ada").PutMember(ctx, plans, id, ""))
	once(plans, ask("ada", plans))
	for _, posting := range []string{"owners", "everyone"} {
		world.Must[wire.MyRoom](t)(w.As("ada").UpdateRoom(ctx, plans, wire.UpdateRoom{Posting: &posting}))
		if posting == "owners" {
			ask("ada", plans) // the answer is refused
		}
	}
	once(plans, ask("ada", plans))
}
