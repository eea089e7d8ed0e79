package chat

import "time"

// Clock tells the time. The rules and stores ask no other; tests inject their own.
type Clock func() time.Time

// Time is the clock's present instant as Canteen keeps it: UTC, whole milliseconds.
func (c Clock) Time() time.Time { return c().UTC().Truncate(time.Millisecond) }
