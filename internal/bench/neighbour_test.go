package bench

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wire"
)

const (
	heavyRooms = 300 // rooms of the greedy user, each with the longest message as its last
	longSteps  = 500 // longest messages in the first of them
)

// BenchmarkBeside posts and reads a page as Mira, beside one person who does the worst that the rates allow. The server and the other
// person are processes of their own, the rates are on. It reports how long a post and a page take, and how much the server's memory
// grows.
func BenchmarkBeside(b *testing.B) {
	h := furnish(b, 1000)
	greedy, room := h.greedy(b)
	program := world.Program(b)
	for _, worst := range append([]string{"floor=alone"}, worsts()...) {
		b.Run(worst, func(b *testing.B) {
			s := startServer(b, program, h.dir)
			c := client.New(s.url, h.token)
			for range 20 { // warms it up
				visit(b, c, h.room, time.Millisecond)
			}
			before, most := s.memory(b), 0.0
			if kind, is := strings.CutPrefix(worst, "worst="); is {
				startWorst(b, kind, s.url, greedy, room)
				time.Sleep(time.Second)
			}
			took := make([]time.Duration, 0, b.N)
			b.ResetTimer()
			for range b.N {
				took = append(took, visit(b, c, h.room, 100*time.Millisecond))
				most = max(most, s.memory(b)-before)
			}
			slices.Sort(took)
			for _, p := range []int{50, 99} {
				b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
			}
			b.ReportMetric(most, "MB-more")
		})
	}
}

// visit waits, posts and reads a page. It gives the time of both.
func visit(b *testing.B, c *client.Client, room string, wait time.Duration) time.Duration {
	time.Sleep(wait)
	began := time.Now()
	err := client.Retry(context.Background(), func(ctx context.Context) error {
		_, err := c.Post(ctx, room, wire.PostMessage{ClientID: client.NewClientID(), Text: words})
		return err
	})
	if err != nil {
		b.Error(err)
	}
	page(b, c, room, nil)
	return time.Since(began)
}

// greedy makes Jonas, in rooms that are as heavy as they can be, and people who help him. It gives their tokens, his first, and the
// heaviest room.
func (h dataDir) greedy(b *testing.B) (tokens []string, room string) {
	b.Helper()
	ctx := context.Background()
	admin, done, err := server.OpenAdmin(ctx, h.dir, false, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	var id string // of Jonas
	for n := range crowd {
		handle := "jonas"
		if n > 0 {
			handle += fmt.Sprint(n)
		}
		one := must[string](b)(admin.AddUser(ctx, chat.CommandLineUser{
			Email: handle + "@example.com", Name: handle, Handle: handle, Role: chat.Member, Password: "a quiet place to eat",
		}))
		tokens = append(tokens, must[string](b)(admin.AddToken(ctx, chat.CommandLineToken{Handle: handle, Name: "bench"})))
		if n == 0 {
			id = one
		}
	}
	if err := done(); err != nil {
		b.Fatal(err)
	}
	long := strings.Repeat("😀", chat.MessageLength)
	h.store(b, func(s *sqlite.Store) {
		for r := range heavyRooms {
			made, posts := chat.NewID(), 1
			if r == 0 {
				room, posts = made, longSteps
			}
			name := fmt.Sprint("heavy-", r)
			_, _, err := s.AddRoom(ctx, chat.AddRoom{
				Room: chat.Room{
					ID: made, Kind: chat.Public, Name: name, Posting: chat.PostingEveryone, CreatedBy: id, CreatedAt: time.Now(),
				},
				Members: []chat.RoomMembership{{User: id, Role: chat.RoomOwner, JoinedAt: time.Now()}},
			})
			for i := 0; i < posts && err == nil; i++ {
				_, _, err = s.PostMessage(ctx, chat.PostMessage{Room: made, Author: id, ClientID: uuid(i), Text: long, At: time.Now()})
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	return tokens, room
}

// ownServer is the program, serving a data directory in its own process with the rates on.
type ownServer struct {
	url string
	cmd *exec.Cmd
}

func startServer(b *testing.B, program, dir string) ownServer {
	b.Helper()
	cmd := exec.Command(program, "serve", "--data", dir, "--addr", "127.0.0.1:0") // #nosec G204 -- what the test built
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("serve printed no URL: %v", err)
	}
	return ownServer{address(line), cmd}
}

var residentSet = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// memory is the server's resident memory in MB.
func (s ownServer) memory(b *testing.B) float64 {
	b.Helper()
	status := must[[]byte](b)(os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), "status")))
	kB := must[float64](b)(strconv.ParseFloat(string(residentSet.FindSubmatch(status)[1]), 64))
	return kB / 1000
}
