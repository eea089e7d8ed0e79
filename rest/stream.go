package rest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/wire"
)

// Bodies of files are read and written as streams: they need more time than other bodies, and are not kept in memory. A client that sends
// or receives slowly is waited for as long as something moves.
const (
	streamChunk  = 256 << 10 // bytes that must arrive within streamWithin
	streamWithin = time.Minute
)

// streamed is the body of a request, as a stream.
type streamed struct {
	from io.Reader
	c    *http.ResponseController
	due  int64 // bytes until the deadline moves
}

func newStreamed(w http.ResponseWriter, r *http.Request) *streamed {
	return &streamed{from: r.Body, c: http.NewResponseController(w)}
}

// Read implements io.Reader.
func (s *streamed) Read(p []byte) (int, error) {
	if s.due <= 0 {
		_ = s.c.SetReadDeadline(time.Now().Add(streamWithin)) // a Lambda function has none, and no need of one
		_ = s.c.SetWriteDeadline(time.Now().Add(2 * streamWithin))
		s.due = streamChunk
	}
	n, err := s.from.Read(p)
	s.due -= int64(n)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		_ = s.c.SetReadDeadline(time.Time{}) // an expired one would cancel the request while it is executed
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, chat.Errorf(chat.Timeout, "The body did not arrive in time.")
	}
	return n, chat.Errorf(chat.Invalid, "The body ended early, or its chunks are malformed.")
}

// sendRate is how many bytes of bodies are sent in a second, for each processor: to all receivers together, so that large downloads leave
// processors to posts. It is nearly what a network of 1 Gbit/s takes.
const sendRate = 100_000_000

// pace spreads what is sent evenly over time. Whoever comes first goes first.
type pace struct {
	mu   sync.Mutex
	next time.Time // when the next bytes may be sent
	rate int       // bytes a second
}

func newPace() *pace { return &pace{rate: sendRate * runtime.GOMAXPROCS(0)} }

// wait waits until n more bytes may be sent.
func (p *pace) wait(ctx context.Context, n int) error {
	p.mu.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(time.Second * time.Duration(n) / time.Duration(p.rate))
	p.mu.Unlock()
	select {
	case <-time.After(at.Sub(now)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slowWriter moves the deadline of an answer while it is received. Large answers keep to the pace.
type slowWriter struct {
	http.ResponseWriter
	ctx   context.Context
	pace  *pace
	due   int
	large bool // more than a chunk
}

// Write implements http.ResponseWriter.
func (s *slowWriter) Write(b []byte) (int, error) {
	if s.due <= 0 {
		if s.large {
			if err := s.pace.wait(s.ctx, streamChunk); err != nil {
				return 0, err
			}
		}
		s.large = true
		_ = http.NewResponseController(s.ResponseWriter).SetWriteDeadline(time.Now().Add(streamWithin))
		s.due = streamChunk
	}
	n, err := s.ResponseWriter.Write(b)
	s.due -= n
	return n, err
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (s *slowWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// contentDigest reads the SHA-256 in a Content-Digest header (RFC 9530); "" is none.
func contentDigest(header string) (sum files.Sum, err error) {
	if header == "" {
		return sum, nil
	}
	for part := range strings.SplitSeq(header, ",") {
		value, found := strings.CutPrefix(strings.TrimSpace(part), "sha-256=:")
		if value, closed := strings.CutSuffix(value, ":"); found && closed {
			b, err := base64.StdEncoding.DecodeString(value)
			if err == nil && len(b) == len(sum) {
				return files.Sum(b), nil
			}
		}
	}
	return sum, chat.InvalidField("Content-Digest", "sha-256=:…: with a digest in Base64 is needed.")
}

const (
	formPart = "file" // the name of the part with the file
	formMost = files.MaxWhole + 64<<10
	formTime = 30 * time.Second
)

// isForm says whether a request has a form as its body.
func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == formType
}

// uploadForm takes a file that is sent whole.
func (h *Handler) uploadForm(w http.ResponseWriter, r *http.Request) {
	req := requestOf(r.Context())
	f, err := h.formFile(w, r, req)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	b, err := json.Marshal(wire.NewFile(f))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(b) // fails only if the client disconnected
}

func (h *Handler) formFile(w http.ResponseWriter, r *http.Request, req *request) (f chat.File, err error) {
	if h.o.Files == nil {
		return f, errNoFiles()
	}
	if r.ContentLength > formMost {
		return f, errTooLarge(files.MaxWhole)
	}
	b := incomingOf(r, formMost, h.wholes)
	defer b.done()
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return f, chat.Errorf(chat.UnsupportedMedia, "The form has no boundary.")
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(formTime))
	body, in, err := readFile(multipart.NewReader(b, params["boundary"]))
	if err != nil {
		return f, err
	}
	_ = c.SetReadDeadline(time.Time{})
	req.unread = false
	return h.o.Files.Whole(r.Context(), req.actor, in, body)
}

// readFile reads a form that has one part, the file.
func readFile(form *multipart.Reader) (body []byte, in chat.NewFileInput, err error) {
	part, err := form.NextPart()
	if err != nil {
		return nil, in, badForm(err)
	}
	if part.FormName() != formPart {
		return nil, in, chat.Errorf(chat.Invalid, "The form must have one part, named %s.", formPart)
	}
	in = chat.NewFileInput{Name: part.FileName(), Type: part.Header.Get("Content-Type")}
	body, err = io.ReadAll(io.LimitReader(part, files.MaxWhole+1))
	switch {
	case err != nil:
		return nil, in, badForm(err)
	case len(body) > files.MaxWhole:
		return nil, in, errTooLarge(files.MaxWhole)
	}
	if _, err := form.NextPart(); !errors.Is(err, io.EOF) {
		return nil, in, badForm(err)
	}
	return body, in, nil
}

// badForm is the refusal of a form that is none, or the reason why it did not arrive.
func badForm(err error) error {
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return e
	}
	return chat.Errorf(chat.Invalid, "The body is not a form with one part, named %s.", formPart)
}
