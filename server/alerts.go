package server

import (
	"context"
	"log/slog"
	"sync"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/socket"
)

// waitingAlerts is how many new messages may wait for the decision whom they alert. Beyond, messages alert nobody.
const waitingAlerts = 4096

// alerts decides whom new messages alert, and gives the alerts to the hub. Like the hub it may forget: a message that was posted right
// before the process ends alerts nobody. The store announces each message once, so none alerts twice.
type alerts struct {
	decide  *attention.Alerts
	hub     *socket.Hub
	given   func() // is told of each alert that was given to the hub
	log     *slog.Logger
	posted  chan chat.Message
	end     context.CancelFunc
	running sync.WaitGroup
}

func newAlerts(decide *attention.Alerts, hub *socket.Hub, given func(), log *slog.Logger) *alerts {
	ctx, end := context.WithCancel(context.Background())
	a := &alerts{decide: decide, hub: hub, given: given, log: log, posted: make(chan chat.Message, waitingAlerts), end: end}
	a.running.Go(func() { a.run(ctx) })
	return a
}

// heard takes the new messages out of announcements. It never blocks.
func (a *alerts) heard(as []chat.Announcement) {
	for _, one := range as {
		e, ok := one.Event.(chat.MessageChanged)
		if !ok || !e.Posted {
			continue
		}
		select {
		case a.posted <- e.Message:
		default:
			a.log.Warn("too many new messages wait: one alerts nobody", "room", e.Message.Room, "seq", e.Message.Seq)
		}
	}
}

func (a *alerts) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-a.posted:
			out, err := a.decide.Of(ctx, m, a.hub)
			if err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "message alerts nobody", "room", m.Room, "seq", m.Seq, "error", err)
			}
			for _, e := range out {
				a.hub.Deliver([]chat.Announcement{{Event: e}})
				a.given()
			}
		}
	}
}

func (a *alerts) stop() {
	a.end()
	a.running.Wait()
}
