package password

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// line is a queue of calls that wait for a turn to hash. It is fair to senders: their first calls come before anybody's second, those
// before anybody's third, and so on. When it is full, a call takes the place of one of a later round, which is refused.
type line struct {
	most int // calls that may wait

	mu      sync.Mutex
	free    int     // turns that nobody has; none while calls wait
	waiting []*call // by round
}

type call struct {
	sender string
	round  int        // how many calls of the sender wait before it
	turn   chan error // holds nil for a turn, or the refusal
}

// enter waits for a turn, which ends with leave. Its errors are that of the context, and Unavailable.
func (l *line) enter(ctx context.Context, sender string) error {
	c, err := l.join(sender)
	if c == nil {
		return err
	}
	patient := time.NewTimer(patience)
	defer patient.Stop()
	select {
	case err := <-c.turn:
		return err
	case <-patient.C:
		err = errTooMany()
	case <-ctx.Done():
		err = ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.Index(l.waiting, c); at >= 0 {
		l.remove(at)
		return err
	}
	return <-c.turn // it came meanwhile
}

// join is nil for a call that has its turn at once, or is refused.
func (l *line) join(sender string) (*call, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free > 0 {
		l.free--
		return nil, nil
	}
	c := &call{sender: sender, turn: make(chan error, 1)}
	for _, other := range l.waiting {
		if other.sender == sender {
			c.round++
		}
	}
	at := len(l.waiting)
	if later := slices.IndexFunc(l.waiting, func(other *call) bool { return other.round > c.round }); later >= 0 {
		at = later
	}
	if len(l.waiting) == l.most {
		last := l.most - 1
		if at > last {
			return nil, errTooMany()
		}
		l.waiting[last].turn <- errTooMany()
		l.remove(last)
	}
	l.waiting = slices.Insert(l.waiting, at, c)
	return c, nil
}

// remove takes a call out. Those of its sender that came later move up a round.
func (l *line) remove(at int) *call {
	c := l.waiting[at]
	l.waiting = slices.Delete(l.waiting, at, at+1)
	for _, other := range l.waiting[at:] {
		if other.sender == c.sender {
			other.round--
		}
	}
	slices.SortStableFunc(l.waiting, func(a, b *call) int { return a.round - b.round })
	return c
}

// leave ends a turn. If calls wait, the next one has it after the pause.
func (l *line) leave(pause func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.free++
		return
	}
	go func() {
		pause()
		l.next()
	}()
}

func (l *line) next() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.free++
		return
	}
	l.remove(0).turn <- nil
}

// errTooMany is the refusal, whatever the account, so that it tells nothing of it.
func errTooMany() *chat.Error {
	return &chat.Error{Code: chat.Unavailable, Message: "Too many people are signing in right now. Try again.", RetryAfter: patience}
}
