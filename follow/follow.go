// Package follow keeps consumers of the commit feed up to date. The present consumer counts used emoji (package frequent). Search, a
// list of mentions or outgoing webhooks would be others.
//
// A store acknowledges a commit before it announces it. An announcement may be lost, repeated or reordered. So a follower uses an
// announcement only as a hint that a room has changed. For each room it stores its position: the revision up to which its consumer has
// processed changes. From there it reads the store's changes, like a client. Its guarantees:
//
//   - The consumer gets the present state of every message that changed after its position, at least once, in the order of
//     revisions, page by page.
//   - A position is stored only after the consumer has returned nil. After a crash the last pages may come again. A consumer must
//     therefore be idempotent: it writes upserts whose keys derive from the message.
//   - A post never waits for a follower.
//
// On one machine a goroutine runs a follower ([Follower.Run]). On AWS the function that reads the stream calls [Follower.CatchUp].
//
// A new consumer implements [Consumer] and has its own storage. For example, search would upsert the tokens of each message under
// (room, seq); mentions, rows under (user, room, seq), with the read state from the read pointers; a webhook, a delivery under (hook,
// room, rev).
//
// The package imports chat only.
package follow

import (
	"context"
	"fmt"
	"log/slog"
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

// Follower keeps one consumer up to date. It is safe for concurrent use, and processes one room at a time.
type Follower struct {
	consumer  Consumer
	source    Source
	positions Positions
	log       *slog.Logger

	working sync.Mutex
	at      map[string]position // cached positions by room; guarded by working

	mu    sync.Mutex
	rooms map[string]bool // changed rooms, still to be processed
	wake  chan struct{}
}

type position struct{ rev, saved int64 }

// maxPositions is the number of positions cached in memory; others are read from the store.
const maxPositions = 10_000

// New makes a Follower.
func New(c Consumer, s Source, p Positions, log *slog.Logger) *Follower {
	return &Follower{
		consumer: c, source: s, positions: p, log: log,
		at: map[string]position{}, rooms: map[string]bool{}, wake: make(chan struct{}, 1),
	}
}

// RoomOf is the room of an event that changes a message, "" for other events.
func RoomOf(e chat.Event) string {
	switch e := e.(type) {
	case chat.MessageChanged:
		return e.Message.Room
	case chat.ReactionChanged:
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
	f.mu.Unlock()
	for room := range rooms {
		if err := f.CatchUp(ctx, room); err != nil && ctx.Err() == nil {
			f.log.WarnContext(ctx, "follower is behind", "follower", f.consumer.Name(), "room", room, "error", err)
			failed = append(failed, room)
		}
	}
	return failed
}

// CatchUp processes a room up to its present revision. A room that does not exist is no error.
func (f *Follower) CatchUp(ctx context.Context, room string) error {
	f.working.Lock()
	defer f.working.Unlock()
	at, err := f.position(ctx, room)
	if err != nil {
		return err
	}
	for {
		c, err := f.source.Changes(ctx, room, at.rev, chat.Bound{Limit: pageSize, Bytes: chat.PageBytes}, "")
		if err != nil && chat.ErrorCode(err) == chat.Gone {
			if at, err = f.gone(ctx, room, at); err != nil {
				return err
			}
			continue
		}
		if err != nil && chat.ErrorCode(err) == chat.NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("changes of %s since %d: %w", room, at.rev, err)
		}
		wrote := false
		if len(c.Messages) > 0 {
			if wrote, err = f.consumer.Apply(ctx, room, c.Messages); err != nil {
				return fmt.Errorf("apply changes of %s since %d: %w", room, at.rev, err)
			}
		}
		if at, err = f.reached(ctx, room, position{c.Next, at.saved}, wrote); err != nil || !c.More {
			return err
		}
	}
}

// position is the consumer's position in a room.
func (f *Follower) position(ctx context.Context, room string) (position, error) {
	if at, ok := f.at[room]; ok {
		return at, nil
	}
	rev, err := f.positions.Position(ctx, f.consumer.Name(), room)
	if err != nil {
		return position{}, fmt.Errorf("position in %s: %w", room, err)
	}
	return position{rev, rev}, nil
}

// reached records a position: always in memory, and in the store if the consumer wrote something or the stored position lags behind.
func (f *Follower) reached(ctx context.Context, room string, at position, wrote bool) (position, error) {
	if at.rev != at.saved && (wrote || at.rev-at.saved >= saveEvery || at.rev < at.saved) {
		if err := f.positions.SavePosition(ctx, f.consumer.Name(), room, at.rev); err != nil {
			return at, fmt.Errorf("save the position in %s: %w", room, err)
		}
		at.saved = at.rev
	}
	if len(f.at) >= maxPositions {
		clear(f.at)
	}
	f.at[room] = at
	return at, nil
}

// gone gives the position to continue from if the store has no changes since at. A position beyond the room's revision means that the
// store was restored from a backup: the follower starts at 0. Otherwise the old changes are no longer known: it continues at the
// present revision.
func (f *Follower) gone(ctx context.Context, room string, at position) (position, error) {
	r, err := f.source.RoomAccess(ctx, room, "")
	if err != nil {
		return at, fmt.Errorf("revision of %s: %w", room, err)
	}
	next := position{r.Rev, at.saved}
	if at.rev > r.Rev {
		next.rev = 0
	}
	f.log.WarnContext(ctx, "follower continues at another position", "follower", f.consumer.Name(), "room", room,
		"from", at.rev, "at", next.rev)
	return f.reached(ctx, room, next, true)
}
