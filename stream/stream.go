// Package stream puts aside texts of messages that bots are writing: those that are not stored, since another one was stored less than a
// second before. Of each message it keeps the newest one, and stores it when the second is over. The bot was told that such a text is not
// stored, so nothing depends on this package. When the program ends, these texts are forgotten. It is for one machine.
//
// It imports package chat only.
package stream

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

const (
	look   = 50 * time.Millisecond // between two looks for texts that are due, while there are any
	atOnce = 16                    // how many are stored at a time
	tries  = 10                    // how often the storage of one is tried, a second apart

	// Bytes of the texts that are kept at a time: of all bots together, and of each share (see [chat.User.Share]). A text beyond them is not
	// kept.
	most, each = 16 << 20, 2 << 20
	textBytes  = 512 // what a text takes besides its bytes
)

// Rules are what it asks of the use cases.
type Rules interface {
	StreamMessage(ctx context.Context, a chat.Actor, room string, seq int64, in chat.EditInput) (m chat.Message, later bool, err error)
	Still(ctx context.Context, a chat.Actor) (chat.Actor, error)
}

// Streams are the messages that are being written. They are safe for concurrent use.
type Streams struct {
	rules Rules
	clock chat.Clock
	log   *slog.Logger

	mu       sync.Mutex
	messages map[key]*message // those with a text aside, or one on its way
	held     int              // bytes
	by       map[string]int   // bytes by share

	wake  chan struct{} // holds a value when a text was put aside
	end   context.CancelFunc
	ended chan struct{}
}

// key is a message and who sends its texts: so nobody who may not write the message delays its bot.
type key struct {
	room  string
	seq   int64
	user  string
	share string // of the user
}

// message has the texts of a message pass one after the other, so that none overtakes a newer one.
type message struct {
	turn  sync.Mutex // held while a text is on its way
	users int        // texts on their way or waiting
	aside *text
}

// text is one that is not stored.
type text struct {
	actor chat.Actor
	body  string
	due   time.Time
	tries int
}

func (t *text) bytes() int {
	if t == nil {
		return 0
	}
	return len(t.body) + textBytes
}

// Start starts to store what is put aside, until Stop.
func Start(rules Rules, clock chat.Clock, log *slog.Logger) *Streams {
	ctx, end := context.WithCancel(context.Background())
	s := &Streams{
		rules: rules, clock: clock, log: log, messages: map[key]*message{}, by: map[string]int{}, wake: make(chan struct{}, 1), end: end,
		ended: make(chan struct{}),
	}
	go s.run(ctx)
	return s
}

// Stop forgets what is put aside.
func (s *Streams) Stop() {
	if s != nil {
		s.end()
		<-s.ended
	}
}

func (s *Streams) run(ctx context.Context) {
	defer close(s.ended)
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		for s.store(ctx) {
			select {
			case <-time.After(look):
			case <-ctx.Done():
				return
			}
		}
	}
}

// StreamMessage is that of the rules. A text that comes too early is put aside, in place of an earlier one.
func (s *Streams) StreamMessage(
	ctx context.Context, a chat.Actor, room string, seq int64, in chat.EditInput,
) (m chat.Message, later bool, err error) {
	k := key{room, seq, a.User.ID, a.User.Share()}
	of, leave := s.enter(k)
	defer leave()
	m, later, err = s.rules.StreamMessage(ctx, a, room, seq, in)
	switch {
	case err != nil:
	case later:
		s.put(k, of, &text{actor: a, body: in.Text, due: m.StreamingAt.Add(chat.StreamEvery)})
	default:
		s.put(k, of, nil)
	}
	return m, later, err
}

// enter waits until it is a text's turn. The caller must call leave.
func (s *Streams) enter(k key) (of *message, leave func()) {
	s.mu.Lock()
	of = s.messages[k]
	if of == nil {
		of = &message{}
		s.messages[k] = of
	}
	of.users++
	s.mu.Unlock()
	of.turn.Lock()
	return of, func() {
		of.turn.Unlock()
		s.mu.Lock()
		defer s.mu.Unlock()
		if of.users--; of.users == 0 && of.aside == nil {
			delete(s.messages, k)
		}
	}
}

// put replaces the text that is put aside, if there is room for it; nil is for none. The caller has the turn.
func (s *Streams) put(k key, of *message, t *text) {
	s.mu.Lock()
	defer s.mu.Unlock()
	more := t.bytes() - of.aside.bytes()
	if more > 0 && (s.held+more > most || s.by[k.share]+more > each) {
		return
	}
	of.aside = t
	s.held += more
	if s.by[k.share] += more; s.by[k.share] == 0 {
		delete(s.by, k.share)
	}
	if t != nil {
		select {
		case s.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// store stores the texts that are due. It says whether others are left.
func (s *Streams) store(ctx context.Context) (left bool) {
	var all sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for _, k := range s.due() {
		turns <- struct{}{}
		all.Go(func() {
			s.next(ctx, k)
			<-turns
		})
	}
	all.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held > 0
}

func (s *Streams) due() []key {
	now := s.clock.Time()
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []key
	for k, of := range s.messages {
		if of.aside != nil && !now.Before(of.aside.due) {
			out = append(out, k)
		}
	}
	return out
}

// next stores the text of a message that is put aside. Whoever wrote it must still be allowed to.
func (s *Streams) next(ctx context.Context, k key) {
	of, leave := s.enter(k)
	defer leave()
	t := of.aside
	if t == nil || s.clock.Time().Before(t.due) { // another text was stored meanwhile
		return
	}
	a, err := s.rules.Still(ctx, t.actor)
	var m chat.Message
	later := false
	if err == nil {
		m, later, err = s.rules.StreamMessage(ctx, a, k.room, k.seq, chat.EditInput{Text: t.body, Done: new(false)})
	}
	again := *t
	switch again.tries++; {
	case err == nil && !later:
		s.put(k, of, nil)
	case err == nil:
		again.due = m.StreamingAt.Add(chat.StreamEvery)
		s.put(k, of, &again)
	case temporary(err) && again.tries < tries:
		again.due = s.clock.Time().Add(chat.StreamEvery)
		s.put(k, of, &again)
	default:
		s.log.InfoContext(ctx, "a text of a message that is being written was given up", "room", k.room, "seq", k.seq, "user", k.user,
			"error", err)
		s.put(k, of, nil)
	}
}

// temporary says whether a text may be stored later, although it was not now.
func temporary(err error) bool {
	switch chat.ErrorCode(err) {
	case chat.Unavailable, chat.Internal, chat.RateLimited:
		return true
	default:
		return false
	}
}
