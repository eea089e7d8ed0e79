package dynamodb_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/limit"
)

func connected(id, user string) connection.Connection {
	return connection.Connection{
		ID: id, User: user, SessionID: "s" + id, NotOwn: true, MadeAt: noon, SeenAt: noon, ExpiresAt: noon.Add(2 * time.Hour),
	}
}

func ids(cs []connection.Connection) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.ID)
	}
	slices.Sort(out)
	return out
}

func TestConnectionsLiveUntilTheyExpire(t *testing.T) {
	s, ctx := on(t, local.Ministack, nil).open(t), context.Background()
	many := []string{"mira", "jonas"}
	for n := range 60 {
		many = append(many, fmt.Sprint("u", n))
	}
	for _, c := range []connection.Connection{connected("a", "mira"), connected("b", "mira"), connected("c", "jonas"),
		connected("d", "ada")} {
		must(t, s.AddConnection(ctx, c))
	}
	a := connected("a", "mira")
	set := func(c *connection.Connection) {
		c.Room, c.Thread, c.Away, c.SeenAt, c.ActiveAt, c.Until = "general", 7, true, noon.Add(time.Minute), noon, noon.Add(time.Hour)
	}
	set(&a)
	saved, err := s.UpdateConnection(ctx, "mira", "a", set)
	must(t, err)
	got, err := s.Connection(ctx, "a", noon)
	must(t, err)
	if got != a || saved != a {
		t.Errorf("stored as %+v, answered %+v, want %+v", got, saved, a)
	}
	for name, q := range map[string]struct {
		ask  func(now time.Time) ([]connection.Connection, error)
		want []string
	}{
		"of few": {func(now time.Time) ([]connection.Connection, error) { return s.ConnectionsOf(ctx, many[:2], now) },
			[]string{"a", "b", "c"}},
		"of many":   {func(now time.Time) ([]connection.Connection, error) { return s.ConnectionsOf(ctx, many, now) }, []string{"a", "b", "c"}},
		"in a room": {func(now time.Time) ([]connection.Connection, error) { return s.ConnectionsIn(ctx, "general", now) }, []string{"a"}},
	} {
		cs, err := q.ask(noon)
		must(t, err)
		if !slices.Equal(ids(cs), q.want) {
			t.Errorf("%s: %v, want %v", name, ids(cs), q.want)
		}
		if cs, err := q.ask(noon.Add(2 * time.Hour)); err != nil || len(cs) > 0 { // DynamoDB has not deleted them yet
			t.Errorf("%s: got %v (%v) after they expired", name, ids(cs), err)
		}
	}
	must(t, s.RemoveConnection(ctx, "mira", "a"))
	must(t, s.RemoveConnection(ctx, "mira", "a"))
	if _, err := s.Connection(ctx, "a", noon); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("after the removal: %v", err)
	}
	if _, err := s.UpdateConnection(ctx, "mira", "a", set); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("updating a removed connection: %v", err)
	}
	if cs, err := s.ConnectionsIn(ctx, "general", noon); err != nil || len(cs) > 0 {
		t.Errorf("%v (%v) have the room open", ids(cs), err)
	}
}

func TestTicketServesOnce(t *testing.T) {
	s, ctx := on(t, local.Ministack, nil).open(t), context.Background()
	h := chat.HashSecret("ticket")
	must(t, s.AddTicket(ctx, chat.Ticket{User: "mira", SessionID: "s", ExpiresAt: noon.Add(chat.TicketLife)}, h))
	var wg sync.WaitGroup
	var served atomic.Int32
	for range 8 {
		wg.Go(func() {
			if _, err := s.TakeTicket(ctx, h, noon); err == nil {
				served.Add(1)
			} else if chat.ErrorCode(err) != chat.NotFound {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if served.Load() != 1 {
		t.Errorf("the ticket was accepted %d times", served.Load())
	}
	must(t, s.AddTicket(ctx, chat.Ticket{User: "mira", ExpiresAt: noon.Add(chat.TicketLife)}, chat.HashSecret("late")))
	if _, err := s.TakeTicket(ctx, chat.HashSecret("late"), noon.Add(chat.TicketLife)); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("an expired ticket: %v", err)
	}
}

// TestQuotasAreCountedTogether: a quota of bytes holds for all processes together, though its interval is short, and outlives them.
func TestQuotasAreCountedTogether(t *testing.T) {
	on, ctx := on(t, local.Ministack, nil), context.Background()
	now := noon
	clock := chat.Clock(func() time.Time { return now })
	on.open(t)
	const block, blocks = 8192, 10
	r := chat.Rate{Name: "quota", Every: 2 * time.Hour / (block * blocks), Burst: block * blocks}
	take := func(l chat.Limiter, size int) bool {
		t.Helper()
		wait, err := l.Take(ctx, r.Of(size), "mira")
		must(t, err)
		return wait == 0
	}
	taken := 0
	for taken < 2*block*blocks { // each process takes a little, and one in eight a lot
		l := dynamodb.NewLimiter(on.again(), clock, limit.New(clock))
		ok := take(l, 3*block)
		if ok {
			taken += 3 * block
		}
		for range 8 {
			if take(l, block/8) {
				taken, ok = taken+block/8, true
			}
		}
		if !ok {
			break
		}
	}
	if taken > block*blocks || taken < block*(blocks-2) {
		t.Errorf("%d of %d bytes were let through", taken, block*blocks)
	}
	now = now.Add(24 * time.Hour)
	if !take(dynamodb.NewLimiter(on.again(), clock, limit.New(clock)), block) {
		t.Error("a day later nothing is let through")
	}
}

// TestSlowRatesAreCountedTogether guesses a password through two processes.
func TestSlowRatesAreCountedTogether(t *testing.T) {
	on, ctx := on(t, local.Ministack, nil), context.Background()
	now := noon
	clock := chat.Clock(func() time.Time { return now })
	stores := []*dynamodb.Store{on.open(t), on.again()}
	var limiters []chat.Limiter
	for _, s := range stores {
		limiters = append(limiters, dynamodb.NewLimiter(s, clock, limit.New(clock)))
	}
	r := chat.Rate{Name: "guessing", Every: 90 * time.Second, Burst: 10}
	var taken atomic.Int32
	var wg sync.WaitGroup
	for n := range 30 {
		wg.Go(func() {
			wait, err := limiters[n%2].Take(ctx, r, "mira")
			if err != nil {
				t.Error(err)
			}
			if wait == 0 {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 10 {
		t.Errorf("%d of 30 were let through, not 10", taken.Load())
	}
	must(t, limiters[0].Give(ctx, r, "mira"))
	for _, want := range []bool{true, false} {
		if wait, err := limiters[1].Take(ctx, r, "mira"); err != nil || (wait == 0) != want {
			t.Errorf("after one was given back: wait %v (%v)", wait, err)
		}
	}
	now = now.Add(90 * time.Second)
	if wait, err := limiters[1].Take(ctx, r, "mira"); err != nil || wait > 0 {
		t.Errorf("after 90 s: wait %v (%v)", wait, err)
	}
}
