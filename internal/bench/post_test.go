package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	driver "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/sqlite"
)

var inFlight = []int{1, 8, 64}

// BenchmarkCommit is the floor of a durable post: a row, and a commit that waits for the disk.
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

// BenchmarkStorePost is a post to the store: its place, its idempotency key, its announcement, durable.
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

// BenchmarkPost is a post by HTTP until its acknowledgement. Another process posts, so that the CPU is the server's.
func BenchmarkPost(b *testing.B) {
	for _, n := range inFlight {
		b.Run(fmt.Sprintf("in-flight=%d", n), func(b *testing.B) {
			h := furnish(b, 0)
			_, addr := h.serve(b)
			p := hire(b, h, addr, n)
			b.ResetTimer()
			began, used := time.Now(), cpu()
			p.post(b, b.N)
			b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "cpu-µs/op")
			b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "per-s")
		})
	}
}
