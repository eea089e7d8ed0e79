package files_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// shelf is a home of bodies that only has names.
type shelf struct {
	files.Bodies
	at map[string]time.Time
}

func (s *shelf) Abort(_ context.Context, u files.Upload) error {
	delete(s.at, u.ID+".upload")
	return nil
}

func (s *shelf) Delete(_ context.Context, keys ...string) error {
	for _, k := range keys {
		delete(s.at, k)
	}
	return nil
}

func (s *shelf) List(_ context.Context, after string, limit int) (out []files.Stored, err error) {
	for k, at := range s.at {
		if k > after {
			out = append(out, files.Stored{Key: k, At: at})
		}
	}
	slices.SortFunc(out, func(a, b files.Stored) int { return bytes.Compare([]byte(a.Key), []byte(b.Key)) })
	return out[:min(limit, len(out))], nil
}

func (s *shelf) keys() (out []string) {
	for k := range s.at {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// rows is a store of files that are due, in which the file with the id taken is attached just before it ends.
type rows struct {
	chat.FileStore
	all   map[string]chat.FileRow
	taken string
}

func (r *rows) DueFiles(_ context.Context, now time.Time, limit int) (out []chat.FileRow, err error) {
	for _, f := range r.all {
		if !f.Due.IsZero() && !f.Due.After(now) {
			out = append(out, f)
		}
	}
	return out[:min(limit, len(out))], nil
}

func (r *rows) EndFile(_ context.Context, id string, at time.Time) error {
	f := r.all[id]
	if id == r.taken {
		f.State, f.Due = chat.FileAttached, time.Time{}
		r.all[id] = f
		return chat.ErrStale
	}
	f.State, f.Due = chat.FileDead, at
	r.all[id] = f
	return nil
}

func (r *rows) RemoveFile(_ context.Context, id string) error {
	delete(r.all, id)
	return nil
}

func (r *rows) Files(_ context.Context, ids []string) (out []chat.FileRow, err error) {
	for _, id := range ids {
		if f, ok := r.all[id]; ok {
			out = append(out, f)
		}
	}
	return out, nil
}

var now = time.Date(2026, 11, 24, 9, 41, 0, 0, time.UTC)

const (
	open, ready, dead, attached, raced = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd", "eeeeeeeeeeee"
	orphan, young                      = "ffffffffffff", "gggggggggggg"
)

func world() (*shelf, *rows, *files.Sweeper) {
	old := now.Add(-48 * time.Hour)
	s := &shelf{at: map[string]time.Time{
		open + ".upload": old, ready: old, ready + ".360": old, dead: old, dead + ".960": old, attached: old, attached + ".360": old,
		raced:  old,
		orphan: old, orphan + ".360": old, young: now.Add(-time.Hour), "e." + orphan: old, orphan + ".replacing": old,
		"p." + orphan: old, "p." + young: now.Add(-time.Hour),
	}}
	r := &rows{all: map[string]chat.FileRow{}, taken: raced}
	for id, state := range map[string]chat.FileState{
		open: chat.FileOpen, ready: chat.FileReady, dead: chat.FileDead, attached: chat.FileAttached, raced: chat.FileReady,
	} {
		f := chat.FileRow{File: chat.File{ID: id, Size: 1}, State: state, Due: now.Add(-time.Second)}
		if state == chat.FileAttached {
			f.Due = time.Time{}
		}
		r.all[id] = f
	}
	return s, r, &files.Sweeper{Store: r, Bodies: s, Clock: func() time.Time { return now }}
}

// TestSweep: bodies of what is over go, then their rows; what was attached meanwhile stays whole.
func TestSweep(t *testing.T) {
	s, r, sweeper := world()
	n, err := sweeper.Run(t.Context())
	if err != nil || n < 3 {
		t.Fatalf("%d ended (%v)", n, err)
	}
	want := []string{
		attached, attached + ".360", "e." + orphan, "p." + orphan, "p." + young, raced,
		orphan, orphan + ".360", orphan + ".replacing", young,
	}
	slices.Sort(want)
	if got := s.keys(); !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
	if len(r.all) != 2 || r.all[raced].State != chat.FileAttached {
		t.Errorf("rows: %v", r.all)
	}
}

// TestOrphans: bodies without a row go when they are old or, at the start of the only process, at once. Pictures of web pages go when they
// are old. Emoji stay.
func TestOrphans(t *testing.T) {
	for _, all := range []bool{false, true} {
		s, _, sweeper := world()
		before := len(s.at)
		n, err := sweeper.Orphans(t.Context(), all)
		want := 4
		if all {
			want = 5
		}
		if _, kept := s.at["e."+orphan]; err != nil || n != want || len(s.at) != before-want || !kept {
			t.Errorf("all %v: %d orphans, want %d; left %v (%v)", all, n, want, s.keys(), err)
		}
		if _, old := s.at["p."+orphan]; old {
			t.Errorf("all %v: a picture of a page is kept for ever", all)
		}
		if _, fresh := s.at["p."+young]; !fresh {
			t.Errorf("all %v: a picture of a page is gone while its preview is kept", all)
		}
		if _, there := s.at[young]; there == all {
			t.Errorf("all %v: a young one is there: %v", all, there)
		}
	}
}

// TestKeys: what can be the key of a body, and whose it is.
func TestKeys(t *testing.T) {
	for key, id := range map[string]string{
		open: open, open + ".360": open, "e." + open: "", "": "", open + ".": "", open + ".upload": "", "../" + open: "", "ee." + open: "",
	} {
		is := files.IsKey(key)
		got, of := files.IDOf(key)
		if is != (id != "" || key == "e."+open) {
			t.Errorf("%q is a key: %v", key, is)
		}
		if is && of != (id != "") || is && of && got != id {
			t.Errorf("%q belongs to %q, %v", key, got, of)
		}
	}
}
