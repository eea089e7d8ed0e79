package alarm

import (
	"cmp"
	"slices"
	"time"
)

// State is the state of an alarm.
type State string

// States.
const (
	OK     State = "ok"
	On     State = "alarm"
	NoData State = "no_data"
)

// Status is an alarm as people see it.
type Status struct {
	Name, Title   string
	Says          string // what is wrong now, or was at its worst; "" while nothing is
	Limit         string // beyond which it is wrong, as people read it; "" where it is no number
	State         State
	Severity      Severity
	Since         time.Time // of the state
	SilencedUntil time.Time // zero: it is not silenced
}

// quiet is how long the value of an alarm must be good, or unknown, before the alarm is over. It keeps a value that goes up and down from
// being told each time.
const quiet = 5 * time.Minute

// entry is what is remembered of a rule.
type entry struct {
	State State     `json:"state"`
	Since time.Time `json:"since"`
	Worst float64   `json:"worst,omitempty"` // while it is on

	changed time.Duration // Point.Up at which the value became bad, or good, or unknown
	was     reading
	seen    bool // there was a reading in this process
}

type reading int

const (
	good reading = iota
	bad
	unknown
)

// Kept is what must survive a restart: the alarms that are on, the silences, and what was told by each way.
type Kept struct {
	Alarms   map[string]*entry    `json:"alarms"`
	Silences map[string]time.Time `json:"silences,omitempty"`
	Ways     map[string]*Told     `json:"ways,omitempty"`
	Starts   []time.Time          `json:"starts,omitempty"`
}

// Watch holds the alarms of a server.
type Watch struct {
	rules  []Rule
	points window
	now    time.Time
	kept   Kept
}

// New makes a Watch that goes on with what was kept of the process before; the zero Kept begins.
func New(kept Kept) *Watch {
	w := &Watch{rules: Rules(), kept: kept}
	if w.kept.Alarms == nil {
		w.kept.Alarms = map[string]*entry{}
	}
	if w.kept.Silences == nil {
		w.kept.Silences = map[string]time.Time{}
	}
	if w.kept.Ways == nil {
		w.kept.Ways = map[string]*Told{}
	}
	known := map[string]bool{}
	for _, r := range w.rules {
		known[r.Name] = true
	}
	for name := range w.kept.Alarms { // of an older or newer program
		if !known[name] {
			delete(w.kept.Alarms, name)
		}
	}
	return w
}

// Kept is what must be stored.
func (w *Watch) Kept() Kept { return w.kept }

const mostStarts = 10

// Started takes note of a start of the program.
func (w *Watch) Started(at time.Time) {
	w.kept.Starts = append(w.kept.Starts, at)
	w.kept.Starts = w.kept.Starts[max(0, len(w.kept.Starts)-mostStarts):]
}

// Look takes the measurements of a moment, and decides about each alarm. Points must come in the order of their Up.
func (w *Watch) Look(p Point) {
	p.Starts = w.kept.Starts
	w.points = w.points.add(p)
	w.now = p.At
	for name, until := range w.kept.Silences {
		if !p.At.Before(until) {
			delete(w.kept.Silences, name)
		}
	}
	for _, r := range w.rules {
		e := w.kept.Alarms[r.Name]
		if e == nil {
			e = &entry{State: NoData, Since: p.At}
			w.kept.Alarms[r.Name] = e
		}
		e.look(w.points, r)
	}
}

// look decides about one alarm.
func (e *entry) look(w window, r Rule) {
	p := w.last()
	value, known := r.Read(w, r)
	now := unknown
	switch {
	case known && r.bad(value, e.State == On):
		now = bad
	case known:
		now = good
	}
	if now != e.was || !e.seen {
		e.was, e.changed, e.seen = now, p.Up, true
	}
	lasts := p.Up - e.changed
	switch {
	case now == bad && e.State == On:
		if r.worse(value, e.Worst) {
			e.Worst = value
		}
	case now == bad && lasts >= r.For:
		e.State, e.Since, e.Worst = On, p.At, value
	case e.State == On && lasts < quiet: // it may come back
	case now == good && e.State != OK:
		e.State, e.Since, e.Worst = OK, p.At, 0
	case now == unknown && e.State != NoData:
		e.State, e.Since, e.Worst = NoData, p.At, 0
	}
}

// worse says whether a is further beyond the limit than b.
func (r Rule) worse(a, b float64) bool {
	if r.Below {
		return a < b
	}
	return a > b
}

// Statuses are all alarms: first those that are on, the urgent ones first, then the others in the order of the table.
func (w *Watch) Statuses() []Status {
	out := make([]Status, 0, len(w.rules))
	for _, r := range w.rules {
		if e := w.kept.Alarms[r.Name]; e != nil {
			out = append(out, w.status(r, e))
		}
	}
	rank := func(s Status) int {
		switch {
		case s.State == On && s.Severity == Page:
			return 0
		case s.State == On:
			return 1
		case s.State == OK:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(out, func(a, b Status) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

func (w *Watch) status(r Rule, e *entry) Status {
	s := Status{
		Name: r.Name, Title: r.Title, Limit: r.bound(), State: e.State, Severity: r.Severity, Since: e.Since,
		SilencedUntil: w.kept.Silences[r.Name],
	}
	if e.State == On {
		s.Says = r.Says(e.Worst)
	}
	return s
}

// Healthy says whether no urgent alarm is on, silenced or not, and since when that is so.
func (w *Watch) Healthy() (ok bool, since time.Time) {
	ok = true
	for _, s := range w.Statuses() {
		switch {
		case s.Severity != Page:
		case s.State == On && (ok || s.Since.Before(since)):
			ok, since = false, s.Since
		case s.State != On && ok && s.Since.After(since):
			since = s.Since
		}
	}
	return ok, since
}

// Silence keeps an alarm from being told until a moment; one that is past ends the silence. ok is false for a name that no rule has.
func (w *Watch) Silence(name string, until time.Time) (ok bool) {
	if !slices.ContainsFunc(w.rules, func(r Rule) bool { return r.Name == name }) {
		return false
	}
	if w.kept.Silences[name] = until; !until.After(w.now) {
		delete(w.kept.Silences, name)
	}
	return true
}
