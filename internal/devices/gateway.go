package devices

import (
	"errors"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
)

// Gateway is the interface of a simulated API Gateway that loses, repeats and delays.
type Gateway interface {
	Settle()                              // waits until everything on its way has been delivered or lost
	Cut()                                 // ends every connection, as at their maximum age
	Latest() string                       // id of the newest connection
	Sent(id string) (events int, ok bool) // number of events sent to a connection so far, and whether it is open
	Output(role string) string            // log of the functions of a role
}

const helloWithin = 2 * time.Second

// dialGateway connects repeatedly until hello arrives, as clients do.
func (w *World) dialGateway(d *device) *line {
	for try := range 20 {
		live, err := w.client(d).Dial(w.ctx)
		if w.refused(d, err) {
			return nil
		}
		if s := client.Status(err); s >= 500 { // the function was killed while it connected
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
		_ = live.Close() // hello was lost
	}
	w.rt.Fatalf("%s cannot connect: %s", d.who, w.gateway.Output("socket"))
	return nil
}

// drainGateway reads all events that the gateway has sent.
func (w *World) drainGateway(rt *rapid.T, d *device, l *line) {
	for {
		n, open := w.gateway.Sent(l.id)
		if l.heard >= n && open {
			return
		}
		e, err := l.live.Next()
		if err != nil {
			if _, ok := errors.AsType[*websocket.CloseError](err); !ok && l.heard < n && open {
				rt.Fatalf("%s: received %d of %d events, then %v", d.who, l.heard, n, err)
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
