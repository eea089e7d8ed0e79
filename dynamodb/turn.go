package dynamodb

import (
	"context"
	"sync"
)

// turns lets the commands of one process change a room one after the other: it would only be in its own way. Other processes
// are found by the conditions of the transactions.
type turns struct {
	mu   sync.Mutex
	open map[string]*turn
}

type turn struct {
	taken chan struct{}
	users int
}

// take waits for the room to be free; the caller ends its turn with what it gets.
func (s *turns) take(ctx context.Context, room string) (end func(), err error) {
	s.mu.Lock()
	t := s.open[room]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		s.open[room] = t
	}
	t.users++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(s.open, room)
		}
	}
	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// writeIn is write for a command that changes a room.
func writeIn[T any](ctx context.Context, s *Store, room string, f func(*tx) (T, error)) (T, error) {
	end, err := s.turns.take(ctx, room)
	if err != nil {
		return *new(T), err
	}
	defer end()
	return write(ctx, s, f)
}

// doIn is writeIn for commands without a result.
func doIn(ctx context.Context, s *Store, room string, f func(*tx) error) error {
	_, err := writeIn(ctx, s, room, func(t *tx) (struct{}, error) { return struct{}{}, f(t) })
	return err
}
