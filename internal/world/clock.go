package world

import (
	"sync"
	"time"
)

// Noon is when fake clocks begin.
var Noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant that Go cannot say as one

// Clock is a clock that moves only when a test says so. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock shows Noon.
func NewClock() *Clock { return &Clock{now: Noon} }

// Now is a chat.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
