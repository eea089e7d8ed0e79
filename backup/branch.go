package backup

import (
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/wal"
)

// branch is a generation that is shipped to, with what waits for it. The Shipper's lock guards pages, keys and lost; one goroutine uses the
// rest.
type branch struct {
	pages wal.Pages // committed and not shipped
	keys  []string  // bodies that were stored and not shipped
	lost  bool      // pages is not complete: another generation must begin

	name  string
	began time.Time
	n     int // last segment
	last  []byte
}

// storedBody is a body that was stored.
type storedBody struct {
	key string
	at  time.Time
}

// file is the name of a file of the next segment.
func (b *branch) file(suffix string) string { return fmt.Sprintf("%s/%09d%s", b.name, b.n+1, suffix) }

// Logged is called by the writer of the store after each batch, before it acknowledges the commands. Nothing is shipped from then until the
// writer has called read, which it does after the acknowledgement. So nobody waits for the reading, and what is shipped after an
// acknowledgement has that commit.
func (s *Shipper) Logged(at wal.Moment) (read func()) {
	s.mu.Lock()
	return func() {
		defer s.mu.Unlock()
		var err error
		if s.tail == nil {
			s.tail, err = wal.OpenTail(s.source.Database)
		}
		s.take(func(p *wal.Pages) error {
			if err != nil {
				return err
			}
			return s.tail.Read(p, at)
		})
	}
}

// load reads the pages of the commits so far.
func (s *Shipper) load() {
	if s.tail != nil && s.tail.Waits() {
		s.take(s.tail.Load)
	}
}

// take adds pages to each branch. If they cannot be read, the branches are lost.
func (s *Shipper) take(read func(*wal.Pages) error) {
	alone := s.next == nil && !s.now.lost
	var both wal.Pages // the branches share its pages: they are written to only while there is one branch
	to := &both
	if alone {
		to = &s.now.pages
	}
	err := read(to)
	if err != nil {
		s.log.Error("the write-ahead log was not read", "error", err)
		s.retry = s.source.Clock.Time().Add(retryAfter) // or each commit would begin a generation
	}
	if err != nil && s.tail != nil {
		_ = s.tail.Close() // it was only read
		s.tail = nil
	}
	for _, b := range []*branch{s.now, s.next} {
		if b == nil || b.lost {
			continue
		}
		if !alone {
			b.pages.Before(both)
		}
		if err != nil || b.pages.Bytes() > s.most {
			b.lost, b.pages = true, wal.Pages{}
		}
	}
}

// Stored takes note of a body that must be shipped.
func (s *Shipper) Stored(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prune()
	s.recent = append(s.recent, storedBody{key, s.source.Clock.Time()})
	s.now.keys = append(s.now.keys, key)
	if s.next != nil {
		s.next.keys = append(s.next.keys, key)
	}
}

// prune forgets bodies that commits have named long since.
func (s *Shipper) prune() {
	now := s.source.Clock.Time()
	s.recent = slices.DeleteFunc(s.recent, func(b storedBody) bool { return now.Sub(b.at) > rowAfter })
}
