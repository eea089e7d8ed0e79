package apigateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Commit is what one commit announced.
type Commit struct {
	At   time.Time
	Said []chat.Announcement
}

// FanOut tells the connections concerned what a batch of commits announced, in the batch's order. It returns when all frames
// are out or given up. An error is the store's; the batch may then be repeated, since clients ignore what they know.
//
// A room with more than 500 connections at once is told no more than once in Pace: FanOut holds its return back, and what is
// said meanwhile comes with the next batch. One stream shard holds all changes of a room and is read by one invocation at a
// time, so this needs no lease.
func (g *Gateway) FanOut(ctx context.Context, commits []Commit) (Told, error) {
	began := time.Now()
	to, err := g.recipients(ctx, commits)
	if err != nil || len(to) == 0 {
		return Told{}, err
	}
	result, err := g.postAll(ctx, to)
	if len(to) > chunkSize {
		_ = sleep(ctx, g.o.Pace-time.Since(began)) // a deadline that comes first is the caller's to notice
	}
	return result, err
}

// audience is everybody whom the commits concern.
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

// recipients are the live connections concerned, each with what it is to get. Those that were not greeted yet get nothing:
// they compare everything once they are. But they end with their session like all others.
func (g *Gateway) recipients(ctx context.Context, commits []Commit) ([]*recipient, error) {
	users := audience(commits)
	if len(users) == 0 {
		return nil, nil
	}
	conns, err := g.o.Connections.ConnectionsOf(ctx, users, g.o.Clock.Time())
	if err != nil {
		return nil, err
	}
	of := map[string][]*recipient{}
	for _, c := range conns {
		of[c.User] = append(of[c.User], &recipient{Connection: c})
	}
	for _, c := range commits {
		for _, a := range c.Said {
			if err := g.queue(ctx, of, a); err != nil {
				return nil, err
			}
		}
	}
	var to []*recipient
	for _, rs := range of {
		for _, r := range rs {
			if r.ended || len(r.events) > 0 {
				to = append(to, r)
			}
		}
	}
	return to, nil
}

// queue gives an announcement to the recipients it is for.
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
			if !greeted(r.Connection) {
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

func endedBy(e chat.SessionsEnded, c chat.Connection) bool {
	return e.All && (e.Except == "" || c.SessionID != e.Except) || slices.Contains(e.IDs, c.SessionID+c.TokenID)
}

// closeRoom closes on screen a room that the user is not in any more.
func (g *Gateway) closeRoom(ctx context.Context, r *recipient) error {
	now := g.o.Clock.Time()
	c, err := g.o.Connections.Connection(ctx, r.ID, now)
	if err == nil && c.Room == r.Room {
		c.Room = ""
		err = g.o.Connections.UpdateConnection(ctx, c)
	}
	r.Room = ""
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		return nil
	}
	if err != nil {
		return errors.Join(errors.New("a room that was left stays open on a connection"), err)
	}
	return nil
}
