package apigateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

// Commit holds the announcements of one commit.
type Commit struct {
	At   time.Time
	Said []chat.Announcement
}

// FanOut posts the announcements of a batch of commits to the connections in their audiences, in the batch's order. It
// returns when every frame is sent or given up. An error comes from the store. The batch may then be repeated, since clients
// ignore what they know.
//
// A batch for more than 500 connections takes at least Pace: FanOut delays its return, and later commits join the next
// batch. This needs no lease, since all changes of a room lie in one stream shard, which one invocation reads at a time.
func (g *Gateway) FanOut(ctx context.Context, commits []Commit) (Told, error) {
	began := time.Now()
	all, err := g.recipients(ctx, commits)
	if err != nil || len(all) == 0 {
		return Told{}, err
	}
	var to []*recipient
	for _, rs := range all {
		for _, r := range rs {
			if r.ended || len(r.events) > 0 {
				to = append(to, r)
			}
		}
	}
	if len(to) == 0 {
		return Told{}, nil
	}
	result, err := g.postAll(ctx, to)
	if err == nil {
		g.alert(ctx, commits, all)
	}
	if len(to) > chunkSize {
		_ = sleep(ctx, g.o.Pace-time.Since(began)) // the caller notices an earlier deadline
	}
	return result, err
}

// audience returns the users whom the commits concern.
func audience(commits []Commit) []string {
	seen := map[string]bool{}
	for _, c := range commits {
		for _, a := range c.Said {
			if e, ok := a.Event.(chat.SessionsEnded); ok {
				seen[e.User] = true
			}
			for _, id := range a.To {
				seen[id] = true
			}
		}
	}
	users := make([]string, 0, len(seen))
	for id := range seen {
		users = append(users, id)
	}
	return users
}

// recipients returns the live connections in the audiences by user, each with its events. A connection without hello gets no events,
// since its client fetches everything after hello. It is closed with its session like all others; one whose session or token is over
// by itself is closed instead of getting events.
func (g *Gateway) recipients(ctx context.Context, commits []Commit) (map[string][]*recipient, error) {
	users := audience(commits)
	if len(users) == 0 {
		return nil, nil
	}
	now := g.o.Clock.Time()
	conns, err := g.o.Connections.ConnectionsOf(ctx, users, now)
	if err != nil {
		return nil, err
	}
	of := map[string][]*recipient{}
	for _, c := range conns {
		of[c.User] = append(of[c.User], &recipient{Connection: c, ended: c.Over(now)})
	}
	for _, c := range commits {
		for _, a := range c.Said {
			if err := g.queue(ctx, of, a); err != nil {
				return nil, err
			}
		}
	}
	return of, nil
}

// queue adds an announcement to the recipients in its audience.
func (g *Gateway) queue(ctx context.Context, of map[string][]*recipient, a chat.Announcement) error {
	if e, ok := a.Event.(chat.SessionsEnded); ok {
		for _, r := range of[e.User] {
			r.ended = r.ended || endedBy(e, r.Connection)
		}
		return nil
	}
	var ev event
	for _, id := range a.To {
		for _, r := range of[id] {
			if e, ok := a.Event.(chat.RoomLeft); ok && r.Room == e.Room {
				if err := g.closeRoom(ctx, r); err != nil {
					return err
				}
			}
			if !greeted(r.Connection) || r.NotOwn && wire.IsOwn(a.Event, id) {
				continue
			}
			if ev.text == nil {
				if ev = g.encode(ctx, a.Event); ev.text == nil {
					return nil
				}
			}
			r.events = append(r.events, ev)
		}
	}
	return nil
}

func endedBy(e chat.SessionsEnded, c connection.Connection) bool {
	return e.All && (e.Except == "" || c.SessionID != e.Except) || slices.Contains(e.IDs, c.SessionID+c.TokenID)
}

// closeRoom clears the room on screen after its user has left it.
func (g *Gateway) closeRoom(ctx context.Context, r *recipient) error {
	room := r.Room
	closeIf(&r.Connection, room)
	_, err := g.o.Connections.UpdateConnection(ctx, r.User, r.ID, func(c *connection.Connection) { closeIf(c, room) })
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		return nil
	}
	if err != nil {
		return errors.Join(errors.New("a room that its user left stays open on a connection"), err)
	}
	return nil
}

// closeIf clears the room on screen if it is this one.
func closeIf(c *connection.Connection, room string) {
	if c.Room == room {
		c.Room, c.Thread = "", 0
	}
}
