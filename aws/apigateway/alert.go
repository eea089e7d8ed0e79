package apigateway

import (
	"context"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
)

// Alerter decides whom new messages alert.
type Alerter interface {
	// Alerts are those of a new message among people with these connections. It is asked again when a batch is repeated, and then
	// has none.
	Alerts(ctx context.Context, m chat.Message, online Online) ([]chat.Alerted, error)
}

// Online are the live connections of the people who hear of a batch of commits, by user.
type Online map[string][]connection.Connection

// Users implements attention.Online.
func (o Online) Users() []string { return slices.Collect(maps.Keys(o)) }

// Connections implements attention.Online.
func (o Online) Connections(user string) []connection.Connection { return o[user] }

// alert sends the alerts of the new messages of a batch, after the messages. What goes wrong costs an alert, and no message: the batch is
// not repeated for it.
func (g *Gateway) alert(ctx context.Context, commits []Commit, of map[string][]*recipient) {
	if g.o.Alerter == nil {
		return
	}
	online := Online(nil)
	for _, c := range commits {
		for _, a := range c.Said {
			e, ok := a.Event.(chat.MessageChanged)
			if !ok || !e.Posted {
				continue
			}
			if online == nil {
				online = g.online(of)
			}
			alerts, err := g.o.Alerter.Alerts(ctx, e.Message, online)
			if err != nil {
				g.o.Log.ErrorContext(ctx, "message alerts nobody", "room", e.Message.Room, "seq", e.Message.Seq, "error", err)
			}
			for _, one := range alerts {
				g.alertOne(ctx, one, online)
			}
		}
	}
}

// online are the connections whose clients are there.
func (g *Gateway) online(of map[string][]*recipient) Online {
	out, now := Online{}, g.o.Clock.Time()
	for user, rs := range of {
		for _, r := range rs {
			if !r.ended && greeted(r.Connection) && alive(r.Connection, now) {
				out[user] = append(out[user], r.Connection)
			}
		}
	}
	return out
}

// alertOne posts an alert once. A repetition could alert twice, so only a connection that is gone gives way to the next one.
func (g *Gateway) alertOne(ctx context.Context, e chat.Alerted, online Online) {
	left := slices.Clone(online[e.User])
	for {
		c, ok := connection.Target(e, left)
		if !ok {
			return
		}
		err := g.postOnce(ctx, c.ID, g.encode(ctx, e).text)
		if err == nil {
			return
		}
		if !hasStatus(err, statusGone) {
			g.o.Log.WarnContext(ctx, "alert not delivered", "connection", c.ID, "error", err)
			return
		}
		left = slices.DeleteFunc(left, func(o connection.Connection) bool { return o.ID == c.ID })
	}
}
