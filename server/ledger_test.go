package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// ledger records the acknowledgements of one room that only its writers change. After a crash it is compared with the stored data:
// every acknowledged change is stored once, with the seq and rev of its acknowledgement; a change without an answer is stored
// completely or not at all; nothing else is stored.
type ledger struct {
	t       *testing.T
	room    string
	writers []*writer
	head    int64 // revision at the last check
	changes int64 // number of changes that took a revision
	kinds   map[string]int
	cut     bool        // the disk fails before the server: answers from 500 on do not count
	down    atomic.Bool // the power is cut: answers no longer count, since ext4 may report an fsync as done whose journal is discarded

	mu   sync.Mutex
	acks map[int64]string // client id by acknowledged revision
}

// writer is one client, which sends one command after the other.
type writer struct {
	l       *ledger
	n       int
	c       *client.Client
	rand    *rand.Rand
	posts   []*entry
	read    wire.SetRead
	readRev int64
	due     *command // the command that has no answer yet
	made    int
}

// entry is the last acknowledged state of a message.
type entry struct {
	id       string
	seq, rev int64 // rev 0: the answer did not contain it
	text     string
	deleted  bool
	reacted  bool
}

// command is one command of a writer: it changes the message of to the state to, or moves the read pointer.
type command struct {
	what string
	of   *entry // nil for a post
	to   entry
	read int64
}

const firework = "🎉"

// newLedger signs up writers by an invite of the owner.
func newLedger(t *testing.T, base string, owner *client.Client, writers int) *ledger {
	t.Helper()
	ctx := context.Background()
	invite := world.Must[wire.MadeInvite](t)(owner.AddInvite(ctx, wire.NewInviteBody{}))
	l := &ledger{t: t, room: world.Must[[]wire.MyRoom](t)(owner.Rooms(ctx))[0].ID, kinds: map[string]int{}, acks: map[int64]string{}}
	for n := range writers { // one after another: the server refuses most of many at once
		random := rand.New(rand.NewPCG(uint64(n), 1)) // #nosec G404 -- it chooses the next command
		w := &writer{l: l, n: n, c: client.New(base, ""), rand: random}
		l.writers = append(l.writers, w)
		if _, err := w.c.SignUp(ctx, wire.SignUp{
			Invite: invite.Secret, Name: "Writer", Handle: fmt.Sprintf("writer%d", n), Email: fmt.Sprintf("writer%d@example.com", n),
			Password: world.Password,
		}); err != nil {
			t.Fatalf("sign up: %v", err)
		}
	}
	return l
}

// work lets all writers write until the server no longer answers.
func (l *ledger) work() (wait func()) {
	var working sync.WaitGroup
	for _, w := range l.writers {
		working.Go(func() {
			for w.do() {
			}
		})
	}
	return working.Wait
}

// underWay waits until each writer has had a change acknowledged on average, however slow the machine is, and for d more. Then writes are
// under way, and where a cut hits them varies with d.
func (l *ledger) underWay(d time.Duration) {
	l.t.Helper()
	acknowledged := func() int64 {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.changes
	}
	enough := acknowledged() + int64(len(l.writers))
	for end := time.Now().Add(time.Minute); acknowledged() < enough; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			l.t.Fatal("the server acknowledges next to nothing")
		}
	}
	time.Sleep(d)
}

// do sends one command. It gives false if there was no answer.
func (w *writer) do() bool {
	if w.due == nil {
		w.due = w.next()
	}
	m, rev, err := w.send(*w.due)
	switch s := client.Status(err); {
	case err == nil && w.l.down.Load(): // after a real power cut this answer would not have been sent
		return false
	case err == nil:
		w.settle(m, rev)
		return true
	case s != 0 && s != http.StatusServiceUnavailable && !(w.l.cut && s >= http.StatusInternalServerError):
		w.l.t.Errorf("%s %+v: %v", w.due.what, w.due.to, err)
	}
	return false
}

// next chooses the next command: mostly posts, and changes of them.
func (w *writer) next() *command {
	if len(w.posts) > 0 {
		e := w.posts[w.rand.IntN(len(w.posts))]
		s := &command{of: e, to: *e}
		s.to.rev = 0
		switch n := w.rand.IntN(10); {
		case n == 0 && e.seq != w.read.Seq:
			return &command{what: "read", read: e.seq}
		case n < 3 && !e.deleted:
			s.what, s.to.reacted = "react", !e.reacted
			return s
		case n < 5 && !e.deleted:
			w.made++
			s.what, s.to.text = "edit", fmt.Sprintf("%s, edit %d", e.id, w.made)
			return s
		case n == 5 && !e.deleted:
			s.what, s.to.deleted, s.to.text, s.to.reacted = "delete", true, "", false
			return s
		}
	}
	w.made++
	id := fmt.Sprintf("00000000-0000-4000-8000-%04d%08d", w.n, w.made)
	return &command{what: "post", to: entry{id: id, text: "message " + id}}
}

// send sends a command. It gives the message and revision of the answer, zero if the answer has none.
func (w *writer) send(s command) (m wire.Message, rev int64, err error) {
	ctx, room := context.Background(), w.l.room
	switch s.what {
	case "post":
		m, err = w.c.Post(ctx, room, wire.PostMessage{ClientID: s.to.id, Text: s.to.text})
	case "edit":
		m, err = w.c.Edit(ctx, room, s.of.seq, s.to.text)
	case "react":
		m, err = w.c.React(ctx, room, s.of.seq, firework, s.to.reacted)
	case "delete":
		err = w.c.Delete(ctx, room, s.of.seq)
	case "read":
		var r wire.MyRoom
		r, err = w.c.SetRead(ctx, room, s.read)
		return m, r.ReadRev, err
	}
	return m, m.Rev, err
}

// settle records that the command that was due has been executed.
func (w *writer) settle(m wire.Message, rev int64) {
	s, l := *w.due, w.l
	w.due = nil
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kinds[s.what]++
	if s.what == "read" {
		if rev != w.readRev+1 {
			l.t.Errorf("a read pointer's rev went from %d to %d", w.readRev, rev)
		}
		w.read.Seq, w.readRev = s.read, rev
		return
	}
	l.changes++
	if before, twice := l.acks[rev]; twice && rev != 0 {
		l.t.Errorf("rev %d was given to %s, and before that to %s", rev, s.to.id, before)
	}
	l.acks[rev] = s.to.id
	s.to.rev = rev
	if s.what == "post" {
		s.to.seq, w.read.Seq = m.Seq, m.Seq
		w.readRev++
		w.posts = append(w.posts, &s.to)
		return
	}
	*s.of = s.to
}

// check compares the ledger with the changes since the last check, or, if whole, with all stored data. Nobody may write meanwhile.
// It decides whether the commands without an answer have been executed.
func (l *ledger) check(reader *client.Client, whole bool) {
	l.t.Helper()
	ctx, since := context.Background(), l.head
	if whole {
		since = 0
	}
	stored := map[string]wire.Message{} // by client id
	var seqs []int64
	for next, more := since, true; more; {
		ch := world.Must[wire.Changes](l.t)(reader.Changes(ctx, l.room, next))
		for _, m := range ch.Messages {
			if at, twice := stored[m.ClientID]; twice {
				l.t.Errorf("%s is stored at %d and %d", m.ClientID, at.Seq, m.Seq)
			}
			stored[m.ClientID] = m
			seqs = append(seqs, m.Seq)
		}
		next, more, l.head = ch.Next, ch.More, ch.Head
	}
	for _, w := range l.writers {
		w.check(ctx, stored, since)
	}
	for id := range stored {
		l.t.Errorf("%s is stored, but nobody sent it", id)
	}
	if l.head != l.changes {
		l.t.Errorf("the room is at rev %d after %d changes", l.head, l.changes)
	}
	if slices.Sort(seqs); whole && len(seqs) > 0 && seqs[len(seqs)-1] != int64(len(seqs)) {
		l.t.Errorf("%d messages, and the last has seq %d: not dense", len(seqs), seqs[len(seqs)-1])
	}
	if page := world.Must[wire.Page](l.t)(reader.Page(ctx, l.room, url.Values{"limit": {"1"}})); page.Head != l.head {
		l.t.Errorf("the page has rev %d, the changes have %d", page.Head, l.head)
	}
}

// check compares the writer's messages with those stored, and removes them from stored.
func (w *writer) check(ctx context.Context, stored map[string]wire.Message, since int64) {
	room := world.Must[wire.MyRoom](w.l.t)(world.Get[wire.MyRoom](ctx, w.c, "/rooms/"+w.l.room))
	if s := w.due; s != nil {
		m, found := stored[s.to.id]
		switch {
		case s.what == "read" && room.ReadRev == w.readRev+1:
			w.settle(m, room.ReadRev)
		case s.what != "read" && found && s.to.matches(m):
			w.settle(m, m.Rev)
		}
	}
	for _, e := range w.posts {
		m, found := stored[e.id]
		delete(stored, e.id)
		if e.rev != 0 && e.rev <= since && !found {
			continue // as it was at the last check
		}
		if e.rev == 0 {
			e.rev = m.Rev
		}
		if !found || m.Seq != e.seq || m.Rev != e.rev || !e.matches(m) {
			w.l.t.Errorf("acknowledged %+v, stored %+v", *e, m)
		}
	}
	if room.ReadSeq != w.read.Seq || room.ReadRev != w.readRev {
		w.l.t.Errorf("the read pointer was acknowledged at %d (%d) and is at %d (%d)", w.read.Seq, w.readRev, room.ReadSeq, room.ReadRev)
	}
}

func (e entry) matches(m wire.Message) bool {
	return m.Text == e.text && (m.DeletedAt != nil) == e.deleted && (len(m.Reactions) > 0) == e.reacted
}

// acknowledged gives the number of acknowledged commands of each kind, as text.
func (l *ledger) acknowledged() string {
	return fmt.Sprintf("%d posts, %d edits, %d deletions, %d reactions, %d read pointers",
		l.kinds["post"], l.kinds["edit"], l.kinds["delete"], l.kinds["react"], l.kinds["read"])
}
