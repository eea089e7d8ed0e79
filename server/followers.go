package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/frequent"
	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
	"github.com/canteen-chat/canteen/socket"
	"github.com/canteen-chat/canteen/sqlite"
)

// followers are the consumers of the commit feed other than the hub: those that follow it, each with its own goroutine and position, and
// the alerts of new messages.
type followers struct {
	mu       sync.Mutex
	all      []*follow.Follower
	keywords *attention.Keywords
	alerts   *alerts
	end      context.CancelFunc
	running  sync.WaitGroup
}

// heard passes announcements of the store's commit feed to the followers. It never blocks.
func (f *followers) heard(as []chat.Announcement) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keywords != nil {
		f.keywords.Heard(as)
		f.alerts.heard(as)
	}
	for _, one := range f.all {
		one.Heard(as)
	}
}

// start starts the followers of a store. They begin with what was committed while they did not run.
func (f *followers) start(ctx context.Context, s *sqlite.Store, hub *socket.Hub, clock chat.Clock, m *metrics.Meter,
	log *slog.Logger) error {
	words := &attention.Keywords{Store: s, Clock: clock}
	f.mu.Lock()
	f.keywords = words
	f.alerts = newAlerts(&attention.Alerts{Store: s, Keywords: words, Clock: clock}, hub, m.Counter(catalogue.Notifications).Inc, log)
	f.mu.Unlock()
	running, end := context.WithCancel(context.Background())
	f.end = end
	for _, c := range []follow.Consumer{
		&frequent.Emoji{Store: s, Reactions: s, Clock: clock},
		&attention.Inbox{Store: s, Keywords: words, Clock: clock},
		&attention.Mentioned{Store: s, Clock: clock},
	} {
		follower := follow.New(s, s, log, c)
		m.Gauge(catalogue.FollowerLag, func() float64 { return follower.Behind().Seconds() }, c.Name())
		f.mu.Lock()
		f.all = append(f.all, follower) // before Behind, so that no commit in between is missed
		f.mu.Unlock()
		behind, err := s.Behind(ctx, c.Name())
		if err != nil {
			f.stop()
			return fmt.Errorf("find the rooms that a follower is behind in: %w", err)
		}
		f.running.Go(func() { follower.Run(running, behind) })
	}
	return nil
}

// stop ends the followers. They continue with unprocessed commits at the next start.
func (f *followers) stop() {
	if f.end != nil {
		f.end()
	}
	f.running.Wait()
	if f.alerts != nil {
		f.alerts.stop()
	}
}
