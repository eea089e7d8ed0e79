package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/frequent"
	"github.com/canteen-chat/canteen/sqlite"
)

// followers are the consumers of the commit feed besides the hub, each with its own goroutine and position.
type followers struct {
	mu      sync.Mutex
	all     []*follow.Follower
	end     context.CancelFunc
	running sync.WaitGroup
}

// heard is part of the store's feed: it never blocks.
func (f *followers) heard(as []chat.Announcement) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.all {
		one.Heard(as)
	}
}

// start begins to follow a store, first with what was committed while nobody followed.
func (f *followers) start(ctx context.Context, s *sqlite.Store, clock chat.Clock, log *slog.Logger) error {
	emoji := &frequent.Emoji{Store: s, Reactions: s, Clock: clock}
	follower := follow.New(emoji, s, s, log)
	f.mu.Lock()
	f.all = append(f.all, follower) // before the look at what is behind: what is committed after it is heard
	f.mu.Unlock()
	behind, err := s.Behind(ctx, emoji.Name())
	if err != nil {
		return fmt.Errorf("what the followers missed: %w", err)
	}
	running, end := context.WithCancel(context.Background())
	f.end = end
	f.running.Go(func() { follower.Run(running, behind) })
	return nil
}

// stop ends the followers. What they did not get to waits for the next start.
func (f *followers) stop() {
	if f.end != nil {
		f.end()
	}
	f.running.Wait()
}
