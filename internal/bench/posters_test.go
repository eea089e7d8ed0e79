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

// postersOf in the environment makes this program the clients that post: address, token, room, how many at once.
const postersOf = "CANTEEN_BENCH_POSTERS"

// poster is another process that posts, so that what it costs is not counted here.
type poster struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	said *bufio.Reader
}

// hire starts a poster with so many posters at once, and waits until each has posted.
func hire(b *testing.B, h house, addr string, atOnce int) *poster {
	b.Helper()
	p := &poster{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d", postersOf, addr, h.token, h.room, atOnce))
	p.cmd.Stderr = os.Stderr
	p.in = must[io.WriteCloser](b)(p.cmd.StdinPipe())
	p.said = bufio.NewReader(must[io.ReadCloser](b)(p.cmd.StdoutPipe()))
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

// post has so many posts made, and gives how long all of them took together, as the poster measured it.
func (p *poster) post(b *testing.B, n int) (took time.Duration) {
	b.Helper()
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Fscanln(p.said, &took); err != nil {
		b.Fatalf("the posting process: %v", err)
	}
	return took
}

// postTo is the other process. It reads how many posts to make, a line each, and writes how long they took.
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
