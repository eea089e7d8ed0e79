package hostile

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	secret = "what the distribution alone knows"
	apiID  = "hostile0"
)

// Trouble says how often of a thousand times each goes wrong.
type Trouble struct {
	PushLost, PushGone, PushLarge, PushThrottled, PushFails int // answers of @connections
	DisconnectLost                                          int
	KillEarly, KillLate                                     int           // of a process: at its work, between work and answer
	BatchTwice, BatchLate                                   int           // of the stream
	CutAfter                                                time.Duration // the age at which connections are cut; 0: never
}

// Options are what a Gateway needs.
type Options struct {
	Program    string // the compiled canteen-lambda
	Emulator   string // where the tables are
	Tables     string // prefix of their names
	RateLimits string // on or off
	Instances  int    // processes of each function
	Seed       uint64
	Trouble    Trouble
	// May says whether the role of a function has a right: an action on a table (without prefix; /index/NAME follows where it is an
	// index that is asked), or on its connections (""). nil: everything.
	May func(role, action, table string) bool
}

// Gateway is Amazon's part. It is safe for concurrent use.
type Gateway struct {
	t         testing.TB
	o         Options
	server    *http.Server
	addr      string
	emulator  *http.Client
	functions map[string]*function
	stream    *stream
	count     atomic.Int64

	mu        sync.Mutex
	random    *rand.Rand
	processes map[string]*process // by access key
	conns     map[string]*conn
	sent      map[string]int // events, by connection
	latest    string         // connection
	happened  map[string]int // troubles
	faults    []error
	closing   bool
	calm      bool
}

// Start starts all functions. Close ends them.
func Start(t testing.TB, o Options) *Gateway {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gateway{
		t: t, o: o, addr: l.Addr().String(), functions: map[string]*function{}, random: rand.New(rand.NewPCG(o.Seed, 1)), // #nosec G404 -- repeatable
		processes: map[string]*process{}, conns: map[string]*conn{}, sent: map[string]int{}, happened: map[string]int{},
		emulator: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute},
	}
	g.server = &http.Server{
		Handler: g, ReadHeaderTimeout: time.Minute, TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	go func() { _ = g.server.Serve(l) }() // until it is closed
	for _, role := range []string{"rest", "socket", "fanout"} {
		f := &function{g: g, role: role, idle: make(chan *process, o.Instances)}
		g.functions[role] = f
		for range o.Instances {
			p, err := f.start()
			if err != nil {
				t.Fatal(err)
			}
			f.idle <- p
		}
	}
	g.stream = follow(g)
	return g
}

// URL is the public one.
func (g *Gateway) URL() string { return "http://" + g.addr }

// Close ends everything.
func (g *Gateway) Close() {
	g.stream.close()
	g.mu.Lock()
	g.closing = true
	var ps []*process
	for _, p := range g.processes {
		ps = append(ps, p)
	}
	for _, c := range g.conns {
		_ = c.ws.Close() // it may be closed
	}
	g.mu.Unlock()
	for _, p := range ps {
		p.kill()
	}
	_ = g.server.Close()
}

// Check is what the functions did that they must not, so far.
func (g *Gateway) Check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return errors.Join(g.faults...)
}

// Calm switches all trouble off, or on again.
func (g *Gateway) Calm(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calm = on
}

// Settle returns when all that was committed before has been told, but for the batches that are late.
func (g *Gateway) Settle() { g.stream.settle() }

// Sent is how many events a connection has been sent, and whether it is open still.
func (g *Gateway) Sent(connection string) (events int, open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, open = g.conns[connection]
	return g.sent[connection], open
}

// Latest is the connection that was made last.
func (g *Gateway) Latest() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.latest
}

// Output is the last of what the processes of a function said.
func (g *Gateway) Output(role string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var b strings.Builder
	for key, p := range g.processes {
		if strings.HasPrefix(key, "AK"+strings.ToUpper(role)) {
			fmt.Fprintf(&b, "%s\n", p.out)
		}
	}
	return b.String()
}

func (g *Gateway) fault(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closing {
		g.faults = append(g.faults, err)
	}
}

// happens draws whether a trouble happens now, and counts it.
func (g *Gateway) happens(what string, ofThousand int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	yes := !g.calm && ofThousand > 0 && g.random.IntN(1000) < ofThousand
	if yes {
		g.happened[what]++
	}
	return yes
}

// Happened is how often each trouble happened so far, by its name in Trouble.
func (g *Gateway) Happened() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.happened)
}

func (g *Gateway) draw(n int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.random.IntN(n)
}

// ServeHTTP implements http.Handler: everything comes to one port, as to the distribution and to an emulator.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/ws/@connections/"):
		g.frozen(r)
		if g.allowed(w, r, []need{{action: "execute-api:ManageConnections"}}) {
			g.connections(w, r)
		}
	case r.URL.Path == "/ws":
		g.connect(w, r)
	case r.Header.Get("X-Amz-Target") != "":
		g.frozen(r)
		g.relay(w, r)
	default:
		g.request(w, r)
	}
}
