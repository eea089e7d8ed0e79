package rest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// The longest wait for a body, from the end of the headers.
const (
	bodyWithin     = 15 * time.Second
	openBodyWithin = 5 * time.Second
)

// incoming reads the body of a request within its limit and within the budget of its sender. Its errors are those of package chat.
type incoming struct {
	from   io.Reader
	limit  int64
	budget *budget
	sender string
	read   int64
	taken  int64 // of the budget
	err    error // what ended it
}

// incomingOf is the body of a request of a user.
func incomingOf(r *http.Request, limit int64, b *budget) *incoming {
	return &incoming{from: r.Body, limit: limit, budget: b, sender: requestOf(r.Context()).actor.User.Share()}
}

// done returns to the budget what the body took of it.
func (b *incoming) done() { b.budget.give(b.sender, b.taken) }

// Read implements io.Reader.
func (b *incoming) Read(p []byte) (n int, err error) {
	if b.err == nil {
		n, b.err = b.next(p)
	}
	return n, b.err
}

func (b *incoming) next(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	if more := b.read - freeBytes - b.taken; more > 0 {
		if !b.budget.take(b.sender, more) {
			return 0, &chat.Error{
				Code: chat.Unavailable, Message: "The server is receiving too much at once. Try again.", RetryAfter: time.Second,
			}
		}
		b.taken += more
	}
	switch {
	case b.read > b.limit:
		return 0, errTooLarge(b.limit)
	case err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return 0, chat.Errorf(chat.Timeout, "The body did not arrive in time.")
	}
	return 0, chat.Errorf(chat.Invalid, "The body ended early, or its chunks are malformed.")
}

func errTooLarge(limit int64) error {
	return chat.Errorf(chat.TooLarge, "The body is too large. At most %d bytes are allowed here.", limit)
}

// receive reads a body, refuses what is not strict JSON of the schema as soon as that is seen (see check), and puts the bytes in place of
// the request's body. The caller must call done when the request is answered, with or without an error.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, open bool, schema *huma.Schema) (done func(), err error) {
	req := requestOf(r.Context())
	b := incomingOf(r, wire.BodyBytes, h.known)
	within := bodyWithin
	if open {
		b.limit, b.budget, b.sender, within = wire.OpenBodyBytes, h.strangers, req.actor.Address, openBodyWithin
	}
	if r.ContentLength == 0 {
		return b.done, nil
	}
	if err := described(r); err != nil {
		return b.done, err
	}
	if r.ContentLength > b.limit {
		return b.done, errTooLarge(b.limit)
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(within)) // a Lambda function has none, and no need of one
	var body bytes.Buffer
	if err := check(io.TeeReader(b, &body), &body, schema, h.schemas); err != nil {
		return b.done, err
	}
	_ = c.SetReadDeadline(time.Time{}) // an expired one would cancel the request while it is executed
	req.unread = false
	r.Body = io.NopCloser(&body)
	return b.done, nil
}

// described says whether the headers describe a body that the API reads: JSON, not compressed.
func described(r *http.Request) error {
	types := r.Header.Values("Content-Type")
	if len(types) != 1 || !isJSON(types[0]) {
		return chat.Errorf(chat.UnsupportedMedia, "Content-Type: application/json is needed.")
	}
	r.Header.Set("Content-Type", jsonType)
	for _, coding := range r.Header.Values("Content-Encoding") {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return chat.Errorf(chat.UnsupportedMedia, "Content-Encoding is not supported: send the body as it is.")
		}
	}
	return nil
}

const jsonType = "application/json"

// isJSON says whether a Content-Type is that of JSON.
func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType) // in lower case
	return err == nil && (kind == jsonType || strings.HasSuffix(kind, "+json"))
}
