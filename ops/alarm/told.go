package alarm

import (
	"maps"
	"slices"
	"time"
)

const (
	repeat     = 4 * time.Hour    // while an alarm lasts
	gather     = 45 * time.Second // between two messages: what comes in between is told together
	gatherOver = 5 * time.Minute  // the same, when all there is to say is that alarms are over
	tryAgain   = time.Minute      // after a message that could not be sent
)

// Told is what was told by one way, such as an e-mail address.
type Told struct {
	On           map[string]time.Time `json:"on,omitempty"` // when each alarm that is on was told last, by name
	Last         time.Time            `json:"last,omitzero"`
	FailingSince time.Time            `json:"failing_since,omitzero"`
	Tried        time.Time            `json:"tried,omitzero"`
	Error        string               `json:"error,omitempty"`
	Post         *Post                `json:"post,omitempty"` // of a way that changes its message
}

// Notice is what one way must say.
type Notice struct {
	New, Still, Over []Status
	At               time.Time
	Key              string // the same for a notice that is sent again, since the program ended before it noted that it was sent
}

// way finds what was told by a way.
func (w *Watch) way(name string) *Told {
	t := w.kept.Ways[name]
	if t == nil {
		t = &Told{}
		w.kept.Ways[name] = t
	}
	if t.On == nil {
		t.On = map[string]time.Time{}
	}
	return t
}

// Uses forgets what was told by ways that are not used any more.
func (w *Watch) Uses(ways []string) {
	maps.DeleteFunc(w.kept.Ways, func(name string, _ *Told) bool { return !slices.Contains(ways, name) })
}

// Failing counts the ways that fail.
func (w *Watch) Failing() (n int) {
	for _, t := range w.kept.Ways {
		if !t.FailingSince.IsZero() {
			n++
		}
	}
	return n
}

// Told gives what is known of a way.
func (w *Watch) Told(way string) Told { return *w.way(way) }

// Next is what must be said by a way now. due is false while there is nothing to say, or it can wait.
func (w *Watch) Next(way string) (n Notice, due bool) {
	t := w.way(way)
	repeats := false
	n.At = w.now
	for _, s := range w.Statuses() {
		at, told := t.On[s.Name]
		switch silent := !s.SilencedUntil.IsZero(); {
		case silent && s.State != On: // its end is not told
			delete(t.On, s.Name)
		case silent:
		case s.State == On && told:
			n.Still = append(n.Still, s)
			repeats = repeats || passed(w.now, at) >= repeat
		case s.State == On:
			n.New = append(n.New, s)
		case told:
			n.Over = append(n.Over, s)
		}
	}
	since := passed(w.now, t.Last)
	switch {
	case t.waits(w.now):
		return n, false
	case len(n.New) > 0:
		due = since >= gather
	case repeats:
		due = true
	case len(n.Over) > 0:
		due = since >= gatherOver
	}
	n.Key = t.key(n)
	return n, due
}

// waits says whether a way that fails is not tried again yet.
func (t *Told) waits(now time.Time) bool {
	return !t.FailingSince.IsZero() && passed(now, t.Tried) < tryAgain
}

// passed is how long ago something was. If the clock was moved back, it was long ago: nothing waits until the clock is there again.
func passed(now, at time.Time) time.Duration {
	if now.Before(at) {
		return repeat
	}
	return now.Sub(at)
}

// key follows from what is said and from what was said before.
func (t *Told) key(n Notice) string {
	key := "alarm " + t.Last.UTC().Format(time.RFC3339Nano)
	for _, s := range slices.Concat(n.New, n.Still, n.Over) {
		key += " " + s.Name + " " + s.Since.UTC().Format(time.RFC3339Nano)
	}
	return key
}

// Sent takes note that a notice was sent by a way.
func (w *Watch) Sent(way string, n Notice) {
	t := w.way(way)
	for _, s := range slices.Concat(n.New, n.Still) {
		t.On[s.Name] = w.now
	}
	for _, s := range n.Over {
		delete(t.On, s.Name)
	}
	t.Last = w.now
	w.Worked(way)
}

// Worked takes note that a way works, without a notice.
func (w *Watch) Worked(way string) {
	t := w.way(way)
	t.FailingSince, t.Tried, t.Error = time.Time{}, w.now, ""
}

// Failed takes note that a way does not work. why must hold no secret.
func (w *Watch) Failed(way, why string) {
	t := w.way(way)
	if t.FailingSince.IsZero() {
		t.FailingSince = w.now
	}
	t.Tried, t.Error = w.now, why
}
