package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/canteen-chat/canteen/wire"
)

// ThreadID names a thread by its room and the seq of its root.
type ThreadID struct {
	Room string
	Root int64
}

// Threads is a copy of the threads that the user follows and that have replies. Events tell which of them are no longer up to date, and
// [Client.HealThreads] fetches those.
type Threads struct {
	Held  map[ThreadID]wire.MyThread
	stale map[ThreadID]bool // to be fetched
	all   bool              // the whole list is to be fetched
}

// WatchThreads makes s hold the user's threads too. They are fetched when [Client.HealThreads] or [Client.Follow] runs next: a request for
// each hundred of them.
func (s *State) WatchThreads() {
	s.Threads = &Threads{Held: map[ThreadID]wire.MyThread{}, stale: map[ThreadID]bool{}, all: true}
}

// lost notes that events may have been lost.
func (t *Threads) lost() {
	if t != nil {
		t.all = true
	}
}

// changed notes that a thread has changed.
func (t *Threads) changed(id ThreadID) {
	if t != nil {
		t.stale[id] = true
	}
}

// shown notes that a message has changed, which some threads may show: their root, or one of their last replies.
func (t *Threads) shown(room string, seq int64) {
	if t == nil {
		return
	}
	for id, held := range t.Held {
		if id.Room == room && (id.Root == seq || slices.ContainsFunc(held.Latest, func(m wire.Message) bool { return m.Seq == seq })) {
			t.stale[id] = true
		}
	}
}

// behind notes that changes of a room were missed.
func (t *Threads) behind(room string) {
	if t == nil {
		return
	}
	for id := range t.Held {
		if id.Room == room {
			t.stale[id] = true
		}
	}
}

// forget drops the threads of a room that the user has left.
func (t *Threads) forget(room string) {
	if t == nil {
		return
	}
	for id := range t.Held {
		if id.Room == room {
			delete(t.Held, id)
		}
	}
}

// take takes a thread as it is now.
func (t *Threads) take(fresh wire.MyThread) {
	id := ThreadID{fresh.Room, fresh.Root.Seq}
	if fresh.Follow == "off" || len(fresh.Latest) == 0 {
		delete(t.Held, id)
		return
	}
	t.Held[id] = fresh
}

// HealThreads fetches the threads that are no longer up to date. It stops at the first error; then call it again.
func (c *Client) HealThreads(ctx context.Context, s *State) error {
	t := s.Threads
	if t == nil {
		return nil
	}
	if t.all {
		t.Held = map[ThreadID]wire.MyThread{}
		q := url.Values{"limit": {"100"}}
		for more := true; more; more = q.Get("cursor") != "" {
			l, err := c.Threads(ctx, q)
			if err != nil {
				return fmt.Errorf("fetch the threads: %w", err)
			}
			for _, fresh := range l.Threads {
				t.take(fresh)
			}
			q.Set("cursor", l.Next)
		}
		t.all = false
		clear(t.stale)
	}
	for id := range t.stale {
		fresh, err := c.Thread(ctx, id.Room, id.Root)
		switch {
		case Status(err) == http.StatusNotFound:
			delete(t.Held, id)
		case err != nil:
			return fmt.Errorf("fetch the thread %d of %s: %w", id.Root, id.Room, err)
		default:
			t.take(fresh)
		}
		delete(t.stale, id)
	}
	return nil
}
