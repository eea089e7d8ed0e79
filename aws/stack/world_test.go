package stack

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/canteen-chat/canteen/aws/local"
	assembly "github.com/canteen-chat/canteen/aws/template"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/internal/ci"
)

// shared is used by all tests of the package: one emulator, one package of functions.
type shared struct {
	endpoint string
	zip      []byte
	missing  error // why there is no emulator
}

var emulated shared //nolint:gochecknoglobals // set by TestMain only

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "canteen-stack")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if flag.Parse(); testing.Short() {
		return m.Run()
	}
	if url := awstest.Shared(local.Ministack); url != "" {
		emulated.endpoint, emulated.zip = url, standin(dir)
		return m.Run()
	}
	path, err := local.Find(".", local.Ministack)
	if err != nil {
		emulated.missing = err
		return m.Run()
	}
	emulator, err := local.Start(context.Background(), path, 0, filepath.Join(dir, "ministack.log"))
	if err != nil {
		panic(err)
	}
	defer func() {
		if err := emulator.Stop(); err != nil {
			code = 1
		}
	}()
	emulated.endpoint, emulated.zip = emulator.URL, standin(dir)
	return m.Run()
}

func standin(dir string) []byte {
	program := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "./testdata/standin")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	b, err := os.ReadFile(program)
	if err != nil {
		panic(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	h.SetMode(0o755)
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write(b)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// world is the environment of one stack: AWS behind a proxy that injects failures, and a front.
type world struct {
	t       *testing.T
	faults  *faultProxy
	o       Options
	out     *bytes.Buffer
	log     *waitableLog
	secrets []string // setup secrets
	updated []string // table prefixes of updated data
}

// newWorld skips the test if the emulator is not installed; in CI it fails. Worlds do not run in parallel, since the AWS SDK
// is configured by the environment.
func newWorld(t *testing.T, name string) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT RUN: -short leaves out what needs an emulator of AWS")
	}
	if emulated.missing != nil {
		ci.NotRun(t, "%v", emulated.missing)
	}
	w := &world{t: t, faults: newFaultProxy(t, emulated.endpoint), out: &bytes.Buffer{}, log: &waitableLog{}}
	for k, v := range local.Environment(w.faults.url) {
		t.Setenv(k, v)
	}
	body, err := assembly.Template()
	if err != nil {
		t.Fatal(err)
	}
	body = append(body, "# "+name+"\n"...) // makes the hash unique among the tests
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	front, err := local.NewFront(cfg, name)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	no, arch := "no", map[string]string{"amd64": "x86_64", "arm64": "arm64"}[goarch()]
	w.o = Options{
		Name: name, Version: "v1.0.0", Template: body, Package: emulated.zip, Yes: true, Out: w.out, Log: w.log,
		Pages: fstest.MapFS{
			"index.html":    {Data: []byte("<!doctype html><html><script src=/assets/a-1.js></script></html>")},
			"assets/a-1.js": {Data: []byte("one()")},
			"icon.svg":      {Data: []byte("<svg/>")},
		},
		PublicURL: &server.URL, MetricMath: &no, Canary: &no, Architecture: &arch, Poll: 20 * time.Millisecond, Within: 30 * time.Second,
		Update: func(_ context.Context, _ *Cloud, tables string) error {
			w.updated = append(w.updated, tables)
			return nil
		},
		Setup: func(_ context.Context, _ *Cloud, tables, secret string) error {
			w.secrets = append(w.secrets, tables+" "+secret)
			return nil
		},
	}
	return w
}

func goarch() string {
	out, err := exec.Command("go", "env", "GOARCH").Output()
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(out))
}

// run returns what was printed. It clears the log before.
func (w *world) run(do func(context.Context, Options) error) (string, error) {
	w.t.Helper()
	w.out.Reset()
	w.log.reset()
	err := do(w.t.Context(), w.o)
	return w.out.String(), err
}

// must fails unless the run succeeds and its output contains all the words.
func (w *world) must(do func(context.Context, Options) error, words ...string) string {
	w.t.Helper()
	out, err := w.run(do)
	if err != nil {
		w.t.Fatalf("%v\n%s", err, w.log)
	}
	w.has(out, words...)
	return out
}

// refuses fails unless the run fails with an error that contains all the words.
func (w *world) refuses(do func(context.Context, Options) error, words ...string) {
	w.t.Helper()
	_, err := w.run(do)
	if err == nil {
		w.t.Fatalf("it did not fail\n%s\n%s", w.log, w.out)
	}
	w.has(err.Error(), words...)
}

func (w *world) has(text string, words ...string) {
	w.t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			w.t.Errorf("%q is missing in %q\n%s", word, text, w.log)
		}
	}
}

// edit changes the template. The old text must be there.
func (w *world) edit(old, new string) {
	w.t.Helper()
	if !bytes.Contains(w.o.Template, []byte(old)) {
		w.t.Fatalf("%q is not in the template", old)
	}
	w.o.Template = bytes.Replace(w.o.Template, []byte(old), []byte(new), 1)
}

func (w *world) cloud() *Cloud {
	w.t.Helper()
	c, err := Connect(w.t.Context(), "", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) state() *state {
	w.t.Helper()
	st, err := w.cloud().describeStack(w.t.Context(), w.o.Name)
	if err != nil {
		w.t.Fatal(err)
	}
	return st
}

// withPage returns the web client of a later version: another page, another asset.
func withPage(fsys fs.FS, n int) fstest.MapFS {
	icon, err := fs.ReadFile(fsys, "icon.svg")
	if err != nil {
		panic(err)
	}
	asset := fmt.Sprintf("assets/a-%d.js", n)
	return fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html><html><script src=/" + asset + "></script></html>")},
		asset:        {Data: []byte("two()")}, "icon.svg": {Data: icon},
	}
}

// waitableLog is a log that a test can wait for.
type waitableLog struct {
	mu   sync.Mutex
	text strings.Builder
	on   map[string]func()
}

func (l *waitableLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for word, f := range l.on {
		if strings.Contains(string(b), word) {
			delete(l.on, word)
			f()
		}
	}
	return l.text.Write(b)
}

// when calls f once a line contains the word.
func (l *waitableLog) when(word string, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.on == nil {
		l.on = map[string]func(){}
	}
	l.on[word] = f
}

func (l *waitableLog) reset() { l.mu.Lock(); defer l.mu.Unlock(); l.text.Reset() }

func (l *waitableLog) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }

// faultProxy is a proxy before the emulator. It injects failures: it answers instead, or changes answers.
type faultProxy struct {
	url string

	mu     sync.Mutex
	answer func(action string, r *http.Request) *faultResponse
	change func(action, body string) string
	lost   string // action whose next answer is lost
	calls  []string
}

type faultResponse struct {
	status        int
	code, message string
}

func newFaultProxy(t *testing.T, endpoint string) *faultProxy {
	t.Helper()
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	g := &faultProxy{}
	server := httptest.NewServer(g.handler(to))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// inject replaces the injected failures; nil means none.
func (g *faultProxy) inject(answer func(string, *http.Request) *faultResponse, change func(action, body string) string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer, g.change, g.calls = answer, change, nil
}

// lose carries out the next request of an action, and answers 503 instead of its result.
func (g *faultProxy) lose(action string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lost = action
}

// isLost says whether the answer of an action is to be lost, once.
func (g *faultProxy) isLost(action string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	lost := g.lost == action
	if lost {
		g.lost = ""
	}
	return lost
}

func (g *faultProxy) called() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string{}, g.calls...)
}

func (g *faultProxy) handler(to *url.URL) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		action := actionOf(r, body)
		g.mu.Lock()
		g.calls = append(g.calls, action)
		answer, change := g.answer, g.change
		g.mu.Unlock()
		if answer != nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
			if no := answer(action, r); no != nil {
				no.write(w, r)
				return
			}
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		p := httputil.ReverseProxy{
			Rewrite: func(p *httputil.ProxyRequest) {
				p.SetURL(to)
				if strings.Contains(p.In.Host, ".execute-api.") {
					p.Out.Host = strings.Split(p.In.Host, ":")[0] + ":" + to.Port()
				}
				if strings.Contains(p.In.Host, ".s3.") { // signatures contain it
					p.Out.Host = p.In.Host
				}
			},
			ModifyResponse: func(resp *http.Response) error {
				if g.isLost(action) {
					resp.StatusCode = http.StatusServiceUnavailable
				}
				if change == nil || resp.StatusCode == http.StatusSwitchingProtocols {
					return nil
				}
				b, err := io.ReadAll(resp.Body)
				if err != nil {
					return err
				}
				b = []byte(change(action, string(b)))
				resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
				resp.Header.Set("Content-Length", fmt.Sprint(len(b)))
				if resp.Header.Get("X-Amz-Crc32") != "" {
					resp.Header.Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE(b)))
				}
				return nil
			},
		}
		p.ServeHTTP(w, r)
	})
}

// actionOf returns the name of an API's action: of the query protocol, of JSON, or the method and path of S3 and REST.
func actionOf(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, action, _ := strings.Cut(target, ".")
		return action
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action")
	}
	return r.Method + " " + r.URL.Path
}

func (f *faultResponse) write(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(f.code, "{") { // a whole answer
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, f.code)
		return
	}
	if r.Header.Get("X-Amz-Target") != "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(f.status)
		fmt.Fprintf(w, `{"__type":%q,"message":%q}`, f.code, f.message)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(f.status)
	if strings.HasPrefix(f.code, "<") { // a whole answer
		fmt.Fprint(w, f.code)
		return
	}
	if f.status == http.StatusOK { // success without content
		fmt.Fprintf(w, "<Response><%s></%s></Response>", f.code, f.code)
		return
	}
	if strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request") {
		fmt.Fprintf(w, `<Error><Code>%s</Code><Message>%s</Message></Error>`, f.code, f.message)
		return
	}
	fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, f.code, f.message)
}
