package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/s3"
	"github.com/canteen-chat/canteen/server"
)

const (
	pairs  = 9                      // turns of each of two servers
	turn   = time.Second            // how long a turn takes, about
	settle = 600 * time.Millisecond // after a turn: what is left of it is shipped
)

// BenchmarkShipping compares a server that ships its changes with one that does not. They take turns. The posts come from another process;
// CPU is that of the server, with what it ships after a turn. The place is a directory on the disk of the data, which then has two things
// to sync; one in memory, for a disk of its own; or a bucket of an emulator on this machine, which takes a processor's time too.
func BenchmarkShipping(b *testing.B) {
	for _, to := range []string{"same-disk", "memory", "bucket"} {
		b.Run(to, func(b *testing.B) {
			open := func() (backup.Place, error) { return backup.OpenDirectory(filepath.Join(b.TempDir(), "shipped")) }
			switch to {
			case "bucket":
				open = bucket(b)
			case "memory":
				open = memory(b)
			}
			for _, n := range inFlight {
				b.Run(fmt.Sprintf("in-flight=%d", n), func(b *testing.B) { compareShipping(b, n, open) })
			}
		})
	}
}

// memory gives what opens a place in memory. Each call opens another place.
func memory(b *testing.B) func() (backup.Place, error) {
	dir, err := os.MkdirTemp("/dev/shm", "canteen-shipped")
	if err != nil {
		b.Skip(err)
	}
	b.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			b.Error(err)
		}
	})
	places := 0
	return func() (backup.Place, error) {
		places++
		return backup.OpenDirectory(filepath.Join(dir, strconv.Itoa(places)))
	}
}

// bucket gives what opens a place in a bucket of an emulator. Each call opens another place.
func bucket(b *testing.B) func() (backup.Place, error) {
	endpoint, name := awstest.Start(b, local.Ministack), awstest.Unique()+"shipped"
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	client := sdk.NewFromConfig(cfg, func(o *sdk.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(context.Background(), &sdk.CreateBucketInput{Bucket: &name}); err != nil {
		b.Fatal(err)
	}
	places := 0
	return func() (backup.Place, error) {
		places++
		return s3.NewPrefix(cfg, fmt.Sprintf("s3://%s/%d", name, places))
	}
}

// taker is a server that takes turns with another, and a process that posts to it.
type taker struct {
	*poster
	each       int // posts of a turn
	rates, cpu []float64
}

func newTaker(b *testing.B, n int, cfg server.Config) *taker {
	h := furnish(b, 0)
	_, addr := h.serveWith(b, cfg)
	t := &taker{poster: startPoster(b, h, addr, n)}
	t.each = int(500 * float64(turn) / float64(t.post(b, 500)))
	return t
}

func (t *taker) turn(b *testing.B, each int) {
	used := cpu()
	took := t.post(b, each)
	time.Sleep(settle)
	t.rates = append(t.rates, float64(each)/took.Seconds())
	t.cpu = append(t.cpu, float64((cpu()-used).Microseconds())/float64(each))
}

func compareShipping(b *testing.B, n int, open func() (backup.Place, error)) {
	plain, shipped := newTaker(b, n, server.Config{}), newTaker(b, n, server.Config{Ship: open})
	both := []*taker{plain, shipped}
	time.Sleep(settle)
	b.ResetTimer()
	for range b.N * pairs {
		for _, t := range both {
			t.turn(b, plain.each)
		}
		slices.Reverse(both) // what favours the first or the second favours both
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(plain.rates), "posts/s")
	b.ReportMetric(median(shipped.rates), "shipped-posts/s")
	b.ReportMetric(median(ratios(shipped.rates, plain.rates)), "posts-ratio")
	b.ReportMetric(median(plain.cpu), "cpu-µs")
	b.ReportMetric(median(shipped.cpu), "shipped-cpu-µs")
	b.ReportMetric(median(ratios(shipped.cpu, plain.cpu)), "cpu-ratio")
}

// ratios divides pair by pair.
func ratios(of, by []float64) []float64 {
	out := make([]float64, len(of))
	for i := range of {
		out[i] = of[i] / by[i]
	}
	return out
}

func median(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }
