package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// workspace starts a server with a new workspace. It gives its one room and a token of its owner.
func workspace() (address, token, room string, stop func()) {
	dir, err := os.MkdirTemp("", "canteen-example-")
	must(err)
	ctx := context.Background()
	srv, err := server.Start(ctx, server.Config{Addr: "127.0.0.1:0", Data: dir}, slog.New(slog.DiscardHandler))
	must(err)
	link, _, err := srv.SetupLink(ctx)
	must(err)
	base, secret, _ := strings.Cut(link, "/setup#")
	mira := client.New(base, "")
	_, err = mira.Setup(ctx, wire.Setup{
		Token: secret, Workspace: "Acme", Name: "Mira", Handle: "mira", Email: "mira@example.com", Password: "a quiet place to eat",
	})
	must(err)
	made, err := mira.AddToken(ctx, wire.NewTokenBody{Name: "ci"})
	must(err)
	rooms, err := mira.Rooms(ctx)
	must(err)
	return base, made.Secret, rooms[0].ID, func() { must(errors.Join(srv.Stop(), os.RemoveAll(dir))) }
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Sign in with a token, from `canteen token add` or from the settings in the browser.
func ExampleNew() {
	address, token, _, stop := workspace()
	defer stop()

	c := client.New(address, token)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	me, err := c.Me(ctx)
	if err != nil {
		log.Fatal(err)
	}
	rooms, err := c.Rooms(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, %s of %s, is in %s\n", me.Name, me.Role, me.Workspace.Name, rooms[0].Name)

	_, err = client.New(address, "a token that is over").Me(ctx)
	fmt.Println(client.Code(err) == client.Unauthenticated)
	// Output:
	// Mira, owner of Acme, is in general
	// true
}

// Post exactly once over an unreliable network: all attempts use one ClientID, made before the first attempt.
func ExampleRetry() {
	address, token, room, stop := workspace()
	defer stop()
	c := client.New(address, token)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	body := wire.PostMessage{ClientID: client.NewClientID(), Text: "Build **412** is green 🎉"}
	var m wire.Message
	lose := true // simulate that the first answer is lost
	err := client.Retry(ctx, func(ctx context.Context) (err error) {
		m, err = c.Post(ctx, room, body)
		if err == nil && lose {
			lose, err = false, io.ErrUnexpectedEOF
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Seq, m.Text)

	page, err := c.Page(ctx, room, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("messages:", len(page.Messages))
	// Output:
	// 1 Build **412** is green 🎉
	// messages: 1
}

// Read all messages of a room, page by page.
func ExampleClient_Page() {
	address, token, room, stop := workspace()
	defer stop()
	c, ctx := client.New(address, token), context.Background()
	for i := range 5 {
		_, err := c.Post(ctx, room, wire.PostMessage{ClientID: client.NewClientID(), Text: fmt.Sprint("message ", i+1)})
		must(err)
	}

	for after, more := int64(0), true; more; {
		p, err := c.Page(ctx, room, url.Values{"after": {fmt.Sprint(after)}, "limit": {"2"}})
		if err != nil {
			log.Fatal(err)
		}
		for _, m := range p.Messages {
			fmt.Println(m.Seq, m.Text)
			after = m.Seq
		}
		more = p.MoreAfter
	}
	// Output:
	// 1 message 1
	// 2 message 2
	// 3 message 3
	// 4 message 4
	// 5 message 5
}

// Receive events without gaps: Follow applies them to a State and fetches what was missed.
func ExampleClient_Follow() {
	address, token, room, stop := workspace()
	defer stop()
	c := client.New(address, token)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	me, err := c.Me(ctx)
	must(err)

	s, done, answered := client.NewState(me.ID), errors.New("heard enough"), int64(0)
	err = c.Follow(ctx, s, func(e client.Event) error {
		if e.Type == "" && !s.Rooms[room].Loaded { // connected, and the state is loaded
			if err := c.Load(ctx, s, room, 50); err != nil {
				return err
			}
			_, err := c.Post(ctx, room, wire.PostMessage{ClientID: client.NewClientID(), Text: "Is the build green?"})
			return err
		}
		for _, m := range s.Rooms[room].Messages { // read the state, not the event: an event only says that something changed
			if m.Seq <= answered || m.DeletedAt != nil || !strings.HasSuffix(m.Text, "?") {
				continue
			}
			fmt.Println("asked:", m.Text)
			if _, err := c.React(ctx, room, m.Seq, "✅", true); err != nil {
				return err
			}
			answered = m.Seq
		}
		if e.Type == "reaction" {
			fmt.Println("answered:", s.Rooms[room].Messages[0].Reactions[0].Emoji)
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		log.Fatal(err)
	}
	// Output:
	// asked: Is the build green?
	// answered: ✅
}

// Use State without Follow: apply events, and fetch what it needs.
func ExampleState() {
	address, token, room, stop := workspace()
	defer stop()
	c, ctx := client.New(address, token), context.Background()
	me, err := c.Me(ctx)
	must(err)
	s := client.NewState(me.ID)
	must(c.Heal(ctx, s, []client.Need{{What: "rooms"}, {What: "users"}}))
	must(c.Load(ctx, s, room, 50))

	for _, text := range []string{"one", "two", "three"} { // the state gets no events of these
		_, err := c.Post(ctx, room, wire.PostMessage{ClientID: client.NewClientID(), Text: text})
		must(err)
	}
	fmt.Println("held:", s.Rooms[room].Held, "messages:", len(s.Rooms[room].Messages))

	// An event with revision 3 arrives. The state detects that revisions 1 and 2 are missing.
	late := client.Event{Type: "message", JSON: []byte(`{"type":"message","room":"` + room + `","rev":3,"seq":3}`)}
	needs, err := s.Apply(late)
	must(err)
	fmt.Println("needs:", needs[0].What, "and", needs[1].What)
	must(c.Heal(ctx, s, needs))
	fmt.Println("held:", s.Rooms[room].Held, "messages:", len(s.Rooms[room].Messages))
	// Output:
	// held: 0 messages: 0
	// needs: changes and room
	// held: 3 messages: 3
}
