package history

import (
	"math"
	"time"
)

const (
	leastKnown = 6 // values that a forecast needs
	farthest   = 10 * 366 * 24 * time.Hour
)

// ReachesZero says when values that are the same time apart, from the first at from, reach zero if they go on as on the straight line that
// fits them best. ok is false when they do not within ten years, or too few are known.
func ReachesZero(values []float64, from time.Time, step time.Duration) (at time.Time, ok bool) {
	n, sx, sy, sxx, sxy := 0.0, 0.0, 0.0, 0.0, 0.0
	for i, y := range values {
		if !math.IsNaN(y) {
			x := float64(i)
			n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
		}
	}
	spread := n*sxx - sx*sx
	if n < leastKnown || spread == 0 {
		return at, false
	}
	slope := (n*sxy - sx*sy) / spread
	steps := (sy - slope*sx) / n / -slope
	if !(slope < 0) || steps*float64(step) > float64(farthest) {
		return at, false
	}
	return from.Add(time.Duration(steps * float64(step))), true
}
