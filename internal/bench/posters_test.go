package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// postersOf in the environment makes this program the clients that post: address, token, room, how many at once, how many posts.
const postersOf = "CANTEEN_BENCH_POSTERS"

// posted has another process make b.N posts by HTTP, atOnce in flight, and reports the CPU of this one: the server alone.
func posted(b *testing.B, h house, addr string, atOnce int) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d %d", postersOf, addr, h.token, h.room, atOnce, b.N))
	cmd.Stderr = os.Stderr
	in, out := must[io.WriteCloser](b)(cmd.StdinPipe()), must[io.ReadCloser](b)(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	said := bufio.NewReader(out)
	line := func() {
		if _, err := said.ReadString('\n'); err != nil {
			b.Fatalf("the posting process: %v", err)
		}
	}
	line() // it is connected, and each poster has posted once
	b.ResetTimer()
	began, used := time.Now(), cpu()
	if _, err := fmt.Fprintln(in); err != nil {
		b.Fatal(err)
	}
	line()
	b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "per-s")
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
}

// postTo is the other process: it warms up, says so, and posts once it is told to.
func postTo(of string) {
	var addr, token, room string
	var atOnce, total int
	if _, err := fmt.Sscan(of, &addr, &token, &room, &atOnce, &total); err != nil {
		panic(err)
	}
	c := client.New("http://"+addr, token)
	post := func(i int) {
		if _, err := c.Post(context.Background(), room, wire.PostMessage{ClientID: uuid(i), Text: words}); err != nil {
			panic(err)
		}
	}
	all := func(first, n int) {
		var running sync.WaitGroup
		for p := range atOnce {
			running.Go(func() {
				for i := p; i < n; i += atOnce {
					post(first + i)
				}
			})
		}
		running.Wait()
	}
	all(0, max(atOnce*4, 200))
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		panic(err)
	}
	all(1_000_000, total)
	fmt.Println("done")
}
