package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wal"
)

const (
	shipEvery   = 400 * time.Millisecond // with the time of writing, less than a second
	anewEvery   = 24 * time.Hour         // until the next generation
	keepShipped = 7 * 24 * time.Hour     // how far back one can restore
	retryAfter  = 30 * time.Second       // a generation that could not begin
	rowAfter    = time.Minute            // longest time from when a body is stored to the commit that names it
	maxWaiting  = 64 << 20               // bytes of commits that wait for a place that fails; with more, the next generation begins

	generationFile = "generation.json"
	shippedBodies  = "files"
	generationName = "20060102T150405.000Z" // when it began
	segmentFile    = ".segment"
	bodiesFile     = ".bodies" // a JSON list of the keys that were shipped before the segment of the same number
)

// Generation is the beginning of what was shipped: a copy of the database, from which on all commits are there as segments. It is in a
// directory that is named after the moment when it began.
type Generation struct {
	Format int       `json:"canteen_shipped"` // 1
	From   time.Time `json:"from"`            // earliest moment that can be restored
	First  int       `json:"first"`           // number of segments that must be applied in any case
	Schema int       `json:"schema"`
	Sum    []byte    `json:"sum"`    // SHA-256 of the copy
	Bodies []string  `json:"bodies"` // keys of the bodies that the copy names
}

// segment is the header of a segment: a line of JSON before the changes (wal.Pages).
type segment struct {
	N      int       `json:"n"`      // from 1
	At     time.Time `json:"at"`     // it has all commits up to then
	Before []byte    `json:"before"` // Sum of the segment before; of the first, that of the copy
	Sum    []byte    `json:"sum"`    // SHA-256 of N, At, Before and the changes
}

// sum is what Sum must be.
func (s segment) sum(changes []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s %x\n", s.N, s.At.Format(time.RFC3339Nano), s.Before)
	h.Write(changes)
	return h.Sum(nil)
}

// Shipper ships each commit to a Place within about a second, with the bodies of files that it names before it. After a failure of the place
// it goes on where it was; if too much has happened meanwhile, and at each start, it begins a new Generation. It does so each day too, and
// meanwhile goes on with the one before.
type Shipper struct {
	source Source
	place  Place
	log    *slog.Logger
	every  time.Duration // between two times of shipping: shipEvery; for tests
	most   int           // maxWaiting

	mu       sync.Mutex
	tail     *wal.Tail
	now      *branch      // what is shipped to; lost before the first generation
	next     *branch      // takes the place of now when it is complete; or nil
	recent   []storedBody // bodies of the last minute, for the next generation
	upTo     time.Time    // see UpTo
	failedAt time.Time    // when it last failed
	retry    time.Time    // no generation begins before

	failing bool // the log said so
}

// ShipStatus says how shipping goes.
type ShipStatus struct {
	Waiting             int       // bodies that wait, and one for all commits
	ShippedAt, FailedAt time.Time // when it last worked and when it last failed; zero: not since the start
}

// Status says how shipping goes. It is safe for concurrent use.
func (s *Shipper) Status() ShipStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := ShipStatus{ShippedAt: s.upTo, FailedAt: s.failedAt, Waiting: len(s.now.keys)}
	if s.now.lost || !s.now.pages.Empty() || s.tail != nil && s.tail.Waits() {
		out.Waiting++
	}
	return out
}

// NewShipper makes a Shipper of a database that the caller has open. The store must call Logged, and the home of bodies Stored.
func NewShipper(s Source, p Place, log *slog.Logger) *Shipper {
	return &Shipper{source: s, place: p, log: log, every: shipEvery, most: maxWaiting, now: &branch{lost: true}}
}

// Run ships until ctx ends, and then once more what is left.
func (s *Shipper) Run(ctx context.Context) {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for {
		s.try(ctx)
		select {
		case <-ctx.Done():
			s.finish(context.WithoutCancel(ctx))
			if s.tail != nil {
				if err := s.tail.Close(); err != nil {
					s.log.Warn("the write-ahead log was not closed", "error", err)
				}
			}
			return
		case <-tick.C:
		}
	}
}

// finish ships what is left when the store is closed.
func (s *Shipper) finish(ctx context.Context) {
	last, end := context.WithTimeout(ctx, 2*time.Second)
	defer end()
	s.mu.Lock()
	lost := s.now.lost
	s.mu.Unlock()
	if lost { // the next start begins a generation
		return
	}
	if err := s.segment(last, s.now, false); err != nil {
		s.log.Error("the last changes were not shipped", "error", err)
	}
}

// try ships once. The log says when it begins to fail, and when it works again.
func (s *Shipper) try(ctx context.Context) {
	err := s.noting(ctx, s.Ship)
	switch {
	case err != nil && ctx.Err() == nil && !s.failing:
		s.failing = true
		s.log.Error("changes are not shipped", "error", err)
	case err == nil && s.failing:
		s.failing = false
		s.log.Info("changes are shipped again")
	}
}

// noting takes note of when shipping worked or failed.
func (s *Shipper) noting(ctx context.Context, ship func(context.Context) error) error {
	at := s.source.Clock.Time()
	err := ship(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil && ctx.Err() == nil:
		s.failedAt = at
	case err == nil && at.After(s.upTo): // and not before what was shipped while a generation began
		s.upTo = at
	}
	return err
}

// UpTo is the moment up to which everything that was committed has been shipped; zero before the first generation.
func (s *Shipper) UpTo() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.upTo
}

// Ship ships what has been committed.
func (s *Shipper) Ship(ctx context.Context) error {
	now := s.source.Clock.Time()
	s.mu.Lock()
	lost, wait := s.now.lost, now.Before(s.retry)
	s.mu.Unlock()
	switch {
	case !lost && (wait || now.Sub(s.now.began) < anewEvery):
		return s.segment(ctx, s.now, false)
	case wait:
		return errWaits
	}
	forgotten := s.forget(ctx, now) // first: a full place gets room
	err := s.renew(ctx, lost)
	if err != nil {
		s.mu.Lock()
		s.retry = now.Add(retryAfter)
		s.mu.Unlock()
	}
	return errors.Join(forgotten, err)
}

// renew begins a generation. Until it is complete, it ships to the one before, unless that is lost.
func (s *Shipper) renew(ctx context.Context, lost bool) error {
	begun := make(chan error, 1)
	next := &branch{}
	go func() { begun <- s.begin(ctx, next) }()
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for {
		select {
		case err := <-begun:
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.next = nil; err == nil {
				s.now = next
			}
			return err
		case <-tick.C:
			if !lost {
				_ = s.noting(ctx, func(ctx context.Context) error { return s.segment(ctx, s.now, false) }) // what fails waits
			}
		}
	}
}

var (
	errWaits   = errors.New("the place of shipped changes did not work a moment ago")
	errTooMuch = errors.New("more was changed than is kept in memory while the place was written")
)

// segment ships the bodies that were stored, then the commits that were read, as one segment. Without commits there is none, unless it
// must be.
func (s *Shipper) segment(ctx context.Context, b *branch, must bool) error {
	s.mu.Lock()
	s.load()
	if b.lost { // since it began
		s.mu.Unlock()
		return errTooMuch
	}
	pages, at, keys := b.pages, s.source.Clock.Time(), b.keys
	b.pages, b.keys = wal.Pages{}, nil
	s.mu.Unlock()
	err := s.bodies(ctx, keys)
	if err == nil && len(keys) > 0 {
		err = putJSON(ctx, s.place, b.file(bodiesFile), keys)
		must = true // so that no other list takes its name
	}
	if err == nil && (!pages.Empty() || must) {
		err = s.putSegment(ctx, b, at, pages.Encode())
	}
	if err != nil { // for the next time
		s.mu.Lock()
		pages.Before(b.pages)
		b.pages, b.keys = pages, append(keys, b.keys...)
		s.mu.Unlock()
	}
	return err
}

func (s *Shipper) putSegment(ctx context.Context, b *branch, at time.Time, changes []byte) error {
	h := segment{N: b.n + 1, At: at, Before: b.last}
	h.Sum = h.sum(changes)
	head, err := json.Marshal(h)
	if err != nil {
		return err
	}
	r := io.MultiReader(bytes.NewReader(append(head, '\n')), bytes.NewReader(changes))
	if err := s.place.Put(ctx, b.file(segmentFile), r); err != nil {
		return err
	}
	b.n, b.last = h.N, h.Sum
	return nil
}

// bodies ships bodies. Those that were deleted meanwhile are in no later commit, except as deleted.
func (s *Shipper) bodies(ctx context.Context, keys []string) error {
	for _, key := range keys {
		body, err := s.source.Bodies.Open(ctx, key)
		if chat.ErrorCode(err) == chat.NotFound {
			continue
		} else if err != nil {
			return err
		}
		if err := errors.Join(s.place.Put(ctx, shippedBodies+"/"+key, body), body.Close()); err != nil {
			return err
		}
	}
	return nil
}

// begin begins a generation. Nobody restores it before its last step.
func (s *Shipper) begin(ctx context.Context, b *branch) (err error) {
	release := s.source.Bodies.Hold()
	defer func() { err = errors.Join(err, release()) }()
	s.mu.Lock()
	b.keys = slices.Clone(s.now.keys)
	s.prune()
	for _, body := range s.recent { // the copy may not name it yet
		if !slices.Contains(b.keys, body.key) {
			b.keys = append(b.keys, body.key)
		}
	}
	s.next = b // from here on it gets pages too; some are in the copy already, which does no harm
	s.mu.Unlock()
	copied, contents, err := s.source.copy(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	g := Generation{Format: 1, Schema: contents.Schema, First: 1, Bodies: []string{}}
	began := s.source.Clock.Time()
	b.name, b.began = began.Format(generationName), began
	sum := sha256.New()
	if _, err := copied.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := s.place.Put(ctx, b.name+"/"+databaseFile, io.TeeReader(copied, sum)); err != nil {
		return err
	}
	g.Sum = sum.Sum(nil)
	b.last = g.Sum
	if err := s.missingBodies(ctx, contents, &g); err != nil {
		return err
	}
	if err := s.segment(ctx, b, true); err != nil { // with what was committed while the copy was made
		return err
	}
	g.From = s.source.Clock.Time()
	return putJSON(ctx, s.place, b.name+"/"+generationFile, g)
}

func putJSON(ctx context.Context, p Place, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.Put(ctx, name, bytes.NewReader(b))
}

// missingBodies ships the bodies that a copy names and the place does not have.
func (s *Shipper) missingBodies(ctx context.Context, c sqlite.Contents, g *Generation) error {
	there, err := s.place.List(ctx, shippedBodies)
	if err != nil {
		return err
	}
	var missing []string
	for _, b := range neededBodies(c) {
		g.Bodies = append(g.Bodies, b.key)
		if _, found := slices.BinarySearch(there, b.key); !found {
			missing = append(missing, b.key)
		}
	}
	return s.bodies(ctx, missing)
}

// forget deletes generations from which on nobody needs to restore any more, those that were interrupted, and bodies that none of the others
// needs. It leaves what others have put there.
func (s *Shipper) forget(ctx context.Context, now time.Time) error {
	all, err := generations(ctx, s.place)
	if err != nil {
		return err
	}
	for len(all) > 1 && now.Sub(all[1].From) > keepShipped {
		all = all[1:]
	}
	kept, used := map[string]bool{}, map[string]bool{}
	for _, g := range all {
		kept[g.name] = true
		if err := g.uses(ctx, s.place, used); err != nil {
			return err
		}
	}
	dirs, err := s.place.List(ctx, "")
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if !kept[dir] && isGeneration(dir) {
			err = errors.Join(err, s.delete(ctx, dir))
		}
	}
	keys, lerr := s.place.List(ctx, shippedBodies)
	for _, key := range keys {
		if !used[key] && files.IsKey(key) {
			err = errors.Join(err, s.place.Delete(ctx, shippedBodies+"/"+key))
		}
	}
	return errors.Join(err, lerr)
}

// delete deletes a generation, first the file that makes it one: if the process ends meanwhile, nobody takes the rest for a whole one.
func (s *Shipper) delete(ctx context.Context, generation string) error {
	if err := s.place.Delete(ctx, generation+"/"+generationFile); err != nil {
		return err
	}
	return s.place.Delete(ctx, generation)
}

// uses adds the keys of the bodies that may be needed to restore a generation at any moment.
func (g named) uses(ctx context.Context, p Place, used map[string]bool) error {
	lists, err := p.List(ctx, g.name)
	if err != nil {
		return err
	}
	keys := g.Bodies
	for _, name := range lists {
		if strings.HasSuffix(name, bodiesFile) {
			var more []string
			if err := readJSON(ctx, p, g.name+"/"+name, &more); err != nil {
				return damaged("%s/%s: %w", g.name, name, err)
			}
			keys = append(keys, more...)
		}
	}
	for _, key := range keys {
		used[key] = true
	}
	return nil
}
