package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

func viewFile(r chat.FileRow) chat.FileRow {
	r.Thumbs, r.Waveform = slices.Clone(r.Thumbs), slices.Clone(r.Waveform)
	return r
}

// AddFile implements chat.FileStore.
func (s *Store) AddFile(ctx context.Context, c chat.AddFile) error {
	return do(ctx, s, c.Facts, func() error {
		s.files[c.Row.ID] = viewFile(c.Row)
		return nil
	})
}

// Files implements chat.FileStore.
func (s *Store) Files(ctx context.Context, ids []string) ([]chat.FileRow, error) {
	return read(ctx, s, func() (out []chat.FileRow, err error) {
		for _, id := range ids {
			if r, ok := s.files[id]; ok {
				out = append(out, viewFile(r))
			}
		}
		return out, nil
	})
}

// FinishFile implements chat.FileStore.
func (s *Store) FinishFile(ctx context.Context, c chat.FinishFile) (chat.FileRow, error) {
	return command(ctx, s, c.Facts, func() (chat.FileRow, error) {
		r, ok := s.files[c.File.ID]
		switch {
		case !ok || r.State == chat.FileDead:
			return chat.FileRow{}, chat.ErrNotFound()
		case r.State == chat.FileOpen:
			r.File, r.State, r.Due = c.File, chat.FileReady, c.Due
			s.files[r.ID] = viewFile(r)
		}
		return viewFile(r), nil
	})
}

// EndFile implements chat.FileStore.
func (s *Store) EndFile(ctx context.Context, id string, at time.Time) error {
	return do(ctx, s, chat.Facts{}, func() error {
		r, ok := s.files[id]
		switch {
		case !ok || r.State == chat.FileDead:
			return nil
		case r.State == chat.FileAttached:
			return chat.ErrStale
		}
		r.State, r.Due = chat.FileDead, at
		s.files[id] = r
		return nil
	})
}

// DueFiles implements chat.FileStore.
func (s *Store) DueFiles(ctx context.Context, now time.Time, limit int) ([]chat.FileRow, error) {
	return read(ctx, s, func() (out []chat.FileRow, err error) {
		for _, r := range s.files {
			if !r.Due.IsZero() && !r.Due.After(now) {
				out = append(out, viewFile(r))
			}
		}
		slices.SortFunc(out, func(a, b chat.FileRow) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
		return out[:min(len(out), limit)], nil
	})
}

// RemoveFile implements chat.FileStore.
func (s *Store) RemoveFile(ctx context.Context, id string) error {
	return do(ctx, s, chat.Facts{}, func() error {
		if s.files[id].State == chat.FileDead {
			delete(s.files, id)
		}
		return nil
	})
}

// RoomFiles implements chat.FileStore.
func (s *Store) RoomFiles(ctx context.Context, room string, kind chat.FileKind, before int64, limit int) ([]chat.FileRow, error) {
	return read(ctx, s, func() (out []chat.FileRow, err error) {
		r := s.rooms[room]
		if r == nil {
			return nil, nil
		}
		for _, m := range slices.Backward(r.messages) {
			for _, f := range m.FileRows() {
				if m.Seq < before && f.Kind != chat.PageFile && (kind == "" || f.Kind == kind) {
					out = append(out, viewFile(f))
				}
			}
		}
		return out[:min(len(out), limit)], nil
	})
}

// attachable says whether all files of a post are ready and its author's.
func (s *Store) attachable(c chat.PostMessage) bool {
	return s.areReady(chat.Message{Author: c.Author, Parts: c.Parts}.FileRows())
}

func (s *Store) areReady(rows []chat.FileRow) bool {
	return !slices.ContainsFunc(rows, func(r chat.FileRow) bool {
		was := s.files[r.ID]
		return was.State != chat.FileReady || was.Owner != r.Owner
	})
}

// attach stores which message the files of m belong to.
func (s *Store) attach(m chat.Message) {
	s.attachRows(m.FileRows())
}

func (s *Store) attachRows(rows []chat.FileRow) {
	for _, r := range rows {
		if was, ok := s.files[r.ID]; ok {
			r.At, r.Home = was.At, was.Home
		}
		s.files[r.ID] = viewFile(r)
	}
}

// endFiles makes the files of a message dead.
func (s *Store) endFiles(m chat.Message, at time.Time) {
	s.endRows(m.FileRows(), at)
}

func (s *Store) endRows(rows []chat.FileRow, at time.Time) {
	for _, f := range rows {
		r := s.files[f.ID]
		r.State, r.Due = chat.FileDead, at
		s.files[f.ID] = r
	}
}
