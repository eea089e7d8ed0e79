package audit

import (
	"strings"
	"sync"
	"time"
)

// Offenders are who was refused something lately, by their keys. One offender gets a line of refusals a second at most, which says how many
// there were since the last one, so that nobody can flood the log. The zero value is ready. Safe for concurrent use.
type Offenders struct {
	mu sync.Mutex
	of map[string]offender
}

// offender is who was refused something lately.
type offender struct {
	said  time.Time // when the last line was written
	since int       // refusals after it, not written
}

const (
	refusalsEvery = time.Second
	maxOffenders  = 4096 // remembered; beyond them a refusal is counted under "many"
	maxAttribute  = 100  // bytes of a value
)

// Count says whether key gets a line now, and how many refusals had none since the last one.
func (o *Offenders) Count(key string, now time.Time) (before int, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil {
		o.of = map[string]offender{}
	}
	if len(o.of) >= maxOffenders {
		o.forget(now)
	}
	if _, known := o.of[key]; !known && len(o.of) >= maxOffenders {
		key = "many"
	}
	one := o.of[key]
	if now.Sub(one.said) < refusalsEvery {
		one.since++
		o.of[key] = one
		return 0, false
	}
	o.of[key] = offender{said: now}
	return one.since, true
}

// forget drops whoever may have a line again.
func (o *Offenders) forget(now time.Time) {
	for key, one := range o.of {
		if now.Sub(one.said) >= refusalsEvery {
			delete(o.of, key)
		}
	}
}

// Short cuts what is long: requests choose some of the values.
func Short(s string) string {
	if len(s) <= maxAttribute {
		return s
	}
	return strings.ToValidUTF8(s[:maxAttribute], "") + "…"
}
