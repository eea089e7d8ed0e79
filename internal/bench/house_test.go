package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wire"
)

// listeners is an environment variable: if it is set, this program runs as the audience process (see listen).
const listeners = "CANTEEN_BENCH_LISTENERS"

func TestMain(m *testing.M) {
	if addr := os.Getenv(listeners); addr != "" {
		listen(addr)
		return
	}
	if of := os.Getenv(postersOf); of != "" {
		postTo(of)
		return
	}
	if of := os.Getenv(worstOf); of != "" {
		beWorst(of)
		return
	}
	os.Exit(m.Run())
}

// dataDir is a data directory with one user, who is in the room general.
type dataDir struct{ dir, token, user, room string }

func must[T any](b testing.TB) func(T, error) T {
	return func(v T, err error) T {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
}

// furnish creates a data directory with a number of messages in the room general.
func furnish(b testing.TB, messages int) dataDir {
	b.Helper()
	ctx, h := context.Background(), dataDir{dir: filepath.Join(b.TempDir(), "data")}
	admin, done, err := server.OpenAdmin(ctx, h.dir, true, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	h.user = must[string](b)(admin.AddUser(ctx, chat.CommandLineUser{
		Email: "mira@example.com", Name: "Mira", Handle: "mira", Role: chat.Owner, Password: "a quiet place to eat",
	}))
	h.token = must[string](b)(admin.AddToken(ctx, chat.CommandLineToken{Handle: "mira", Name: "bench"}))
	if err := done(); err != nil {
		b.Fatal(err)
	}
	h.store(b, func(s *sqlite.Store) {
		h.room = must[[]chat.MyRoom](b)(s.MyRooms(ctx, h.user))[0].ID
		var posting sync.WaitGroup
		for p := range posters {
			posting.Go(func() {
				for i := p; i < messages; i += posters {
					if _, _, err := s.PostMessage(ctx, h.post(i)); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		posting.Wait()
	})
	return h
}

const posters = 64

// words is a text of average length.
const words = "Lunch at a quarter past twelve? The soup of the day is leek and potato, and there is cake."

func (h dataDir) post(i int) chat.PostMessage {
	return chat.PostMessage{Room: h.room, Author: h.user, ClientID: uuid(i), Text: words, At: time.Now()}
}

func uuid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// store runs f with the store, without a server.
func (h dataDir) store(b testing.TB, f func(*sqlite.Store)) {
	b.Helper()
	s := must[*sqlite.Store](b)(sqlite.Open(context.Background(), filepath.Join(h.dir, "canteen.db"),
		sqlite.Options{Log: slog.New(slog.DiscardHandler)}))
	f(s)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// serve starts a server on the directory until the end of the benchmark, and gives a client and the server's address.
func (h dataDir) serve(b testing.TB) (*client.Client, string) {
	b.Helper()
	return h.serveWith(b, server.Config{})
}

// serveWith is serve with a configuration.
func (h dataDir) serveWith(b testing.TB, cfg server.Config) (*client.Client, string) {
	b.Helper()
	cfg.Addr, cfg.Data = "127.0.0.1:0", h.dir
	s, err := server.Start(context.Background(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Stop(); err != nil {
			b.Error(err)
		}
	})
	addr := strings.Replace(s.URL(), "localhost", "127.0.0.1", 1)
	return client.New(addr, h.token), strings.TrimPrefix(addr, "http://")
}

// cpu is the CPU time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measured runs f b.N times, atOnce calls in parallel, and reports the CPU per call and the rate.
func measured(b *testing.B, atOnce int, f func(i int)) {
	b.Helper()
	var running sync.WaitGroup
	b.ResetTimer()
	began, used := time.Now(), cpu()
	for p := range atOnce {
		running.Go(func() {
			for i := p; i < b.N; i += atOnce {
				f(i)
			}
		})
	}
	running.Wait()
	b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "per-s")
}

func page(b testing.TB, c *client.Client, room string, query map[string][]string) wire.Page {
	b.Helper()
	return must[wire.Page](b)(c.Page(context.Background(), room, query))
}
