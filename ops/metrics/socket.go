package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/canteen-chat/canteen/ops/catalogue"
)

// Sockets records what happens to sockets. It implements socket.Meter.
type Sockets struct {
	opened, failed, delivered  prometheus.Counter
	written                    prometheus.Observer
	commands, codes, overflows closedList
}

// Sockets gives the port of package socket.
func (m *Meter) Sockets() *Sockets {
	var codes []string
	for _, span := range [][2]int{{1000, 1003}, {1006, 1013}, {4000, 4002}, {4008, 4008}, {4029, 4029}} { // of RFC 6455, and of docs/api.md
		for code := span[0]; code <= span[1]; code++ {
			codes = append(codes, strconv.Itoa(code))
		}
	}
	return &Sockets{
		opened: m.Counter(catalogue.SocketsOpened), failed: m.Counter(catalogue.SocketErrors), delivered: m.Counter(catalogue.Deliveries),
		written:   m.Histogram(catalogue.DeliveryDelay),
		commands:  m.closedList(catalogue.SocketCommands, "open", "ping", "presence", "typing", "watch", "invalid"),
		codes:     m.closedList(catalogue.SocketsClosed, codes...),
		overflows: m.closedList(catalogue.QueueOverflows, "fanout", "socket"),
	}
}

// Opened implements socket.Meter, as the methods below do.
func (s *Sockets) Opened() { s.opened.Inc() }

// Closed counts a socket that ended with a close code.
func (s *Sockets) Closed(code int) { s.codes.inc(strconv.Itoa(code)) }

// Command counts a command of a client.
func (s *Sockets) Command(kind string) { s.commands.inc(kind) }

// Failed counts a command that failed in the server.
func (s *Sockets) Failed() { s.failed.Inc() }

// Delivered counts an event once for each of n sockets.
func (s *Sockets) Delivered(n int) { s.delivered.Add(float64(n)) }

// Written records how long after its commit an event was written to a socket.
func (s *Sockets) Written(waited time.Duration) { s.written.Observe(waited.Seconds()) }

// Overflowed counts a queue that was full.
func (s *Sockets) Overflowed(queue string) { s.overflows.inc(queue) }
