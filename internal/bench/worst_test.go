package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// worstOf is an environment variable: if it is set, this program runs as the greedy person (see beWorst). It holds what they do, the
// server's URL, tokens, that of the greedy person first, and their heaviest room.
const worstOf = "CANTEEN_BENCH_WORST"

// startWorst starts the greedy person until the end of the benchmark.
func startWorst(b *testing.B, kind, url string, tokens []string, room string) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %s", worstOf, kind, url, strings.Join(tokens, ","), room))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// greed is the greedy person.
type greed struct {
	ctx              context.Context
	url, token, room string
	c                *client.Client
	long             string
	material         *material
}

// worst is one thing that they do: do is called again and again by several goroutines.
type worst struct {
	kind   string
	atOnce int
	do     func(g greed) error
}

// people is how many people do it.
func (w worst) people() int {
	if w.kind == "uploads" || w.kind == "pictures" {
		return crowd
	}
	return 1
}

func worstTable() []worst {
	return []worst{
		{"edits", 4, func(g greed) error { _, err := g.c.Edit(g.ctx, g.room, 1, rand.Text()+g.long[:79000]); return err }},
		{"history", 12, func(g greed) error {
			if _, err := g.c.Edit(g.ctx, g.room, 2, rand.Text()+g.long[:79000]); err == nil {
				return nil
			}
			return g.get("/rooms/" + g.room + "/messages/2/history")
		}},
		{"changes", 12, func(g greed) error { return g.get("/rooms/" + g.room + "/changes?since=0") }},
		{"pages", 12, func(g greed) error { return g.get("/rooms/" + g.room + "/messages?limit=200") }},
		{"rooms", 12, func(g greed) error { return g.get("/rooms") }},
		{"mentions", 4, func(g greed) error {
			text := strings.Repeat("@jonas.a.b.c... ", chat.MaxMentions) + strings.Repeat("@", 19000)
			_, err := g.c.Post(g.ctx, g.room, wire.PostMessage{ClientID: client.NewClientID(), Text: text})
			return err
		}},
		{"topics", 4, func(g greed) error {
			return g.c.Do(g.ctx, http.MethodPatch, "/rooms/"+g.room, map[string]string{"topic": rand.Text()}, nil)
		}},
		{"reactions", 4, func(g greed) error {
			_, err := g.c.React(g.ctx, g.room, 3, "🎉", time.Now().UnixNano()%2 == 0)
			return err
		}},
		{"sockets", 19, greed.frames},
		{"upgrades", 8, func(g greed) error {
			l, err := g.c.Dial(g.ctx)
			if err == nil {
				err = l.Close()
			}
			return err
		}},
		{"held-bodies", 500, greed.hold},
		{"large-bodies", 8, func(g greed) error {
			return g.open(`{"email":"x@example.com","password":"x","x":[` + strings.Repeat("1,", 500_000) + "1]}")
		}},
		{"sign-ins", 64, func(g greed) error { return g.open(`{"email":"` + rand.Text() + `@example.com","password":"a guess"}`) }},
		{"uploads", crowd, greed.upload},
		{"downloads", crowd, greed.download},
		{"pictures", crowd, greed.draw},
	}
}

func worsts() (names []string) {
	for _, w := range worstTable() {
		names = append(names, "worst="+w.kind)
	}
	return names
}

// beWorst is the main function of the greedy person's process. It runs until it is killed, and for ten minutes at most.
func beWorst(of string) {
	var kind, list string
	g := greed{long: strings.Repeat("😀", chat.MessageLength)}
	if _, err := fmt.Sscan(of, &kind, &g.url, &list, &g.room); err != nil {
		panic(err)
	}
	tokens := strings.Split(list, ",")
	var stop context.CancelFunc
	g.ctx, stop = context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	g = g.as(tokens[0])
	g.material = newMaterial(g)
	var running sync.WaitGroup
	var failed sync.Once
	for _, w := range worstTable() {
		for n := range w.atOnce {
			if w.kind != kind {
				continue
			}
			running.Go(func() {
				for g := g.as(tokens[n%w.people()]); g.ctx.Err() == nil; {
					err := w.do(g)
					if err != nil && !client.Temporary(err) {
						failed.Do(func() { fmt.Fprintf(os.Stderr, "%s: what is to be the worst fails: %v\n", kind, err) })
					}
					if err != nil {
						time.Sleep(100 * time.Millisecond) // refused: beyond the rate
					}
				}
			})
		}
	}
	running.Wait()
}

// as is the same as another person.
func (g greed) as(token string) greed {
	g.token, g.c = token, client.New(g.url, token)
	return g
}

func (g greed) get(path string) error { return g.c.Do(g.ctx, http.MethodGet, path, nil, nil) }

// open sends a body to a route that is open to everybody. It returns an error only for what is refused beyond the rate, or not answered.
func (g greed) open(body string) error {
	resp, err := http.Post(g.url+"/api/v1/session", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		err = &client.Error{Problem: wire.Problem{Status: resp.StatusCode}}
	}
	return errors.Join(err, resp.Body.Close())
}

// hold opens a request to a route that is open to everybody, and sends its body a byte a second.
func (g greed) hold() error {
	u, err := url.Parse(g.url)
	if err != nil {
		return err
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := fmt.Fprintf(c, "POST /api/v1/session HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 8000\r\n\r\n{",
		u.Host); err != nil {
		return err
	}
	for g.ctx.Err() == nil {
		time.Sleep(time.Second)
		if _, err := c.Write([]byte(" ")); err != nil {
			return err
		}
	}
	return nil
}

// frames opens a socket and sends frames as fast as their rate allows.
func (g greed) frames() error {
	l, err := g.c.Dial(g.ctx)
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		for {
			if _, err := l.Next(); err != nil {
				return
			}
		}
	}()
	users := make([]string, chat.MaxWatched)
	for i := range users {
		users[i] = chat.NewID()
	}
	for n := 0; g.ctx.Err() == nil; n++ {
		frame := wire.Command{Type: "ping"}
		switch n % 17 {
		case 0: // with all sockets 19 a second; beyond 20 the socket is closed
			frame = wire.Command{Type: "watch", Users: users}
		case 1:
			frame = wire.Command{Type: "presence", State: wire.Away}
		case 9:
			frame = wire.Command{Type: "presence", State: wire.Active}
		}
		if err := l.Send(frame); err != nil {
			return err
		}
		time.Sleep(60 * time.Millisecond)
	}
	return nil
}
