package files

import (
	"context"
	"errors"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Sweeper deletes what is over: the bodies of deleted messages, uploads that were given up, and bodies without a row.
type Sweeper struct {
	Store  chat.FileStore
	Bodies Bodies
	Clock  chat.Clock
}

const (
	sweepAtOnce = 100
	orphanAge   = 24 * time.Hour // of a body without a row, whose upload may just have begun
)

// Run deletes the files that are due, their bodies first. It returns how many. What fails is due again at the next run.
func (s *Sweeper) Run(ctx context.Context) (int, error) {
	deleted := 0
	for {
		due, err := s.Store.DueFiles(ctx, s.Clock.Time(), sweepAtOnce)
		if err != nil || len(due) == 0 {
			return deleted, err
		}
		var failed []error
		for _, r := range due {
			if err := s.end(ctx, r); err != nil {
				failed = append(failed, err)
			} else {
				deleted++
			}
		}
		if len(failed) > 0 || len(due) < sweepAtOnce {
			return deleted, errors.Join(failed...)
		}
	}
}

// end deletes one file. One that was attached meanwhile stays.
func (s *Sweeper) end(ctx context.Context, r chat.FileRow) error {
	if r.State != chat.FileDead {
		if err := s.Store.EndFile(ctx, r.ID, s.Clock.Time()); errors.Is(err, chat.ErrStale) {
			return nil
		} else if err != nil {
			return err
		}
	}
	if err := s.Bodies.Abort(ctx, uploadOf(r)); err != nil {
		return err
	}
	keys := []string{r.ID}
	for _, size := range []int{360, 960} {
		keys = append(keys, ThumbKey(r.ID, size))
	}
	if err := s.Bodies.Delete(ctx, keys...); err != nil {
		return err
	}
	return s.Store.RemoveFile(ctx, r.ID)
}

// Orphans deletes bodies of files that have no row, and are older than a day or, with all, of any age. It returns how many. Of bodies that
// belong to no file, pictures of web pages end after a day; others, such as custom emoji, stay. Only a process that has just started and is
// the only one may pass all.
func (s *Sweeper) Orphans(ctx context.Context, all bool) (int, error) {
	deleted := 0
	for after := ""; ; {
		page, err := s.Bodies.List(ctx, after, sweepAtOnce)
		if err != nil || len(page) == 0 {
			return deleted, err
		}
		after = page[len(page)-1].Key
		orphans, err := s.orphansOf(ctx, page, all)
		if err != nil {
			return deleted, err
		}
		if err := s.Bodies.Delete(ctx, orphans...); err != nil {
			return deleted, err
		}
		deleted += len(orphans)
	}
}

// orphansOf are the keys among these whose files have no row.
func (s *Sweeper) orphansOf(ctx context.Context, page []Stored, all bool) (orphans []string, err error) {
	var ids []string
	for _, b := range page {
		if id, ok := IDOf(b.Key); ok && (len(ids) == 0 || ids[len(ids)-1] != id) { // sorted
			ids = append(ids, id)
		}
	}
	rows, err := s.Store.Files(ctx, ids)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r.ID] = true
	}
	for _, b := range page {
		old := s.Clock.Time().Sub(b.At) > orphanAge
		if id, ok := IDOf(b.Key); ok && !known[id] && (all || old) || old && isPagePicture(b.Key) {
			orphans = append(orphans, b.Key)
		}
	}
	return orphans, nil
}
