package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	driver "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/sqlite"
)

var inFlight = []int{1, 8, 64}

// BenchmarkCommit is the baseline of a durable post: it inserts one row and commits durably.
func BenchmarkCommit(b *testing.B) {
	c := must[*driver.Conn](b)(driver.OpenConn(filepath.Join(b.TempDir(), "bare.db"), driver.OpenReadWrite|driver.OpenCreate))
	defer func() {
		if err := c.Close(); err != nil {
			b.Error(err)
		}
	}()
	for _, sql := range []string{"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
		"CREATE TABLE message (seq INTEGER PRIMARY KEY, text TEXT)"} {
		if err := sqlitex.ExecuteTransient(c, sql, nil); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	measured(b, 1, func(int) {
		n++
		if err := sqlitex.Execute(c, "INSERT INTO message VALUES (?, ?)", &sqlitex.ExecOptions{Args: []any{n, words}}); err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkStorePost posts durably to the store, without HTTP.
func BenchmarkStorePost(b *testing.B) {
	for _, n := range inFlight {
		b.Run(fmt.Sprintf("in-flight=%d", n), func(b *testing.B) {
			h := furnish(b, 0)
			h.store(b, func(s *sqlite.Store) {
				measured(b, n, func(i int) {
					if _, _, err := s.PostMessage(context.Background(), h.post(i)); err != nil {
						b.Error(err)
					}
				})
			})
		})
	}
}

// BenchmarkPost posts through HTTP until the acknowledgement. Another process posts, so that only the CPU of the server is measured.
func BenchmarkPost(b *testing.B) {
	for _, n := range inFlight {
		b.Run(fmt.Sprintf("in-flight=%d", n), func(b *testing.B) { postBy(b, n, server.Config{}) })
	}
}

// BenchmarkUnmeasured is BenchmarkPost without metrics: the difference is what they cost.
func BenchmarkUnmeasured(b *testing.B) {
	b.Run("in-flight=64", func(b *testing.B) { postBy(b, 64, server.Config{Unmeasured: true}) })
}

// BenchmarkShippedPost is BenchmarkPost with a server that ships its changes to another directory of the same disk.
func BenchmarkShippedPost(b *testing.B) {
	for _, n := range inFlight {
		place := filepath.Join(b.TempDir(), "shipped")
		b.Run(fmt.Sprintf("in-flight=%d", n), func(b *testing.B) {
			postBy(b, n, server.Config{Ship: func() (backup.Place, error) {
				return backup.OpenDirectory(place)
			}})
		})
	}
}

// postBy posts through HTTP with n requests in flight.
func postBy(b *testing.B, n int, cfg server.Config) {
	h := furnish(b, 0)
	_, addr := h.serveWith(b, cfg)
	p := startPoster(b, h, addr, n)
	b.ResetTimer()
	began, used := time.Now(), cpu()
	p.post(b, b.N)
	b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "per-s")
}
