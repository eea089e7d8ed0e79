package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/wire"
)

// ErrEpoch is how Follow ends when the workspace was restored from a backup: drop what you hold, and begin anew.
var ErrEpoch = errors.New("the workspace was restored: what was held is void")

// Load shows a room: it fetches the latest page (at most limit messages, 1 … 200) into s, which then keeps those messages up
// to date. NotFound when the room is not there for s.Me.
func (c *Client) Load(ctx context.Context, s *State, room string, limit int) error {
	asked := s.Asking()
	p, err := c.Page(ctx, room, url.Values{"limit": {fmt.Sprint(limit)}})
	if err != nil {
		return err
	}
	if s.Rooms[room] == nil {
		r, err := c.Room(ctx, room)
		if err != nil {
			return err
		}
		s.TakeRoom(r, asked)
	}
	return c.Heal(ctx, s, s.TakePage(room, p))
}

// Heal fetches what s needs, until it needs nothing more. At the first error it stops, with s no worse than before: heal
// again, with the same needs or with {"rooms"} and {"users"}, which stand for all.
func (c *Client) Heal(ctx context.Context, s *State, needs []Need) error {
	for queue := slices.Clone(needs); len(queue) > 0; {
		n := queue[0]
		queue = slices.DeleteFunc(queue, func(o Need) bool { return o == n })
		more, err := c.heal(ctx, s, n)
		if err != nil {
			return fmt.Errorf("fetch %s %s: %w", n.What, n.Room, err)
		}
		queue = append(queue, more...)
	}
	return nil
}

func (c *Client) heal(ctx context.Context, s *State, n Need) ([]Need, error) {
	asked := s.Asking()
	switch n.What {
	case "rooms":
		rooms, err := c.Rooms(ctx)
		if err != nil {
			return nil, err
		}
		return s.TakeRooms(rooms, asked), nil
	case "users":
		users, err := c.Users(ctx)
		if err != nil {
			return nil, err
		}
		return s.TakeUsers(users, asked), nil
	case "room":
		room, err := c.Room(ctx, n.Room)
		if Status(err) == http.StatusNotFound {
			return s.TakeGone(n.Room, asked), nil
		}
		if err != nil {
			return nil, err
		}
		return s.TakeRoom(room, asked), nil
	case "changes":
		return c.changes(ctx, s, n.Room, asked)
	}
	return nil, fmt.Errorf("a state has no need %q", n.What)
}

// changes brings a loaded room up to date, page by page.
func (c *Client) changes(ctx context.Context, s *State, room string, asked Asked) (needs []Need, err error) {
	r := s.Rooms[room]
	if r == nil || !r.Loaded {
		return nil, nil
	}
	from := r.Held
	for since, more := from, true; more; {
		p, err := c.Changes(ctx, room, since)
		switch Status(err) {
		case http.StatusNotFound:
			return s.TakeGone(room, asked), nil
		case http.StatusGone: // too far back: show the end again
			latest, err := c.Page(ctx, room, nil)
			if err != nil {
				return nil, err
			}
			return s.TakePage(room, latest), nil
		}
		if err != nil {
			return nil, err
		}
		needs = append(needs, s.TakeChanges(room, from, p)...)
		since, more = p.Next, p.More
	}
	return needs, nil
}

// Follow keeps s equal to what the server has, until ctx ends: it connects, applies the events, heals the gaps, and connects
// again after a random time, or when the server says, whenever the connection is lost. Where connections have an end, as on
// AWS, it opens the next one before that. Rooms that are Loaded keep their messages, the others their counts. After each
// event, and after each comparison that follows a connect (an Event without type), it calls changed; the state may be read
// there, and rooms loaded. Follow returns changed's error, the context's, ErrEpoch, or the refusal of who may not listen (any
// more), as an *Error.
func (c *Client) Follow(ctx context.Context, s *State, changed func(Event) error) error {
	f := &follower{client: c, state: s, changed: changed}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		heard, err := f.listen(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !lost(err):
			return err
		case heard:
			pause = firstPause
		}
		wait := comeBack(err)
		if wait == 0 {
			wait = jitter(pause)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// lost says whether an error is one of the connection, which may be had again.
func lost(err error) bool {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code != wire.CloseEnded
	}
	return Temporary(err)
}

// follower is a Follow at work.
type follower struct {
	client  *Client
	state   *State
	changed func(Event) error
	epoch   string
}

// listen follows one connection, and those that take its place, to the end of the last.
func (f *follower) listen(ctx context.Context) (heard bool, err error) {
	l, err := f.client.connect(ctx)
	for err == nil {
		heard = true
		l, err = f.hear(ctx, l)
	}
	return heard, err
}

// hear follows one connection to its end, and gives the one that takes its place, if one does.
func (f *follower) hear(ctx context.Context, l *link) (*link, error) {
	defer l.Close()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	if f.epoch != "" && f.epoch != l.hello.Epoch {
		return nil, ErrEpoch
	}
	f.epoch = l.hello.Epoch
	next := f.client.renewal(ctx, l)
	defer func() {
		if unheard := next.stop(); unheard != nil {
			_ = unheard.Close()
		}
	}()
	needs, e := []Need{{What: "rooms"}, {What: "users"}}, Event{}
	for {
		if err := f.client.Heal(ctx, f.state, needs); err != nil {
			return nil, err
		}
		if err := f.changed(e); err != nil {
			return nil, err
		}
		var err error
		if e, err = l.Next(); err != nil {
			if renewed := next.stop(); renewed != nil {
				return renewed, nil
			}
			return nil, err
		}
		if needs, err = f.state.Apply(e); err != nil {
			return nil, err
		}
	}
}
