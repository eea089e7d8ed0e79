package world

import (
	"sync"
	"time"
)

// Noon is the start time of fake clocks.
var Noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // constant, but Go has no constants of this type

// Clock is a clock that moves only when a test says so. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that shows Noon.
func NewClock() *Clock { return &Clock{now: Noon} }

// Now has the signature of chat.Clock.
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
