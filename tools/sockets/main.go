// Command sockets compares WebSocket libraries under the load of Canteen's hub: a queue and a writer for each connection. It prints, as
// Markdown, the CPU of the server per delivery, its ratio to a bare write(2) of the same bytes, and the memory of an idle connection.
// The clients run in a separate process. Run: make sockets.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	coder "github.com/coder/websocket"
	"github.com/gobwas/ws"
	gorilla "github.com/gorilla/websocket"
)

// member is a connection of the hub under test.
type member struct {
	write func([]byte) error // writes a text; for bare write(2) and gobwas, an encoded frame
	mu    sync.Mutex
	queue [][]byte
	busy  bool          // writer on demand: it is running
	wake  chan struct{} // wakes a permanent writer; nil for a writer on demand
}

var written atomic.Int64

// send queues a text, and wakes or starts the writer.
func (m *member) send(text []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue = append(m.queue, text)
	switch {
	case m.wake != nil:
		select {
		case m.wake <- struct{}{}:
		default:
		}
	case !m.busy:
		m.busy = true
		go m.flush()
	}
}

func (m *member) flush() {
	for {
		m.mu.Lock()
		queue := m.queue
		if m.queue = nil; len(queue) == 0 {
			m.busy = false
			m.mu.Unlock()
			return
		}
		m.mu.Unlock()
		for _, text := range queue {
			if m.write(text) != nil {
				return
			}
			written.Add(1)
		}
	}
}

// upgrades are the functions that upgrade a request, by library. Their second result blocks until the connection ends.
var upgrades = map[string]func(http.ResponseWriter, *http.Request) (*member, func()){
	"gorilla": func(w http.ResponseWriter, r *http.Request) (*member, func()) {
		u := gorilla.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, CheckOrigin: func(*http.Request) bool { return true }}
		c, err := u.Upgrade(w, r, nil)
		check(err)
		return &member{
				wake: make(chan struct{}, 1), write: func(b []byte) error { return c.WriteMessage(gorilla.TextMessage, b) },
			}, func() {
				for {
					if _, _, err := c.ReadMessage(); err != nil {
						return
					}
				}
			}
	},
	"coder": func(w http.ResponseWriter, r *http.Request) (*member, func()) {
		c, err := coder.Accept(w, r, &coder.AcceptOptions{InsecureSkipVerify: true, CompressionMode: coder.CompressionDisabled})
		check(err)
		return &member{
				wake: make(chan struct{}, 1), write: func(b []byte) error { return c.Write(context.Background(), coder.MessageText, b) },
			}, func() {
				for {
					if _, _, err := c.Read(context.Background()); err != nil {
						return
					}
				}
			}
	},
	"gobwas": func(w http.ResponseWriter, r *http.Request) (*member, func()) {
		c := upgraded(r, w)
		return &member{wake: make(chan struct{}, 1), write: func(b []byte) error { _, err := c.Write(b); return err }}, reading(c)
	},
	"gobwas, writer on demand, handler left": func(w http.ResponseWriter, r *http.Request) (*member, func()) {
		c := upgraded(r, w)
		go reading(c)()
		return &member{write: func(b []byte) error { _, err := c.Write(b); return err }}, nil
	},
}

func upgraded(r *http.Request, w http.ResponseWriter) net.Conn {
	c, _, _, err := ws.UpgradeHTTP(r, w)
	check(err)
	return c
}

func reading(c net.Conn) func() {
	return func() {
		b := bufio.NewReaderSize(c, 512)
		for {
			h, err := ws.ReadHeader(b)
			if err != nil {
				return
			}
			if _, err := io.CopyN(io.Discard, b, h.Length); err != nil {
				return
			}
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	lib := flag.String("lib", "", "measure one library, in this process")
	clients := flag.String("clients", "", "run the clients of the server at this address")
	conns, events := flag.Int("conns", 1000, "number of connections"), flag.Int("events", 300, "number of events sent to all")
	idle := flag.Bool("idle", false, "measure memory instead of CPU")
	flag.Parse()
	switch {
	case *clients != "":
		runClients(*clients, *conns)
	case *lib != "":
		serve(*lib, *conns, *events, *idle)
	default:
		fmt.Println("| | CPU per delivery | times the bare write | memory per idle connection |\n|---|---|---|---|")
		var floor float64
		for _, lib := range []string{"bare write(2)", "gorilla", "coder", "gobwas", "gobwas, writer on demand, handler left"} {
			cpu := measure(lib, 1000, false)
			if floor == 0 {
				floor = cpu
				fmt.Printf("| %s | %.2f µs | 1.00 | |\n", lib, cpu)
				continue
			}
			fmt.Printf("| %s | %.2f µs | %.2f | %.1f kB |\n", lib, cpu, cpu/floor, measure(lib, 5000, true))
		}
	}
}

// measure runs one measurement three times, each in a new process, and gives the median.
func measure(lib string, conns int, idle bool) float64 {
	var got []float64
	for range 3 {
		args := []string{"-lib", lib, "-conns", fmt.Sprint(conns), fmt.Sprintf("-idle=%v", idle)}
		out, err := exec.Command(os.Args[0], args...).Output() // #nosec G204 G702 -- itself
		check(err)
		var v float64
		_, err = fmt.Sscan(string(out), &v)
		check(err)
		got = append(got, v)
	}
	return max(min(got[0], got[1]), min(max(got[0], got[1]), got[2]))
}

func serve(lib string, conns, events int, idle bool) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	members := make(chan *member, conns)
	upgrade := upgrades[lib]
	if lib == "bare write(2)" {
		upgrade = upgrades["gobwas"]
	}
	go func() {
		check(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // #nosec G114 -- on loopback, for a minute
			m, stay := upgrade(w, r)
			if m.wake != nil {
				go func() {
					for range m.wake {
						m.flush()
					}
				}()
			}
			members <- m
			if stay != nil {
				stay()
			}
		})))
	}()
	before := resident()
	child := exec.Command(os.Args[0], "-clients", l.Addr().String(), "-conns", fmt.Sprint(conns)) // #nosec G204 G702 -- itself
	child.Stderr = os.Stderr
	check(child.Start())
	all := make([]*member, conns)
	for i := range all {
		all[i] = <-members
	}
	time.Sleep(300 * time.Millisecond)
	if idle {
		fmt.Println(float64(resident()-before) / float64(conns) / 1000)
	} else {
		fmt.Println(deliver(all, lib, events))
	}
	check(child.Process.Kill())
}

// deliver sends events to all members and gives the CPU time of one delivery in µs.
func deliver(all []*member, lib string, events int) float64 {
	text := []byte(`{"type":"message","room":"aaaaaaaaaaaa","rev":18,"message":{"room":"aaaaaaaaaaaa","seq":18,"text":"` +
		strings.Repeat("x", 300) + `"}}`)
	if strings.HasPrefix(lib, "gobwas") || strings.HasPrefix(lib, "bare") {
		text = ws.MustCompileFrame(ws.NewTextFrame(text))
	}
	runtime.GC()
	began := cpu()
	for i := range events {
		for _, m := range all {
			if strings.HasPrefix(lib, "bare") {
				check(m.write(text))
			} else {
				m.send(text)
			}
		}
		for !strings.HasPrefix(lib, "bare") && written.Load() < int64((i+1)*len(all)) {
			time.Sleep(20 * time.Microsecond) // send the next event only after all deliveries of this one
		}
	}
	return float64(cpu()-began) / float64(time.Microsecond) / float64(events*len(all))
}

func cpu() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is the resident memory of this process, in bytes.
func resident() int64 {
	runtime.GC()
	debug.FreeOSMemory()
	b, err := os.ReadFile("/proc/self/statm")
	check(err)
	var size, rss int64
	_, err = fmt.Sscan(string(b), &size, &rss)
	check(err)
	return rss * int64(os.Getpagesize())
}

func runClients(addr string, conns int) {
	for range conns {
		c, err := net.Dial("tcp", addr)
		check(err)
		_, err = io.WriteString(c, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "+
			"13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		check(err)
		go func() { _, _ = io.Copy(io.Discard, c) }() // until the server closes it
	}
	time.Sleep(2 * time.Minute)
}
