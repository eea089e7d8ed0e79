package alarm

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func names(ss []Status) (out []string) {
	for _, s := range ss {
		out = append(out, s.Name)
	}
	return out
}

func stateOf(w *Watch, name string) Status {
	for _, s := range w.Statuses() {
		if s.Name == name {
			return s
		}
	}
	return Status{}
}

// restarted is the Watch of the next process.
func restarted(t *testing.T, w *Watch) *Watch {
	t.Helper()
	b, err := json.Marshal(w.Kept())
	if err != nil {
		t.Fatal(err)
	}
	var kept Kept
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	return New(kept)
}

// mailbox tells by one way, and keeps what it said.
type mailbox struct {
	w     *Watch
	fails bool
	tries int
	got   []string
}

func (m *mailbox) look() {
	n, due := m.w.Next("mail")
	switch {
	case !due:
	case m.fails:
		m.tries++
		m.w.Failed("mail", "no connection")
	default:
		m.w.Sent("mail", n)
		m.got = append(m.got, strings.Join([]string{
			m.w.now.Format("15:04:05"), "new", strings.Join(names(n.New), ","), "still", strings.Join(names(n.Still), ","), "over",
			strings.Join(names(n.Over), ","),
		}, " "))
	}
}

func (m *mailbox) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(m.got, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(m.got, "\n"), strings.Join(want, "\n"))
	}
}

// TestHysteresis: an alarm is over when its value was good for five minutes, and not before; a disk must get two percent more than it
// lacked.
func TestHysteresis(t *testing.T) {
	w := New(Kept{})
	errors := func(up time.Duration, p *Point) { p.ServerErrors = step(up, time.Minute) + step(up, 5*time.Minute) }
	var over time.Duration
	play(w, 0, 20*time.Minute, errors, func() {
		if s := stateOf(w, "server-errors"); s.State == OK && w.points.last().Up > time.Minute && over == 0 {
			over = w.points.last().Up
		}
	})
	if want := 5*time.Minute + time.Minute + quiet; over < want || over > want+2*every {
		t.Errorf("over after %s, want %s", over, want)
	}
	w = New(Kept{})
	free := 9e9
	disk := func(_ time.Duration, p *Point) { p.DiskFree = free }
	for i, c := range []struct {
		free float64
		want State
	}{{11e9, OK}, {9e9, On}, {11e9, On}, {11.9e9, On}, {12e9, OK}, {11e9, OK}} {
		free = c.free
		play(w, time.Duration(i)*time.Hour, 10*time.Minute, disk, nil)
		if s := stateOf(w, "disk-low"); s.State != c.want {
			t.Errorf("%.1f %% left: %s, want %s", c.free/1e9, s.State, c.want)
		}
	}
}

// TestTelling: an alarm is told once, again after four hours, and once when it is over. What comes within 45 s is told together.
func TestTelling(t *testing.T) {
	w := New(Kept{})
	m := &mailbox{w: w}
	play(w, 0, 9*time.Hour, func(up time.Duration, p *Point) {
		p.ServerErrors = step(up, time.Minute)
		if up < 8*time.Hour+30*time.Minute {
			p.DiskFree = 5e9
		}
		p.CommitFailures = step(up, 90*time.Second)
	}, m.look)
	m.want(t, "12:01:00 new server-errors,disk-low still  over ", "12:01:50 new commits-fail still server-errors,disk-low over ",
		"12:07:00 new  still commits-fail,disk-low over server-errors", "12:12:00 new  still disk-low over commits-fail",
		"16:12:00 new  still disk-low over ", "20:12:00 new  still disk-low over ",
		"20:35:00 new  still  over disk-low")
}

// TestRestartTellsNothingAgain: the next process goes on with what was told.
func TestRestartTellsNothingAgain(t *testing.T) {
	m := &mailbox{w: New(Kept{})}
	low := func(_ time.Duration, p *Point) { p.DiskFree = 5e9 }
	play(m.w, 0, 2*time.Minute, low, m.look)
	for i := range 3 {
		m.w = restarted(t, m.w)
		at := time.Duration(i+1) * 10 * time.Minute
		play(m.w, 0, 2*time.Minute, func(up time.Duration, p *Point) { low(up, p); p.At = p.At.Add(at) }, m.look)
	}
	m.want(t, "12:01:00 new disk-low still  over ")
	m.w = restarted(t, m.w)
	play(m.w, 0, 6*time.Minute, func(_ time.Duration, p *Point) { p.At = p.At.Add(time.Hour) }, m.look)
	m.want(t, "12:01:00 new disk-low still  over ", "13:05:00 new  still  over disk-low")
}

// TestFailedWay: a way that fails is tried again each minute, and then says what is so then. Others are told that it fails.
func TestFailedWay(t *testing.T) {
	w := New(Kept{})
	m := &mailbox{w: w, fails: true}
	low := func(up time.Duration, p *Point) { p.DiskFree, p.FailingWays = 50e9-45e9*step(up, every), w.Failing() }
	play(w, 0, 3*time.Minute, low, m.look)
	if told := w.Told("mail"); told.Error != "no connection" || told.FailingSince != noon.Add(70*time.Second) || w.Failing() != 1 {
		t.Errorf("%+v", told)
	}
	if m.tries != 2 {
		t.Errorf("tried %d times in two minutes", m.tries)
	}
	if s := stateOf(w, "delivery-fails"); s.State != On {
		t.Errorf("that a way fails: %s", s.State)
	}
	m.fails = false
	play(w, 3*time.Minute+every, time.Minute, low, m.look)
	m.want(t, "12:03:10 new delivery-fails,disk-low still  over ")
	if told := w.Told("mail"); told.Error != "" || !told.FailingSince.IsZero() {
		t.Errorf("%+v", told)
	}
}

// TestSilence: an alarm that is silenced is shown, and told by nobody until the silence ends. Its end is not told either.
func TestSilence(t *testing.T) {
	w := New(Kept{})
	m := &mailbox{w: w}
	low := func(up time.Duration, p *Point) { p.DiskFree = 5e9 }
	play(w, 0, 0, low, nil)
	if w.Silence("soup", noon.Add(time.Hour)) || !w.Silence("disk-low", noon.Add(time.Hour)) {
		t.Error("an alarm that does not exist is silenced, or one that exists is not")
	}
	play(w, every, 2*time.Hour, low, m.look)
	m.want(t, "13:00:00 new disk-low still  over ")
	w.Silence("disk-low", noon.Add(3*time.Hour))
	if s := stateOf(w, "disk-low"); s.State != On || s.SilencedUntil != noon.Add(3*time.Hour) {
		t.Errorf("%+v", s)
	}
	play(w, 2*time.Hour+every, 20*time.Minute, nil, m.look)
	w.Silence("disk-low", w.now)
	if s := stateOf(w, "disk-low"); s.State != OK || !s.SilencedUntil.IsZero() {
		t.Errorf("after the end of the silence: %+v", s)
	}
	play(w, 3*time.Hour, 20*time.Minute, nil, m.look)
	m.want(t, "13:00:00 new disk-low still  over ")
}

// TestHealthy: the server is unwell while an urgent alarm is on.
func TestHealthy(t *testing.T) {
	w := New(Kept{})
	play(w, 0, 2*time.Minute, func(_ time.Duration, p *Point) { p.DiskFree = 5e9 }, nil)
	if ok, _ := w.Healthy(); !ok || stateOf(w, "disk-low").State != On {
		t.Error("an alarm that is not urgent makes the server unwell")
	}
	play(w, 2*time.Minute+every, 2*time.Minute, func(_ time.Duration, p *Point) { p.Ready = false }, nil)
	if ok, since := w.Healthy(); ok || since != noon.Add(3*time.Minute+every) {
		t.Errorf("healthy %v since %s", ok, since)
	}
	if first := w.Statuses()[0]; first.Name != "not-ready" {
		t.Errorf("the first alarm is %s", first.Name)
	}
}

// TestNotice: what is sent names what is new, what lasts and what is over, and cannot be mistaken for markup.
func TestNotice(t *testing.T) {
	from := Place{"A<b> & co", "https://chat.example.com"}
	s := Status{Title: "Slow", Says: "1 % > 2 s", State: On, Since: noon.Add(-24 * time.Hour)}
	n := Notice{New: []Status{s}, Still: []Status{s}, Over: []Status{s}, At: noon}
	for text, want := range map[string]string{
		n.Text(from): "New: Slow: 1 % > 2 s, since 23 Nov 12:00 UTC.\nStill: Slow:", n.HTML(from): "<strong>Slow</strong>: 1 % &gt; 2 s",
		n.Title(from): "A<b> & co: 2 alarms", Notice{Over: n.Over}.Title(from): "A<b> & co: over: Slow",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	b, err := n.Slack(from)
	var got struct {
		Text        string
		Attachments []map[string]any
	}
	if err != nil || json.Unmarshal(b, &got) != nil || len(got.Attachments) != 3 || got.Text != "A&lt;b&gt; &amp; co: 2 alarms" {
		t.Errorf("%s, %v", b, err)
	}
}
