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
	// Secret is the origin secret.
	Secret = "shared secret of the distribution" // #nosec G101 -- of tests
	apiID  = "hostile0"
)

// Trouble has the rate of each fault, per thousand.
type Trouble struct {
	PushLost, PushGone, PushLarge, PushThrottled, PushFails int // answers of @connections
	FirstPushLost                                           int // of a connection, after hello
	DisconnectLost                                          int
	KillEarly, KillLate                                     int           // kills during the work; after the work, before the answer
	BatchTwice, BatchLate                                   int           // batches of the stream
	CutAfter                                                time.Duration // age at which connections are cut; 0: never
	StartLate                                               time.Duration // until the trigger of the stream begins to read
}

// Mapping is the event source mapping of the stream.
type Mapping struct {
	StartingPosition      string // TRIM_HORIZON or LATEST
	ParallelizationFactor int    // with more than one, only records of one item stay in order
}

// Options are the options of a Gateway.
type Options struct {
	Program    string // path of the compiled canteen-lambda
	Emulator   string // URL of the emulator with the tables
	Tables     string // prefix of the table names
	RateLimits string // on or off
	Instances  int    // number of processes of each function
	Seed       uint64
	Trouble    Trouble
	Mapping    Mapping
	// May says whether the role of a function permits an action on a table or on connections. table has no prefix; /index/NAME follows
	// if the request is for an index; it is "" for connections. nil permits everything.
	May func(role, action, table string) bool
}

// Gateway simulates the AWS services. It is safe for concurrent use.
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
	sent      map[string]int // number of events by connection
	latest    string         // id of the newest connection
	happened  map[string]int // number of faults by name
	faults    []error
	closing   bool
	calm      bool
}

// Start starts the gateway and all functions. Close ends them.
func Start(t testing.TB, o Options) *Gateway {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gateway{
		t: t, o: o, addr: l.Addr().String(), functions: map[string]*function{},
		random:    rand.New(rand.NewPCG(o.Seed, 1)), // #nosec G404 -- runs must be repeatable
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

// URL is the public URL.
func (g *Gateway) URL() string { return "http://" + g.addr }

// Close ends the gateway and all processes.
func (g *Gateway) Close() {
	g.stream.close()
	g.mu.Lock()
	g.closing = true
	var ps []*process
	for _, p := range g.processes {
		ps = append(ps, p)
	}
	for _, c := range g.conns {
		_ = c.ws.Close() // fails if it is closed already
	}
	g.mu.Unlock()
	for _, p := range ps {
		p.kill()
	}
	_ = g.server.Close()
}

// Check reports what the functions have done wrong so far.
func (g *Gateway) Check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return errors.Join(g.faults...)
}

// Calm switches all faults off (true) or on again.
func (g *Gateway) Calm(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calm = on
}

// Settle waits until the trigger of the stream has begun and all earlier commits have been passed to the fan-out, except late batches.
func (g *Gateway) Settle() {
	<-g.stream.begun
	g.stream.settle()
}

// Sent is the number of events sent to a connection so far, and whether it is still open.
func (g *Gateway) Sent(connection string) (events int, open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, open = g.conns[connection]
	return g.sent[connection], open
}

// Latest is the id of the newest connection.
func (g *Gateway) Latest() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.latest
}

// Output is the end of the log of each process of a function.
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

// happens draws whether a fault happens now, and counts it.
func (g *Gateway) happens(what string, ofThousand int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	yes := !g.calm && ofThousand > 0 && g.random.IntN(1000) < ofThousand
	if yes {
		g.happened[what]++
	}
	return yes
}

// Happened is the number of faults so far, by their name in Trouble.
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

// ServeHTTP implements http.Handler. Requests of clients and of the functions come to the same port.
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
