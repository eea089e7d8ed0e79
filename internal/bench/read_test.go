package bench

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/sqlite"
)

const many = 100_000 // messages of a room that has been used for years

// BenchmarkPage requests a page of 50 of 100,000 messages through HTTP. The baseline is a request that reads one row.
func BenchmarkPage(b *testing.B) {
	h := furnish(b, many)
	c, _ := h.serve(b)
	quiet()
	b.Run("floor=workspace", func(b *testing.B) {
		measured(b, 1, func(int) {
			if err := c.Do(context.Background(), http.MethodGet, "/workspace", nil, nil); err != nil {
				b.Error(err)
			}
		})
	})
	for _, of := range []struct {
		what  string
		query map[string][]string
	}{
		{"latest", nil}, {"middle", map[string][]string{"around": {fmt.Sprint(many / 2)}}},
		{"before", map[string][]string{"before": {fmt.Sprint(many / 2)}}},
	} {
		b.Run("page="+of.what, func(b *testing.B) {
			measured(b, 1, func(int) {
				if p := page(b, c, h.room, of.query); len(p.Messages) != 50 {
					b.Errorf("%d messages", len(p.Messages))
				}
			})
		})
	}
}

// quiet waits until the server rests: followers first read what was written while nobody followed.
func quiet() {
	const short = time.Second
	for used := cpu(); ; {
		time.Sleep(short)
		now := cpu()
		if now-used < short/20 {
			return
		}
		used = now
	}
}

// BenchmarkRooms requests the user's room list through HTTP.
func BenchmarkRooms(b *testing.B) {
	for _, n := range []int{20, 3000} {
		b.Run(fmt.Sprintf("rooms=%d", n), func(b *testing.B) {
			h := furnish(b, 0)
			h.store(b, func(s *sqlite.Store) { roomsFor(b, s, h, n-1) })
			c, _ := h.serve(b)
			measured(b, 1, func(int) {
				if rooms, err := c.Rooms(context.Background()); err != nil || len(rooms) != n {
					b.Errorf("%d rooms, %v", len(rooms), err)
				}
			})
		})
	}
}

// roomsFor creates n rooms with the user in them and one message each.
func roomsFor(b testing.TB, s *sqlite.Store, h dataDir, n int) {
	ctx := context.Background()
	for i := range n {
		name := fmt.Sprintf("room-%04d", i)
		id := chat.NewID()
		_, _, err := s.AddRoom(ctx, chat.AddRoom{
			Room: chat.Room{
				ID: id, Kind: chat.Public, Name: name, Posting: chat.PostingEveryone, CreatedBy: h.user, CreatedAt: time.Now(),
			},
			Members: []chat.RoomMembership{{User: h.user, Role: chat.RoomOwner, JoinedAt: time.Now()}},
		})
		if err != nil {
			b.Fatal(err)
		}
		post := h.post(i)
		post.Room = id
		if _, _, err := s.PostMessage(ctx, post); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkThreads requests the list of followed threads through HTTP: of 10,000, the oldest 1,000 have something unread.
func BenchmarkThreads(b *testing.B) {
	const followed, unread = 10_000, 1_000
	h := furnish(b, followed)
	h.store(b, func(s *sqlite.Store) { threadsOf(b, s, h, followed, unread) })
	c, _ := h.serve(b)
	quiet()
	measured(b, 1, func(int) {
		l, err := c.Threads(context.Background(), nil)
		if err != nil || len(l.Threads) != chat.DefaultThreads || l.UnreadThreads != chat.MaxUnread {
			b.Errorf("%d threads, %d unread, %v", len(l.Threads), l.UnreadThreads, err)
		}
	})
}

// threadsOf answers the first n messages of the room as somebody else. Their author follows these threads, and has read all but the first
// unread of them.
func threadsOf(b testing.TB, s *sqlite.Store, h dataDir, n, unread int64) {
	ctx, other := context.Background(), chat.NewID()
	_, err := s.AddUser(ctx, chat.AddUser{
		User: chat.NewUser{
			User:      chat.User{ID: other, Handle: "jonas", Name: "Jonas", Role: chat.Member, Email: "jonas@example.com", Epoch: 1},
			EmailFold: "jonas@example.com",
		},
		Rooms: []string{h.room}, At: time.Now(),
	})
	if err != nil {
		b.Fatal(err)
	}
	var posting sync.WaitGroup
	for p := range int64(posters) {
		posting.Go(func() {
			for root := p + 1; root <= n; root += posters {
				reply := h.post(int(root))
				reply.Author, reply.Thread = other, root
				m, _, err := s.PostMessage(ctx, reply)
				if err == nil && root > unread {
					_, err = s.ReadThread(ctx, chat.ReadThread{Room: h.room, Root: root, User: h.user, Seq: m.Seq})
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	posting.Wait()
}

// BenchmarkStart measures the time from the start of the program to its first answer, with 100,000 messages. The baseline is
// `canteen version`.
func BenchmarkStart(b *testing.B) {
	h := furnish(b, many)
	program := filepath.Join(b.TempDir(), "canteen")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/canteen").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	b.Run("floor=version", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command(program, "version").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("messages=100000", func(b *testing.B) {
		for b.Loop() {
			p, c := start(b, program, h)
			if _, err := c.Me(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := p.Process.Kill(); err != nil {
				b.Fatal(err)
			}
			_ = p.Wait() // killed
			b.StartTimer()
		}
	})
}

// start runs the program, waits until it has printed its URL, and gives a client.
func start(b testing.TB, program string, h dataDir) (*exec.Cmd, *client.Client) {
	b.Helper()
	p := exec.Command(program, "serve", "--data", h.dir, "--addr", "127.0.0.1:0", "--rate-limits=off")
	out, err := p.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	var where string
	for line := make([]byte, 1); where == "" || where[len(where)-1] != '\n'; where += string(line) {
		if _, err := out.Read(line); err != nil {
			b.Fatal(err)
		}
	}
	return p, client.New(address(where), h.token)
}
