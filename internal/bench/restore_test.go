package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// million is an environment variable: the number of messages of BenchmarkRestore, if it is not 1,000,000.
const million = "CANTEEN_BENCH_MESSAGES"

// BenchmarkRestore measures how long a workspace with 1,000,000 messages is away when its disk is lost: `canteen restore`, and from the
// start of `canteen serve` to the first answer. It restores a backup, and what serve --ship wrote, with a fiftieth of the messages in
// segments.
func BenchmarkRestore(b *testing.B) {
	messages := 1_000_000
	if n, err := strconv.Atoi(os.Getenv(million)); err == nil {
		messages = n
	}
	program := world.Program(b)
	began := time.Now()
	h := furnish(b, messages*49/50)
	place := filepath.Join(b.TempDir(), "shipped")
	shipAll(b, h, place, messages*49/50, messages)
	archive := filepath.Join(b.TempDir(), "backup.tar")
	b.Logf("%d messages were made in %s", messages, time.Since(began).Round(time.Second))
	began = time.Now()
	canteen(b, program, "backup", archive, "--data", h.dir)
	backedUp := time.Since(began)
	began = time.Now()
	canteen(b, program, "verify", archive)
	verified := time.Since(began)
	info, err := os.Stat(archive)
	if err != nil {
		b.Fatal(err)
	}
	for _, from := range []struct{ what, name string }{{"backup", archive}, {"shipped", place}} {
		b.Run("from="+from.what, func(b *testing.B) {
			var restored, ready time.Duration
			for range b.N {
				to := dataDir{dir: filepath.Join(b.TempDir(), "restored"), token: h.token}
				began := time.Now()
				canteen(b, program, "restore", from.name, "--data", to.dir)
				restored += time.Since(began)
				began = time.Now()
				p, c := start(b, program, to)
				rooms, err := c.Rooms(context.Background())
				ready += time.Since(began)
				if err != nil || len(rooms) == 0 || rooms[0].LastSeq < int64(messages) {
					b.Errorf("rooms %+v, %v; want %d messages", rooms, err, messages)
				}
				if err := p.Process.Kill(); err != nil {
					b.Fatal(err)
				}
				_ = p.Wait() // killed
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(restored.Seconds()/float64(b.N), "restore-s")
			b.ReportMetric(ready.Seconds()/float64(b.N), "ready-s")
			b.ReportMetric(backedUp.Seconds(), "backup-s")
			b.ReportMetric(verified.Seconds(), "verify-s")
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		})
	}
}

// shipAll ships a data directory that holds some messages, and then more messages as segments.
func shipAll(b *testing.B, h dataDir, place string, from, to int) {
	b.Helper()
	c, _ := h.serveWith(b, server.Config{Ship: func() (backup.Place, error) { return backup.OpenDirectory(place) }})
	for {
		found, err := filepath.Glob(filepath.Join(place, "*", "generation.json"))
		if err != nil {
			b.Fatal(err)
		}
		if len(found) > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	var posting sync.WaitGroup
	for p := range posters {
		posting.Go(func() {
			for i := from + p; i < to; i += posters {
				if _, err := c.Post(context.Background(), h.room, wire.PostMessage{ClientID: uuid(i), Text: words}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	posting.Wait()
	time.Sleep(settle)
}

func canteen(b *testing.B, program string, args ...string) {
	b.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil { // #nosec G204 -- what the benchmark built
		b.Fatal(fmt.Errorf("%v: %w\n%s", args, err, out))
	}
}
