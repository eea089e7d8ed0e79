package client_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestFollowKeepsThreads: while Follow runs, the threads of the state are those that the user follows, with their counts.
func TestFollowKeepsThreads(t *testing.T) {
	w := world.Open(t)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	room := w.Room("mira", "public", "soup", "jonas")
	mira, jonas := w.As("mira"), w.As("jonas")
	root := w.Post("mira", room, 1).Seq
	reply := func(n int) error {
		_, err := jonas.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(n), Text: "leek", Thread: &root})
		return err
	}
	steps := []struct {
		do   func() error
		held bool
		want int // unread
	}{
		{func() error { return reply(2) }, true, 1},
		{func() error { return reply(3) }, true, 2},
		{func() error { _, err := mira.ReadThread(ctx, room, root, 3); return err }, true, 0},
		{func() error { _, err := mira.FollowThread(ctx, room, root, false); return err }, false, 0},
		{func() error { _, err := mira.FollowThread(ctx, room, root, true); return err }, true, 0},
		{func() error { return mira.RemoveMember(ctx, room, w.ID["mira"]) }, false, 0},
	}
	s, n, done := client.NewState(w.ID["mira"]), -1, errors.New("done")
	s.WatchThreads()
	err := mira.Follow(ctx, s, func(client.Event) error {
		if n >= 0 {
			held, is := s.Threads.Held[client.ThreadID{Room: room, Root: root}]
			if is != steps[n].held || held.Unread != steps[n].want {
				return nil // the event of this step is still to come
			}
		}
		if n++; n == len(steps) {
			return done
		}
		return steps[n].do()
	})
	if !errors.Is(err, done) {
		t.Errorf("step %d: %v; holds %+v", n, err, s.Threads.Held)
	}
}
