package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/ops/alarm"
	"github.com/canteen-chat/canteen/wire"
)

const (
	alarmsFile  = "alarms.json" // alarm.Kept
	alarmsEvery = 10 * time.Second
	tellWithin  = 30 * time.Second // for one message by one way
)

// alarms looks at the server every 10 s, decides about the alarms, and tells them.
type alarms struct {
	file    string
	clock   chat.Clock
	began   time.Time
	measure func(alarm.Point) (alarm.Point, error) // completes a point
	log     *slog.Logger
	ways    []way

	mu     sync.Mutex
	watch  *alarm.Watch
	looked time.Duration
	on     map[string]bool // the alarms that the log has
	busy   map[string]bool // ways by which something is being told
	saved  []byte
	unsure string // the log says why something cannot be measured

	end     context.CancelFunc
	running sync.WaitGroup
}

// way is a way by which alarms are told.
type way struct {
	name     string // in alarm.Kept
	kind, to string // as alarms.Ways gives them
	// next is called with the watch locked. It gives what is to be done now; nil: nothing. do is called without the lock, done with it.
	next func(*alarm.Watch, alarm.Point) (do func(context.Context) error, done func())
	test func(context.Context, alarm.Notice) error // nil: there is none
}

// openAlarms takes note of the start, and looks for the first time. It tells nothing before start.
func openAlarms(cfg Config, h *dataDir, log *slog.Logger) *alarms {
	a := &alarms{
		file: filepath.Join(h.dir, alarmsFile), clock: h.clock, log: log, on: map[string]bool{}, busy: map[string]bool{}, looked: -1,
		began: h.clock(),
	}
	m := measuring{h: h, domain: cfg.Domain, mail: cfg.Mail != ""}
	a.measure = m.point
	var kept alarm.Kept
	b, err := os.ReadFile(a.file)
	if err == nil {
		err = json.Unmarshal(b, &kept)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) { // somebody else has written it: the alarms begin anew
		log.Error("what was known of alarms is lost", "file", alarmsFile, "error", err)
		kept = alarm.Kept{}
	}
	a.watch = alarm.New(kept)
	a.watch.Started(a.clock())
	a.look(context.Background())
	return a
}

// start looks regularly from now on, and tells alarms.
func (a *alarms) start(ways []way, every time.Duration) {
	if every == 0 {
		every = alarmsEvery
	}
	var names []string
	for _, w := range ways {
		names = append(names, w.name)
	}
	ctx, end := context.WithCancel(context.Background())
	a.mu.Lock()
	a.ways, a.end = ways, end
	a.watch.Uses(names)
	a.mu.Unlock()
	a.running.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				a.look(ctx)
			}
		}
	})
}

// stop ends it. What is being told is given up, and told again by the next process.
func (a *alarms) stop() {
	if a.end != nil {
		a.end()
		a.running.Wait()
	}
}

// moment is the time of the clock that people set, and how long ago the server began by one that nobody can set. Both come from one
// reading: a pause between two would look as if the clock was moved. Differences of at must not use the other clock either.
func (a *alarms) moment() (at time.Time, up time.Duration) {
	now := a.clock()
	return now.Round(0), now.Sub(a.began)
}

// look measures, decides, and begins to tell what is to be told.
func (a *alarms) look(ctx context.Context) {
	at, up := a.moment()
	p, err := a.measure(alarm.Point{At: at, Up: up})
	a.mu.Lock()
	defer a.mu.Unlock()
	why := ""
	if err != nil {
		why = err.Error()
	}
	if why != "" && why != a.unsure {
		a.log.Warn("something cannot be measured", "error", err)
	}
	a.unsure = why
	if p.FailingWays = a.watch.Failing(); p.Up > a.looked {
		a.looked = p.Up
		a.watch.Look(p)
		a.note()
	}
	for _, w := range a.ways {
		a.tell(ctx, w, p)
	}
	a.save()
}

// note logs which alarms have begun and ended.
func (a *alarms) note() {
	for _, s := range a.watch.Statuses() {
		switch on := s.State == alarm.On; {
		case on && !a.on[s.Name]:
			a.log.Warn("alarm", "name", s.Name, "says", s.Says)
		case !on && a.on[s.Name]:
			a.log.Info("alarm is over", "name", s.Name)
		}
		a.on[s.Name] = s.State == alarm.On
	}
}

// tell begins to tell by one way, unless that is being done already.
func (a *alarms) tell(ctx context.Context, w way, p alarm.Point) {
	if a.busy[w.name] {
		return
	}
	do, done := w.next(a.watch, p)
	if do == nil {
		return
	}
	a.busy[w.name] = true
	a.running.Go(func() {
		within, stop := context.WithTimeout(ctx, tellWithin)
		defer stop()
		err := do(within)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.busy[w.name] = false
		switch {
		case err == nil:
			done()
		case ctx.Err() != nil: // the server stops
		default:
			if a.watch.Told(w.name).FailingSince.IsZero() {
				a.log.Error("alarms cannot be told", "way", w.kind, "error", reason(err))
			}
			a.watch.Failed(w.name, reason(err))
		}
		a.save()
	})
}

// save stores what must survive a restart, if it has become different.
func (a *alarms) save() {
	b, err := json.Marshal(a.watch.Kept())
	if err == nil && !bytes.Equal(b, a.saved) {
		if err = writeAtomic(a.file, b); err == nil {
			a.saved = b
		}
	}
	if err != nil && a.unsure == "" {
		a.unsure = err.Error()
		a.log.Warn("what is known of alarms cannot be stored", "error", err)
	}
}

// Healthy says whether no urgent alarm is on, and since when.
func (a *alarms) Healthy() (ok bool, since time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.watch.Healthy()
}

// delivery is a way by which alarms are told, as the API gives it.
func delivery(w way, t alarm.Told) wire.OpsDelivery {
	return wire.OpsDelivery{Kind: w.kind, To: w.to, At: known(t.Last), FailingSince: known(t.FailingSince), Error: t.Error}
}

// known is nil for a time that is zero.
func known(at time.Time) *wire.Time {
	if at.IsZero() {
		return nil
	}
	return &wire.Time{Time: at}
}

// State are all alarms, those that are on first, and the ways by which they are told.
func (a *alarms) State() (all []wire.OpsAlarm, ways []wire.OpsDelivery) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all, ways = []wire.OpsAlarm{}, []wire.OpsDelivery{}
	for _, s := range a.watch.Statuses() {
		all = append(all, wire.OpsAlarm{
			Name: s.Name, Title: s.Title, Says: s.Says, State: string(s.State), Severity: string(s.Severity), Since: wire.Time{Time: s.Since},
			SilencedUntil: known(s.SilencedUntil),
		})
	}
	for _, w := range a.ways {
		ways = append(ways, delivery(w, a.watch.Told(w.name)))
	}
	return all, ways
}

// Silence implements rest.Alarms, as Test does.
func (a *alarms) Silence(name string, until time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.watch.Silence(name, until) {
		return chat.Errorf(chat.NotFound, "There is no alarm %q.", name)
	}
	a.save()
	return nil
}

// Test tells by each way that this is a test, and gives how that went.
func (a *alarms) Test(ctx context.Context) []wire.OpsDelivery {
	a.mu.Lock()
	ways := a.ways
	a.mu.Unlock()
	out := make([]wire.OpsDelivery, 0, len(ways))
	results := make([]error, len(ways))
	ctx, stop := context.WithTimeout(ctx, tellWithin)
	defer stop()
	n := alarm.Test(a.clock(), "alarm test "+chat.NewID())
	var sending sync.WaitGroup
	for i, w := range ways {
		if w.test != nil {
			sending.Go(func() { results[i] = w.test(ctx, n) })
		}
	}
	sending.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, w := range ways {
		if w.test == nil {
			continue
		}
		var t alarm.Told
		if results[i] == nil {
			t.Last = a.clock()
			a.watch.Worked(w.name)
		} else {
			t.FailingSince, t.Error = a.clock(), reason(results[i])
			a.log.Error("a test of alarms was not sent", "way", w.kind, "error", t.Error)
		}
		out = append(out, delivery(w, t))
	}
	a.save()
	return out
}
