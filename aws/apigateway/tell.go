package apigateway

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

const (
	maxConcurrentPosts = 200 // posts; each mostly waits for the network
	chunkSize          = 500 // connections; bounds the number of waiting goroutines
)

// event is an encoded event.
type event struct {
	text     []byte
	fallback []byte // sent if text is too large; nil: nothing is
}

// recipient is a connection and the events for it.
type recipient struct {
	connection.Connection
	events []event
	ended  bool // the session or token has ended or is over
	once   bool // no retries: the event is worthless after seconds
}

// Told counts the results of a fan-out.
type Told struct {
	Recipients int // connections that were posted to
	Gone       int // of them, those that no longer existed
	Errors     int // of them, those given up
}

func (t *Told) add(o Told) {
	t.Recipients, t.Gone, t.Errors = t.Recipients+o.Recipients, t.Gone+o.Gone, t.Errors+o.Errors
}

// encode encodes an event once for all recipients. If that fails, clients are told to compare everything.
func (g *Gateway) encode(ctx context.Context, e chat.Event) event {
	text, err := wire.EventFrame(e)
	if err != nil {
		g.o.Log.ErrorContext(ctx, "event not encoded; clients are told to reconcile", "error", err)
		return event{text: encode(wire.Pong{Type: "resync"})}
	}
	out := event{text: text}
	if m, ok := e.(chat.MessageChanged); ok {
		out.fallback = encode(wire.MessageEvent{Type: "message", Room: m.Message.Room, Rev: m.Message.Rev, Seq: m.Message.Seq})
	}
	return out
}

// postAll posts to all recipients, at most 200 at a time. An error comes from the store; failures of connections are
// counted.
func (g *Gateway) postAll(ctx context.Context, to []*recipient) (Told, error) {
	var (
		total Told
		errs  []error
		mu    sync.Mutex
	)
	for chunk := range slices.Chunk(to, chunkSize) {
		var wait sync.WaitGroup
		slots := make(chan struct{}, maxConcurrentPosts)
		for _, r := range chunk {
			slots <- struct{}{}
			wait.Go(func() {
				defer func() { <-slots }()
				result, err := g.postTo(ctx, r)
				mu.Lock()
				defer mu.Unlock()
				total.add(result)
				if err != nil {
					errs = append(errs, err)
				}
			})
		}
		wait.Wait()
	}
	return total, errors.Join(errs...)
}

func (g *Gateway) postTo(ctx context.Context, r *recipient) (Told, error) {
	result := Told{Recipients: 1}
	if r.ended {
		return result, g.closeConnection(ctx, r.User, r.ID, wire.CloseEnded)
	}
	for remaining := r.events; len(remaining) > 0; {
		n := joinable(remaining)
		err := g.postEvents(ctx, r, remaining[:n])
		switch {
		case err == nil:
			remaining = remaining[n:]
			continue
		case hasStatus(err, statusGone):
			result.Gone = 1
			return result, g.o.Connections.RemoveConnection(ctx, r.User, r.ID)
		}
		result.Errors = 1
		g.o.Log.WarnContext(ctx, "events not delivered to a connection", "connection", r.ID, "events", len(remaining), "error", err)
		return result, nil // the client detects the gap at its next event
	}
	return result, nil
}

// postEvents posts events as one frame. If the gateway finds the frame too large it posts each event alone, and then the
// fallback of an event that is too large.
func (g *Gateway) postEvents(ctx context.Context, r *recipient, es []event) error {
	post := g.post
	if r.once {
		post = g.postOnce
	}
	err := post(ctx, r.ID, join(es))
	if !hasStatus(err, statusTooLarge) {
		return err
	}
	if len(es) == 1 {
		if es[0].fallback == nil {
			return err
		}
		return post(ctx, r.ID, es[0].fallback)
	}
	for i := range es {
		if err := g.postEvents(ctx, r, es[i:i+1]); err != nil && !hasStatus(err, statusTooLarge) {
			return err
		}
	}
	return nil
}

func (g *Gateway) postOnce(ctx context.Context, id string, frame []byte) error {
	within, stop := context.WithTimeout(ctx, postTimeout)
	defer stop()
	return g.o.Poster.Post(within, id, frame)
}

// joinable returns how many of the first events fit into one frame, as an array.
func joinable(es []event) int {
	n, size := 0, 1
	for n < len(es) && size+1+len(es[n].text) <= wire.FrameBytes {
		size += 1 + len(es[n].text)
		n++
	}
	return max(n, 1)
}

// join makes one frame of several events.
func join(es []event) []byte {
	if len(es) == 1 {
		return es[0].text
	}
	var b []byte
	for i, e := range es {
		b = append(b, "[,"[min(i, 1)])
		b = append(b, e.text...)
	}
	return append(b, ']')
}
