package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/wire"
)

// ErrEpoch is returned by Follow if the workspace was restored from a backup. Discard the State and start with a new one.
var ErrEpoch = errors.New("the workspace was restored from a backup: the state held is invalid")

// Load fetches the latest page of a room (at most limit messages, 1 … 200) into s. From then on s keeps these messages up to date.
// Errors: NotFound if s.Me may not see the room.
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

// Heal fetches the needs and what follows from them, until s needs nothing more. It stops at the first error; s stays valid. Then
// call Heal again, with the same needs, or with {"rooms"} and {"users"}, which cover everything.
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
	return nil, fmt.Errorf("unknown need %q", n.What)
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
		case http.StatusGone: // the revision is too old: load the latest page again
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

// Follow keeps s up to date until ctx ends. It connects, applies the events, and fetches what is missing. If the connection is
// lost, it reconnects after a random time, or after the time that the server says. Where connections have a limited lifetime, as
// on AWS, it opens the next one before the end. Loaded rooms have current messages, other rooms current counts, and so
// have the threads that s watches.
//
// Follow calls changed after each event, and after each connect once s is up to date (with an Event without type). changed may
// read s and load rooms. Follow returns the error of changed, the cause of ctx, ErrEpoch, or an *Error if the user may not (or no
// longer) connect.
func (c *Client) Follow(ctx context.Context, s *State, changed func(Event) error) error {
	return c.listen(ctx, &follower{client: c, path: "/ws?own=true", state: s, changed: changed})
}

// Listen calls heard for every event until ctx ends. It reconnects like Follow, but fetches nothing: events are lost while there is no
// connection. It is for bots, which do not hear of their own posts, edits and reactions here. No revision of a room is heard twice, but a
// message is heard again when it is edited, deleted, or answered. Its errors are those of Follow, ErrEpoch apart.
func (c *Client) Listen(ctx context.Context, heard func(Event) error) error {
	return c.listen(ctx, &follower{client: c, path: "/ws", changed: heard})
}

func (c *Client) listen(ctx context.Context, f *follower) error {
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

// lost says whether reconnecting may help after an error.
func lost(err error) bool {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return closed.Code != wire.CloseEnded
	}
	return Temporary(err)
}

// follower is the state of one call of Follow or Listen.
type follower struct {
	client  *Client
	path    string // of the socket
	state   *State // nil: none is kept
	changed func(Event) error
	epoch   string
	heard   map[string]int64 // without a state: the last revision of each room
}

// listen handles one connection and its replacements, to the end of the last one. heard says whether a connection was opened.
func (f *follower) listen(ctx context.Context) (heard bool, err error) {
	l, err := f.client.connect(ctx, f.path)
	for err == nil {
		heard = true
		l, err = f.hear(ctx, l)
	}
	return heard, err
}

// hear handles one connection to its end, and gives its replacement, if there is one.
func (f *follower) hear(ctx context.Context, l *link) (*link, error) {
	defer l.Close()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	if f.epoch != l.hello.Epoch {
		if f.state != nil && f.epoch != "" {
			return nil, ErrEpoch
		}
		f.epoch, f.heard = l.hello.Epoch, map[string]int64{}
	}
	next := f.client.renewal(ctx, l)
	defer func() {
		if unused := next.stop(); unused != nil {
			_ = unused.Close()
		}
	}()
	needs, e := []Need{{What: "rooms"}, {What: "users"}}, Event{}
	if f.state != nil {
		f.state.Threads.lost()
	}
	for {
		if err := f.take(ctx, needs, e); err != nil {
			return nil, err
		}
		var err error
		if e, err = l.Next(); err != nil {
			if renewed := next.stop(); renewed != nil {
				return renewed, nil
			}
			return nil, err
		}
		if f.state == nil {
			continue
		}
		if needs, err = f.state.Apply(e); err != nil {
			return nil, err
		}
	}
}

// take fetches what the state needs, and then says that e has come. Without a state there is nothing to fetch, and nothing to say of a
// new connection or of an event that comes again.
func (f *follower) take(ctx context.Context, needs []Need, e Event) error {
	if f.state == nil {
		again, err := f.again(e)
		if again || err != nil {
			return err
		}
	} else if err := errors.Join(f.client.Heal(ctx, f.state, needs), f.client.HealThreads(ctx, f.state)); err != nil {
		return err
	}
	return f.changed(e)
}

// again says whether e was heard before: on AWS, events may be delivered twice, and by a connection and its replacement.
func (f *follower) again(e Event) (bool, error) {
	if e.Type != "message" && e.Type != "reaction" && e.Type != "poll" {
		return e.Type == "", nil
	}
	var at struct {
		Room string `json:"room"`
		Rev  int64  `json:"rev"`
	}
	if err := json.Unmarshal(e.JSON, &at); err != nil {
		return false, fmt.Errorf("event %s: %w", e.Type, err)
	}
	if at.Rev <= f.heard[at.Room] {
		return true, nil
	}
	f.heard[at.Room] = at.Rev
	return false, nil
}
