package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/canteen-chat/canteen/wire"
)

func address(line string) string {
	return strings.Replace(regexp.MustCompile(`http://\S+`).FindString(line), "localhost", "127.0.0.1", 1)
}

// audience is a process with n listening sockets. It is a separate process so that its CPU is not counted.
type audience struct {
	cmd   *exec.Cmd
	heard *bufio.Reader
	n     int
}

// startAudience opens n sockets at addr, with a token if addr is a Canteen server, and waits until all have received a frame.
func startAudience(b testing.TB, addr, token string, n int) *audience {
	b.Helper()
	a := &audience{cmd: exec.Command(os.Args[0]), n: n}
	a.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", listeners, addr, n, token))
	a.cmd.Stderr = os.Stderr
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	a.heard = bufio.NewReader(out)
	if err := a.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.cmd.Process.Kill(); _ = a.cmd.Wait() })
	a.wait(b)
	return a
}

// wait waits until each socket has received one more frame.
func (a *audience) wait(b testing.TB) {
	b.Helper()
	if _, err := a.heard.ReadString('\n'); err != nil {
		b.Fatal(err)
	}
}

// listen is the main function of the audience process. It writes a line each time all its sockets have received one more frame.
func listen(of string) {
	var addr, token string
	var n int
	if _, err := fmt.Sscan(of, &addr, &n, &token); err != nil && n == 0 {
		panic(err)
	}
	heard := make(chan struct{}, n)
	for range n {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			panic(err)
		}
		from := bufio.NewReader(c)
		if token != "" {
			d := ws.Dialer{
				Header:  ws.HandshakeHeaderHTTP{"Authorization": {"Bearer " + token}},
				NetDial: func(context.Context, string, string) (net.Conn, error) { return c, nil },
			}
			_, rest, _, err := d.Dial(context.Background(), "ws://"+addr+"/ws")
			if err != nil {
				panic(err)
			}
			if rest != nil {
				from = bufio.NewReader(io.MultiReader(rest, c))
			}
		}
		if token != "" {
			go keepAlive(c)
		}
		go func() {
			for {
				h, err := ws.ReadHeader(from)
				if err != nil {
					os.Exit(0)
				}
				if _, err := from.Discard(int(h.Length)); err != nil {
					os.Exit(0)
				}
				if !h.OpCode.IsControl() {
					heard <- struct{}{}
				}
			}
		}()
	}
	for {
		for range n {
			<-heard
		}
		fmt.Println()
	}
}

// keepAlive sends pings as often as the server expects.
func keepAlive(c net.Conn) {
	ping := ws.MustCompileFrame(ws.MaskFrame(ws.NewPingFrame(nil)))
	for {
		time.Sleep(20 * time.Second)
		if _, err := c.Write(ping); err != nil {
			return
		}
	}
}

// BenchmarkWrite is the baseline of the fan-out: write(2) of the same bytes to the same number of sockets, one after the other.
func BenchmarkWrite(b *testing.B) {
	frame := event()
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("sockets=%d", n), func(b *testing.B) {
			l := must[net.Listener](b)(net.Listen("tcp", "127.0.0.1:0"))
			fds := make(chan int, n)
			go func() {
				for range n {
					c, err := l.Accept()
					if err != nil {
						b.Error(err)
						return
					}
					f, err := c.(*net.TCPConn).File()
					if err != nil {
						b.Error(err)
						return
					}
					fds <- int(f.Fd()) // Fd makes the socket blocking
					if _, err := c.Write(frame); err != nil {
						b.Error(err)
					}
				}
			}()
			a := startAudience(b, l.Addr().String(), "", n)
			all := make([]int, n)
			for i := range all {
				all[i] = <-fds
			}
			deliveries(b, a, func() {
				for _, fd := range all {
					if _, err := syscall.Write(fd, frame); err != nil {
						b.Fatal(err)
					}
				}
			}, 0)
		})
	}
}

// event is the frame of a message event as the server sends it.
func event() []byte {
	text := `{"type":"message","room":"aaaaaaaaaaaa","rev":100,"message":{"room":"aaaaaaaaaaaa","seq":100,"rev":100,` +
		`"author":"bbbbbbbbbbbb","text":"` + words + `","client_id":"` + uuid(1) + `","created_at":"2026-11-24T12:00:00.000Z",` +
		`"mentions":[],"files":[],"reactions":[]}}`
	return ws.MustCompileFrame(ws.NewTextFrame([]byte(text)))
}

// deliveries measures the CPU of one delivery: that of send, less that of send without listeners (silent), divided by the number of
// listeners.
func deliveries(b *testing.B, a *audience, send func(), silent time.Duration) {
	b.Helper()
	b.ResetTimer()
	used := cpu()
	for range b.N {
		send()
		a.wait(b) // so that the server does not join events into one frame
	}
	total := cpu() - used
	b.ReportMetric(float64((total-silent*time.Duration(b.N)).Nanoseconds())/1000/float64(b.N*a.n), "cpu-µs/delivery")
	b.ReportMetric(float64(total.Microseconds())/float64(b.N), "cpu-µs/op")
}

// BenchmarkFanout posts to a room with one member, who listens with n sockets.
func BenchmarkFanout(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("sockets=%d", n), func(b *testing.B) {
			h := furnish(b, 0)
			c, addr := h.serve(b)
			i := 0
			post := func() {
				i++
				if _, err := c.Post(context.Background(), h.room, wire.PostMessage{ClientID: uuid(i), Text: words}); err != nil {
					b.Fatal(err)
				}
			}
			silent := cpuOf(post)
			a := startAudience(b, addr, h.token, n)
			deliveries(b, a, post, silent)
		})
	}
}

// cadence is the interval between two posts. It is long enough for 2,000 sockets to receive a post before the next. It is the same
// without listeners, because a post after a pause takes longer than one that follows another at once.
const cadence = 80 * time.Millisecond

// BenchmarkAcknowledge measures the time from the HTTP request of a post to its acknowledgement, with n listening sockets. The fan-out
// of the post starts meanwhile. The posting client and the listeners are separate processes on the same machine.
func BenchmarkAcknowledge(b *testing.B) {
	for _, n := range []int{0, 2000} {
		b.Run(fmt.Sprintf("sockets=%d", n), func(b *testing.B) {
			h := furnish(b, 0)
			_, addr := h.serve(b)
			p := startPoster(b, h, addr, 1)
			var a *audience
			if n > 0 {
				a = startAudience(b, addr, h.token, n)
			}
			took := make([]time.Duration, b.N)
			due := time.NewTicker(cadence)
			defer due.Stop()
			b.ResetTimer()
			for i := range b.N {
				<-due.C
				if took[i] = p.post(b, 1); a != nil {
					a.wait(b)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-to-ack")
			b.ReportMetric(float64(took[len(took)*9/10].Microseconds()), "µs-to-ack-p90")
		})
	}
}

// cpuOf is the CPU of one call of post. It is called before sockets listen.
func cpuOf(post func()) time.Duration {
	const times = 500
	for range times {
		post() // warm
	}
	used := cpu()
	for range times {
		post()
	}
	return (cpu() - used) / times
}

// BenchmarkIdle measures the memory of an idle connection, with 5,000 open ones.
func BenchmarkIdle(b *testing.B) {
	const conns = 5000
	h := furnish(b, 0)
	c, addr := h.serve(b)
	_ = must[wire.Me](b)(c.Me(context.Background()))
	before := resident(b)
	startAudience(b, addr, h.token, conns)
	time.Sleep(time.Second) // until the buffers of the handshakes are released
	for b.Loop() {
		b.ReportMetric(float64(resident(b)-before)/conns/1000, "kB/connection")
	}
}

// resident is the resident memory of this process, in bytes.
func resident(b testing.TB) int64 {
	runtime.GC()
	debug.FreeOSMemory()
	var size, rss int64
	if _, err := fmt.Sscan(string(must[[]byte](b)(os.ReadFile("/proc/self/statm"))), &size, &rss); err != nil {
		b.Fatal(err)
	}
	return rss * int64(os.Getpagesize())
}
