package devices

import (
	"errors"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
)

// Gateway is what a world must know of a gateway that loses, repeats and delays.
type Gateway interface {
	Settle()                              // waits until everything that is on its way has been tried
	Cut()                                 // ends every connection, as its age does
	Latest() string                       // the connection that was made last
	Sent(id string) (events int, ok bool) // events sent to a connection so far, and whether it is open
	Output(role string) string            // what the functions of a role have logged
}

const helloWithin = 2 * time.Second

// dialGateway connects until hello comes, as clients do.
func (w *World) dialGateway(d *device) *line {
	for try := range 20 {
		live, err := w.as(*w.person(d.who)).Dial(w.ctx)
		if s := client.Status(err); s >= 500 { // killed while it was made
			continue
		}
		if err != nil {
			w.rt.Fatalf("dial %d: %v", try, err)
		}
		l := &line{live: live, revs: map[string]int64{}, lost: map[string]bool{}, late: true, id: w.gateway.Latest()}
		for end := time.Now().Add(helloWithin); time.Now().Before(end); time.Sleep(time.Millisecond) {
			n, open := w.gateway.Sent(l.id)
			if n > 0 {
				return l
			}
			if !open {
				break
			}
		}
		_ = live.Close() // its hello was lost
	}
	w.rt.Fatalf("%s cannot connect: %s", d.who, w.gateway.Output("socket"))
	return nil
}

// drainGateway reads what the gateway has sent, to the last event.
func (w *World) drainGateway(rt *rapid.T, d *device, l *line) {
	for {
		n, open := w.gateway.Sent(l.id)
		if l.heard >= n && open {
			return
		}
		e, err := l.live.Next()
		if err != nil {
			if _, ok := errors.AsType[*websocket.CloseError](err); !ok && l.heard < n && open {
				rt.Fatalf("%s: heard %d of %d events, then %v", d.who, l.heard, n, err)
			}
			l.closed = true
			return
		}
		l.heard++
		switch e.Type {
		case "hello", "resync":
		case "bye":
			l.closed = true
			_ = l.live.Close()
			return
		default:
			w.entitled(rt, d, l, e)
			if !l.old {
				l.queue = append(l.queue, e)
			}
		}
	}
}
