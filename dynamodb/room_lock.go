package dynamodb

import (
	"context"
	"sync"
)

// roomLocks serialises the commands of one process on a room, which would only conflict with each other. Conflicts with
// other processes are found by the conditions of the transactions.
type roomLocks struct {
	mu   sync.Mutex
	open map[string]*roomLock
}

type roomLock struct {
	held    chan struct{}
	waiters int
}

// lock waits until the room is free. The caller must call unlock.
func (s *roomLocks) lock(ctx context.Context, room string) (unlock func(), err error) {
	s.mu.Lock()
	t := s.open[room]
	if t == nil {
		t = &roomLock{held: make(chan struct{}, 1)}
		s.open[room] = t
	}
	t.waiters++
	s.mu.Unlock()
	release := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.waiters--; t.waiters == 0 {
			delete(s.open, room)
		}
	}
	select {
	case t.held <- struct{}{}:
		return func() { <-t.held; release() }, nil
	case <-ctx.Done():
		release()
		return nil, ctx.Err()
	}
}

// writeInRoom is write under the lock of a room.
func writeInRoom[T any](ctx context.Context, s *Store, room string, f func(*tx) (T, error)) (T, error) {
	unlock, err := s.locks.lock(ctx, room)
	if err != nil {
		return *new(T), err
	}
	defer unlock()
	return write(ctx, s, f)
}

// doInRoom is writeInRoom without a result.
func doInRoom(ctx context.Context, s *Store, room string, f func(*tx) error) error {
	_, err := writeInRoom(ctx, s, room, func(t *tx) (struct{}, error) { return struct{}{}, f(t) })
	return err
}
