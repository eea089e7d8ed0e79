// Package follow keeps consumers of the commit feed up to date: the emoji that people use (package frequent), the inbox (package
// attention), and on AWS the lists of threads (package dynamodb). Search or outgoing webhooks would be others.
//
// A store acknowledges a commit before it announces it. An announcement may be lost, repeated or reordered. So a follower uses an
// announcement only as a hint that a room has changed. For each room and consumer it stores a position: the revision up to which the
// consumer has processed changes. From there it reads the store's changes, like a client, once for all consumers. Its guarantees:
//
//   - A consumer gets the present state of every message that changed after its position, at least once, in the order of
//     revisions, page by page.
//   - A position is stored only after the consumer has returned nil. After a crash the last pages may come again. A consumer must
//     therefore be idempotent: it writes upserts whose keys derive from the message.
//   - While a consumer fails, the others go on.
//   - A post never waits for a follower.
//
// On one machine, where reading is cheap, each consumer has a follower and a goroutine of its own ([Follower.Run]): when one fails, only it
// makes a pause. On AWS the function that reads the stream calls [Follower.CatchUp] for all of them.
//
// A new consumer implements [Consumer] and has its own storage. For example, search would upsert the tokens of each message under
// (room, seq); a webhook, a delivery under (hook, room, rev).
//
// The package imports chat only.
package follow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

const (
	pageSize  = 200                    // maximum number of messages in one Apply
	saveEvery = 64                     // revisions that the stored position may lag behind if the consumer had nothing to write
	gather    = 300 * time.Millisecond // how long announcements are collected before the changed rooms are processed
	longest   = 30 * time.Second       // maximum pause between two attempts while the store fails
)

// Consumer processes changed messages.
type Consumer interface {
	// Name identifies the consumer in the stored positions. It must never change.
	Name() string
	// Apply processes messages of a room in their present state, including tombstones, in the order of revisions. It may get the same
	// messages again. wrote is false if there was nothing to write.
	Apply(ctx context.Context, room string, ms []chat.Message) (wrote bool, err error)
}

// Source is the part of a store that a follower reads.
type Source interface {
	// RoomAccess gives the room with its revision. Errors: NotFound if the room does not exist.
	RoomAccess(ctx context.Context, room, user string) (chat.RoomAccess, error)
	Changes(ctx context.Context, room string, since int64, b chat.Bound, viewer string) (chat.Changes, error)
}

// Positions stores the revision up to which a follower has processed a room.
type Positions interface {
	// Position is 0 for a room that the follower has not processed.
	Position(ctx context.Context, follower, room string) (int64, error)
	SavePosition(ctx context.Context, follower, room string, rev int64) error
}

// Follower keeps consumers up to date. It reads changes once for all of them. Each has a position of its own, so that one that fails does not
// delay the others. It is safe for concurrent use, and processes one room at a time.
type Follower struct {
	source    Source
	positions Positions
	log       *slog.Logger
	consumers []Consumer

	working sync.Mutex
	at      map[string][]position // cached positions by room, in the order of the consumers; guarded by working

	mu    sync.Mutex
	rooms map[string]bool // changed rooms, still to be processed
	since time.Time       // when the oldest of them changed; zero: there is none
	doing time.Time       // the same of those that are being processed
	wake  chan struct{}
}

type position struct{ rev, saved int64 }

// maxPositions is the number of rooms whose positions are cached in memory; others are read from the store.
const maxPositions = 10_000

// New makes a Follower.
func New(s Source, p Positions, log *slog.Logger, consumers ...Consumer) *Follower {
	return &Follower{
		source: s, positions: p, log: log, consumers: consumers,
		at: map[string][]position{}, rooms: map[string]bool{}, wake: make(chan struct{}, 1),
	}
}

// RoomOf is the room of an event that changes a message, "" for other events.
func RoomOf(e chat.Event) string {
	switch e := e.(type) {
	case chat.MessageChanged:
		return e.Message.Room
	case chat.ReactionChanged:
		return e.Room
	case chat.PollChanged:
		return e.Room
	}
	return ""
}

// Heard notes which rooms the announcements change. It never blocks.
func (f *Follower) Heard(as []chat.Announcement) {
	var rooms []string
	for _, a := range as {
		if room := RoomOf(a.Event); room != "" {
			rooms = append(rooms, room)
		}
	}
	f.changed(rooms...)
}

func (f *Follower) changed(rooms ...string) {
	if len(rooms) == 0 {
		return
	}
	f.mu.Lock()
	for _, r := range rooms {
		f.rooms[r] = true
	}
	if f.since.IsZero() {
		f.since = time.Now()
	}
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run processes the rooms in behind, which changed while no follower ran, and then each room that changes, until ctx ends. It collects
// announcements for a short time, so that a busy room causes a few commits a second and not one for each post.
func (f *Follower) Run(ctx context.Context, behind []string) {
	f.changed(behind...)
	pause := gather
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		}
		if !sleep(ctx, pause) {
			return
		}
		if failed := f.round(ctx); len(failed) > 0 {
			pause = min(2*pause, longest)
			f.changed(failed...)
		} else {
			pause = gather
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// round processes all changed rooms and gives those that failed.
func (f *Follower) round(ctx context.Context) (failed []string) {
	f.mu.Lock()
	rooms := f.rooms
	f.rooms = map[string]bool{}
	f.doing, f.since = f.since, time.Time{}
	f.mu.Unlock()
	for room := range rooms {
		if err := f.CatchUp(ctx, room); err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, "follower is behind", "room", room, "error", err)
			failed = append(failed, room)
		}
	}
	f.mu.Lock()
	if len(failed) > 0 { // they go on waiting
		f.since = f.doing
	}
	f.doing = time.Time{}
	f.mu.Unlock()
	return failed
}

// Behind is how long the oldest change waits that [Follower.Run] has not processed; 0: none does.
func (f *Follower) Behind() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	oldest := f.doing
	if oldest.IsZero() {
		oldest = f.since
	}
	if oldest.IsZero() {
		return 0
	}
	return time.Since(oldest)
}

// CatchUp processes a room up to its present revision. A room that does not exist is no error.
func (f *Follower) CatchUp(ctx context.Context, room string) error {
	f.working.Lock()
	defer f.working.Unlock()
	at, err := f.positionsIn(ctx, room)
	if err != nil {
		return err
	}
	behind := make([]int, len(f.consumers)) // the consumers that have not failed and are not up to date
	for i := range behind {
		behind[i] = i
	}
	var failed error
	for len(behind) > 0 {
		first := slices.MinFunc(behind, func(i, j int) int { return cmp.Compare(at[i].rev, at[j].rev) })
		since := at[first].rev
		c, err := f.source.Changes(ctx, room, since, chat.Bound{Limit: pageSize, Bytes: chat.PageBytes}, "")
		switch {
		case err != nil && chat.ErrorCode(err) == chat.Gone:
			if err := f.gone(ctx, room, first, at); err != nil {
				return err
			}
			continue
		case err != nil && chat.ErrorCode(err) == chat.NotFound:
			return nil
		case err != nil:
			return fmt.Errorf("changes of %s since %d: %w", room, since, err)
		}
		var left []int
		for _, i := range behind {
			if at[i].rev > c.Next { // it has processed this page, or the store was restored: its next read tells
				left = append(left, i)
				continue
			}
			if err := f.apply(ctx, room, i, at, c); err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s: apply changes of %s since %d: %w", f.consumers[i].Name(), room, since, err))
			} else if c.More {
				left = append(left, i)
			}
		}
		behind = left
	}
	return failed
}

// apply gives a consumer the messages of a page that changed after its position, and records the page's end as its position.
func (f *Follower) apply(ctx context.Context, room string, i int, at []position, c chat.Changes) error {
	n := slices.IndexFunc(c.Messages, func(m chat.Message) bool { return m.Rev > at[i].rev })
	wrote := false
	if n >= 0 {
		var err error
		if wrote, err = f.consumers[i].Apply(ctx, room, c.Messages[n:]); err != nil {
			return err
		}
	}
	return f.reached(ctx, room, i, at, c.Next, wrote)
}

// positionsIn are the positions of the consumers in a room.
func (f *Follower) positionsIn(ctx context.Context, room string) ([]position, error) {
	if at, ok := f.at[room]; ok {
		return at, nil
	}
	at := make([]position, len(f.consumers))
	for i, c := range f.consumers {
		rev, err := f.positions.Position(ctx, c.Name(), room)
		if err != nil {
			return nil, fmt.Errorf("position of %s in %s: %w", c.Name(), room, err)
		}
		at[i] = position{rev, rev}
	}
	if len(f.at) >= maxPositions {
		clear(f.at)
	}
	f.at[room] = at
	return at, nil
}

// reached records the position of a consumer: always in memory, and in the store if the consumer wrote something or the stored position
// lags behind.
func (f *Follower) reached(ctx context.Context, room string, i int, at []position, rev int64, wrote bool) error {
	if rev != at[i].saved && (wrote || rev-at[i].saved >= saveEvery || rev < at[i].saved) {
		if err := f.positions.SavePosition(ctx, f.consumers[i].Name(), room, rev); err != nil {
			return fmt.Errorf("save the position: %w", err)
		}
		at[i].saved = rev
	}
	at[i].rev = rev
	return nil
}

// gone moves a consumer to where it continues if the store has no changes since its position. A position beyond the room's revision means
// that the store was restored from a backup: the consumer starts at 0. Otherwise the old changes are no longer known, or were never there,
// as in a room that was imported: it continues at the first revision since which all are known.
func (f *Follower) gone(ctx context.Context, room string, i int, at []position) error {
	r, err := f.source.RoomAccess(ctx, room, "")
	if err != nil {
		return fmt.Errorf("revision of %s: %w", room, err)
	}
	var next int64
	if at[i].rev <= r.Rev {
		if next, err = f.known(ctx, room, at[i].rev+1, r.Rev); err != nil {
			return err
		}
	}
	f.log.WarnContext(ctx, "follower continues at another position", "follower", f.consumers[i].Name(), "room", room,
		"from", at[i].rev, "at", next)
	return f.reached(ctx, room, i, at, next, true)
}

// known finds the first revision in a range since which a room's changes are known, by halves. They are known since last.
func (f *Follower) known(ctx context.Context, room string, first, last int64) (int64, error) {
	for first < last {
		middle := first + (last-first)/2
		switch _, err := f.source.Changes(ctx, room, middle, chat.Bound{Limit: 1, Bytes: 1}, ""); {
		case err == nil:
			last = middle
		case chat.ErrorCode(err) == chat.Gone:
			first = middle + 1
		default:
			return 0, fmt.Errorf("changes of %s since %d: %w", room, middle, err)
		}
	}
	return last, nil
}
