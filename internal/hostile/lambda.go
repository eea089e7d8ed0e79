package hostile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// function is one of the stack's functions with its processes. Each process handles one event at a time.
type function struct {
	g    *Gateway
	role string
	idle chan *process
}

// process is an execution environment: the program and the Runtime API that it requests events from.
type process struct {
	role   string
	key    string // its access key, which identifies its requests
	cmd    *exec.Cmd
	api    *http.Server
	events chan event
	busy   atomic.Bool
	ended  chan struct{}
	out    *output
}

type event struct {
	id      string
	payload []byte
	answer  chan answer
}

type answer struct {
	body []byte
	err  error
}

// output keeps the last 64 KiB of a process's output.
type output struct {
	mu sync.Mutex
	b  []byte
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.b = append(o.b, b...); len(o.b) > 64<<10 {
		o.b = o.b[len(o.b)-64<<10:]
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}

const (
	invocationWithin = 30 * time.Second
	startWithin      = 30 * time.Second
)

var errKilled = errors.New("the function was killed")

// start starts a process of a function and waits for its first request for an event.
func (f *function) start() (*process, error) {
	p := &process{
		role: f.role, key: fmt.Sprintf("AK%s%d", strings.ToUpper(f.role), f.g.count.Add(1)), events: make(chan event),
		ended: make(chan struct{}), out: &output{},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	p.api = &http.Server{Handler: p.runtime(ready), ReadHeaderTimeout: time.Minute}
	go func() { _ = p.api.Serve(l) }()  // until it is closed
	p.cmd = exec.Command(f.g.o.Program) // #nosec G204 -- the test has built it
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.Env = append(f.g.environment(f.role), "AWS_LAMBDA_RUNTIME_API="+l.Addr().String(), "AWS_ACCESS_KEY_ID="+p.key,
		"AWS_SECRET_ACCESS_KEY=secret")
	p.busy.Store(true) // it may send requests until it is ready
	f.g.mu.Lock()
	f.g.processes[p.key] = p
	f.g.mu.Unlock()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	select {
	case <-ready:
	case <-p.ended:
		return nil, fmt.Errorf("%s ended: %s", f.role, p.out)
	case <-time.After(startWithin):
		return nil, fmt.Errorf("%s has not requested an event: %s", f.role, p.out)
	}
	f.freeze(p)
	return p, nil
}

// runtime serves the Runtime API of one process.
func (p *process) runtime(ready chan struct{}) http.Handler {
	var once sync.Once
	var current event
	mux := http.NewServeMux()
	const base = "/2018-06-01/runtime"
	mux.HandleFunc("GET "+base+"/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(ready) })
		select {
		case current = <-p.events:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", current.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(invocationWithin).UnixMilli()))
		_, _ = w.Write(current.payload)
	})
	answered := func(w http.ResponseWriter, r *http.Request, failed bool) {
		b, err := io.ReadAll(r.Body)
		a := answer{body: b, err: err}
		if failed {
			a.err = fmt.Errorf("the function failed: %s", b)
		}
		w.WriteHeader(http.StatusAccepted)
		current.answer <- a
	}
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { answered(w, r, false) })
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { answered(w, r, true) })
	return mux
}

// invoke passes an event to a function. If kill is true, the process may be killed at any time: before, during or after its work.
func (f *function) invoke(payload []byte, kill bool) ([]byte, error) {
	p := <-f.idle
	p.busy.Store(true)
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		f.replace(p)
		return nil, err
	}
	e := event{id: fmt.Sprint("invocation-", f.g.count.Add(1)), payload: payload, answer: make(chan answer, 1)}
	var early <-chan time.Time
	if kill && f.g.happens("KillEarly", f.g.o.Trouble.KillEarly) {
		early = time.After(time.Duration(f.g.draw(20)) * time.Millisecond)
	}
	deadline := time.After(invocationWithin)
	select {
	case p.events <- e:
	case <-p.ended:
		f.replace(p)
		return nil, fmt.Errorf("%s ended by itself: %s", f.role, p.out)
	case <-deadline:
		f.replace(p)
		return nil, fmt.Errorf("%s takes no event: %s", f.role, p.out)
	}
	select {
	case a := <-e.answer:
		if kill && f.g.happens("KillLate", f.g.o.Trouble.KillLate) { // the work is done, but the answer is lost
			f.replace(p)
			return nil, errKilled
		}
		f.freeze(p)
		f.idle <- p
		return a.body, a.err
	case <-early:
		f.replace(p)
		return nil, errKilled
	case <-p.ended:
		err := fmt.Errorf("%s ended by itself: %s", f.role, p.out)
		f.g.fault(err)
		f.replace(p)
		return nil, err
	case <-deadline:
		err := fmt.Errorf("%s does not answer: %s", f.role, p.out)
		f.g.fault(err)
		f.replace(p)
		return nil, err
	}
}

// freeze suspends a process until its next event.
func (f *function) freeze(p *process) {
	p.busy.Store(false)
	_ = p.cmd.Process.Signal(syscall.SIGSTOP) // fails if it has ended; the next event reveals that
}

func (f *function) replace(p *process) {
	p.kill()
	f.g.mu.Lock()
	delete(f.g.processes, p.key)
	closing := f.g.closing
	f.g.mu.Unlock()
	if closing {
		return
	}
	next, err := f.start()
	if err != nil {
		f.g.fault(err)
		return
	}
	f.idle <- next
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails if it has ended
	<-p.ended
	_ = p.api.Close()
}

// environment is the environment that the template gives a function.
func (g *Gateway) environment(role string) []string {
	return append(os.Environ(),
		"CANTEEN_ROLE="+role, "CANTEEN_TABLES="+g.o.Tables, "CANTEEN_URL="+g.URL(), "CANTEEN_ORIGIN_SECRET="+Secret,
		"CANTEEN_SOCKETS_API="+apiID, "CANTEEN_SOCKETS_STAGE=ws", "CANTEEN_STACK=hostile",
		"CANTEEN_FILES_BUCKET=hostile-files", "CANTEEN_RATE_LIMITS="+g.o.RateLimits,
		"AWS_REGION=us-east-1", "AWS_SESSION_TOKEN=", "AWS_ENDPOINT_URL="+g.URL())
}

// frozen reports a request of a process that should be suspended.
func (g *Gateway) frozen(r *http.Request) {
	p := g.process(r)
	if p != nil && !p.busy.Load() {
		g.fault(fmt.Errorf("%s sends %s %s %s after its answer", p.key, r.Method, r.URL.Path, r.Header.Get("X-Amz-Target")))
	}
}

// relay passes a request of a function on to the emulator.
func (g *Gateway) relay(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the function was killed
	}
	rights, err := needs(r.Header.Get("X-Amz-Target"), body)
	if err != nil {
		g.fault(err)
	} else if !g.allowed(w, r, rights) {
		return
	}
	url := g.o.Emulator + r.URL.RequestURI()
	out, err := http.NewRequestWithContext(r.Context(), r.Method, url, bytes.NewReader(body)) // #nosec G704 -- the test's own emulator
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	for name, values := range r.Header {
		out.Header[name] = values
	}
	out.Header.Set("Authorization", authorization(r.Header.Get("X-Amz-Target")))
	resp, err := g.emulator.Do(out) // #nosec G704 -- the test's own emulator
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body) // the function may be killed
}

// authorization is a header that the emulator accepts: it needs the service, but checks no signature.
func authorization(target string) string {
	service := "dynamodb"
	if strings.HasPrefix(target, "DynamoDBStreams") {
		service = "streams.dynamodb"
	}
	return "AWS4-HMAC-SHA256 Credential=test/20261127/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
}
