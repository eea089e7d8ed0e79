package apigateway

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

const (
	maxConcurrentPosts = 200 // posts; each waits for the network most of its time
	chunkSize          = 500 // connections, so that what waits for a turn stays small
)

// event is one event on its way, encoded for all.
type event struct {
	text     []byte
	fallback []byte // what stands for it where text is too large; nil: nothing does
}

// recipient is a connection and what it is to get.
type recipient struct {
	chat.Connection
	events []event
	ended  bool // the session or token is over
	once   bool // worth one try: what is told loses its meaning in seconds
}

// Told counts what became of frames.
type Told struct {
	Recipients int // connections that were posted to
	Gone       int // of them, those that were there no more
	Errors     int // of them, those given up
}

func (t *Told) add(o Told) {
	t.Recipients, t.Gone, t.Errors = t.Recipients+o.Recipients, t.Gone+o.Gone, t.Errors+o.Errors
}

// encode encodes an event once for all. What cannot be encoded makes clients compare everything.
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

// postAll posts to each recipient what it is to get: all at once, so many at a time. An error is the store's; trouble with a
// connection is counted.
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
				result, err := g.postEach(ctx, r)
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

func (g *Gateway) postEach(ctx context.Context, r *recipient) (Told, error) {
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
		g.o.Log.WarnContext(ctx, "connection given up for now", "connection", r.ID, "events", len(remaining), "error", err)
		return result, nil // it sees the gap with what it gets next
	}
	return result, nil
}

// postEvents posts some events as one frame or, where that is too large for the gateway, each alone, and small if need be.
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

// joinable is how many of the first events fit into one frame, as an array.
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
