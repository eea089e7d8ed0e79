// Package follow brings consumers of the commit feed up to what was committed: search, attention, outgoing hooks, and today the
// emoji that people use often.
//
// A store acknowledges, then announces; an announcement may be lost, repeated or come in another order. So a follower takes an
// announcement only as a hint that a room changed. It keeps, for each room, the revision up to which its consumer has worked, and
// catches up from there by the store's changes, as a client does. Its guarantees:
//
//   - The consumer is given the present state of every message that changed after its position, at least once, in the order of
//     revisions, each page before the next.
//   - A position is kept after the consumer returned nil, never before. After a crash the last pages may be given again, so a
//     consumer writes upserts whose keys follow from the message: doing it twice does no harm.
//   - Nobody who posts waits for a follower.
//
// On one machine a goroutine runs a follower ([Follower.Run]). On AWS the function that reads the stream calls [Follower.CatchUp].
//
// Another consumer implements [Consumer] and brings its own storage: search upserts the tokens of each message under (room, seq);
// attention upserts rows under (user, room, seq), whose read state follows from pointers; an outgoing hook upserts a delivery under
// (hook, room, rev).
//
// The package imports chat alone.
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
	pageSize  = 200                    // messages a consumer is given at once
	saveEvery = 64                     // revisions that a position in storage may lag behind while the consumer had nothing to write
	gather    = 300 * time.Millisecond // how long announcements are gathered before the rooms they name are caught up with
	longest   = 30 * time.Second       // between two attempts while the storage fails
)

// Consumer works on what changed in rooms.
type Consumer interface {
	// Name tells the consumer's positions from those of others. It is never changed.
	Name() string
	// Apply works on messages of a room in their present state, tombstones included, by revision. It may be given the same again. wrote
	// is false when there was nothing to write.
	Apply(ctx context.Context, room string, ms []chat.Message) (wrote bool, err error)
}

// Source is what a follower reads of a store.
type Source interface {
	// RoomAccess is the room, for its revision; NotFound when it is gone.
	RoomAccess(ctx context.Context, room, user string) (chat.RoomAccess, error)
	Changes(ctx context.Context, room string, since int64, limit int, viewer string) (chat.Changes, error)
}

// Positions keeps up to which revision a follower has worked in a room.
type Positions interface {
	// Position is 0 for a room that the follower has not worked in.
	Position(ctx context.Context, follower, room string) (int64, error)
	SavePosition(ctx context.Context, follower, room string, rev int64) error
}

// Follower brings one consumer up to date. It is safe for concurrent use; it works on one room at a time.
type Follower struct {
	consumer  Consumer
	source    Source
	positions Positions
	log       *slog.Logger

	working sync.Mutex
	at      map[string]position // of rooms that it has worked in; under working

	mu    sync.Mutex
	rooms map[string]bool // that have changed
	wake  chan struct{}
}

type position struct{ rev, saved int64 }

// maxPositions is how many positions are held in memory; the others are read from the storage.
const maxPositions = 10_000

// New makes a Follower.
func New(c Consumer, s Source, p Positions, log *slog.Logger) *Follower {
	return &Follower{
		consumer: c, source: s, positions: p, log: log,
		at: map[string]position{}, rooms: map[string]bool{}, wake: make(chan struct{}, 1),
	}
}

// RoomOf is the room in which an event is a change of a message, "" for other events.
func RoomOf(e chat.Event) string {
	switch e := e.(type) {
	case chat.MessageChanged:
		return e.Message.Room
	case chat.ReactionChanged:
		return e.Room
	}
	return ""
}

// Heard notes which rooms changed. It never blocks.
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

// Run catches up with the rooms given, which changed while nobody followed, and then with each that changes, until ctx ends. It waits
// a moment after the first announcement, so that a busy room costs a few commits a second and not one for each post.
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

// round catches up with all rooms that changed, and gives those where it failed.
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

// CatchUp brings the consumer up to the room's present revision. A room that is gone is no error.
func (f *Follower) CatchUp(ctx context.Context, room string) error {
	f.working.Lock()
	defer f.working.Unlock()
	at, err := f.position(ctx, room)
	if err != nil {
		return err
	}
	for {
		c, err := f.source.Changes(ctx, room, at.rev, pageSize, "")
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

// position is where the consumer is in a room.
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

// reached keeps a position: in memory always, in the storage when the consumer wrote something or the storage lags far behind.
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

// gone is where to go on when the store cannot answer: from the beginning when the position is beyond the room's revision, which means
// that the store was restored from a backup; else from the present, since what changed before is no longer known.
func (f *Follower) gone(ctx context.Context, room string, at position) (position, error) {
	r, err := f.source.RoomAccess(ctx, room, "")
	if err != nil {
		return at, fmt.Errorf("revision of %s: %w", room, err)
	}
	next := position{r.Rev, at.saved}
	if at.rev > r.Rev {
		next.rev = 0
	}
	f.log.WarnContext(ctx, "follower starts anew", "follower", f.consumer.Name(), "room", room, "from", at.rev, "at", next.rev)
	return f.reached(ctx, room, next, true)
}
