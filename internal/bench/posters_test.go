package bench

import (
	"bufio"
	"context"
	"errors"
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

// postersOf is an environment variable: if it is set, this program runs as the posting process (see postTo). It holds the address, the
// token, the room, and the number of parallel posts.
const postersOf = "CANTEEN_BENCH_POSTERS"

// poster is a process that posts. It is a separate process so that its CPU is not counted.
type poster struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startPoster starts a process that sends atOnce posts in parallel, and warms it up.
func startPoster(b *testing.B, h dataDir, addr string, atOnce int) *poster {
	b.Helper()
	p := &poster{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d", postersOf, addr, h.token, h.room, atOnce))
	p.cmd.Stderr = os.Stderr
	p.in = must[io.WriteCloser](b)(p.cmd.StdinPipe())
	p.out = bufio.NewReader(must[io.ReadCloser](b)(p.cmd.StdoutPipe()))
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(p.in.Close(), p.cmd.Wait()); err != nil {
			b.Error(err)
		}
	})
	p.post(b, max(4*atOnce, 200))
	return p
}

// post lets the process send n posts. It gives the time for all of them, as the process has measured it.
func (p *poster) post(b *testing.B, n int) (took time.Duration) {
	b.Helper()
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Fscanln(p.out, &took); err != nil {
		b.Fatalf("the posting process: %v", err)
	}
	return took
}

// postTo is the main function of the posting process. For each line with a number it sends that many posts, and prints the time for
// all of them.
func postTo(of string) {
	var addr, token, room string
	var atOnce, from, n int
	if _, err := fmt.Sscan(of, &addr, &token, &room, &atOnce); err != nil {
		panic(err)
	}
	c := client.New("http://"+addr, token)
	for {
		if _, err := fmt.Scanln(&n); err != nil {
			return // the benchmark is over
		}
		var running sync.WaitGroup
		began := time.Now()
		for p := range atOnce {
			running.Go(func() {
				for i := p; i < n; i += atOnce {
					if _, err := c.Post(context.Background(), room, wire.PostMessage{ClientID: uuid(from + i), Text: words}); err != nil {
						panic(err)
					}
				}
			})
		}
		running.Wait()
		fmt.Println(int64(time.Since(began)))
		from += n
	}
}
