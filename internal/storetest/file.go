package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// files checks chat.FileStore: the states of a file, what posts and deletions do with it, which are due, and that one message gets it.
func files(t *testing.T, open Open) {
	s, h := furnished(t, open)
	fs, ok := s.Store.(chat.FileStore)
	if !ok {
		t.Fatalf("%T keeps no files", s.Store)
	}
	w := &fileWalk{t: t, ctx: context.Background(), s: s.Store, fs: fs}
	w.states()
	w.due()
	w.attached()
	w.race()
	for _, a := range h.take() {
		switch a.Event.(type) {
		case chat.MessageChanged, chat.ReadMoved:
		default:
			t.Errorf("%T was announced", a.Event)
		}
	}
}

type fileWalk struct {
	t     *testing.T
	ctx   context.Context
	s     chat.Store
	fs    chat.FileStore
	posts int
}

func upload(id, owner string, due time.Time) chat.FileRow {
	return chat.FileRow{
		File:  chat.File{ID: id, Name: "soup.png", Type: "image/png", Size: 7, Kind: chat.OtherFile},
		State: chat.FileOpen, Owner: owner, Home: "home", At: began, Due: due,
	}
}

func image(id string) chat.File {
	return chat.File{
		ID: id, Name: "soup.png", Type: "image/png", Size: 1 << 40, Kind: chat.ImageFile, Width: 640, Height: 480, Color: "#808080",
		Thumbs: []int{360}, Waveform: []byte{0, 255}, SHA256: "00",
	}
}

func (w *fileWalk) add(id, owner string, due time.Time) chat.FileRow {
	w.t.Helper()
	r := upload(id, owner, due)
	if err := w.fs.AddFile(w.ctx, chat.AddFile{Row: r}); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *fileWalk) ready(id, owner string) chat.FileRow {
	w.t.Helper()
	w.add(id, owner, began.Add(time.Hour))
	r, err := w.fs.FinishFile(w.ctx, chat.FinishFile{File: image(id), Due: began.Add(2 * time.Hour)})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// row fails unless the row of id is want; the zero row is none.
func (w *fileWalk) row(what, id string, want chat.FileRow) {
	w.t.Helper()
	rows, err := w.fs.Files(w.ctx, []string{id})
	if err != nil {
		w.t.Fatal(err)
	}
	got := chat.FileRow{}
	if len(rows) > 0 {
		got = rows[0]
	}
	if g, wanted := fmt.Sprintf("%+v", plain(got)), fmt.Sprintf("%+v", plain(want)); g != wanted {
		w.t.Errorf("%s:\n got %s\nwant %s", what, g, wanted)
	}
}

func (w *fileWalk) is(what string, err, want error) {
	w.t.Helper()
	if outcome(nil, err) != outcome(nil, want) {
		w.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// states: open, ready, dead, gone.
func (w *fileWalk) states() {
	w.row("before", "fa", chat.FileRow{})
	r := w.add("fa", "umira", began.Add(time.Hour))
	w.row("open", "fa", r)
	w.is("remove an open one", w.fs.RemoveFile(w.ctx, "fa"), nil)
	w.row("open", "fa", r)

	wrong := chat.Facts{User: &chat.UserFact{ID: "umira", Role: chat.Guest, Epoch: 1}}
	w.is("add, as somebody else", w.fs.AddFile(w.ctx, chat.AddFile{Facts: wrong, Row: upload("fz", "umira", began)}), chat.ErrStale)
	w.row("not added", "fz", chat.FileRow{})
	_, err := w.fs.FinishFile(w.ctx, chat.FinishFile{Facts: wrong, File: image("fa"), Due: began})
	w.is("finish, as somebody else", err, chat.ErrStale)
	w.row("not finished", "fa", r)

	r.File, r.State, r.Due = image("fa"), chat.FileReady, began.Add(2*time.Hour)
	for range 2 { // the second time with other values, which change nothing
		got, err := w.fs.FinishFile(w.ctx, chat.FinishFile{File: r.File, Due: r.Due})
		w.is("finish", err, nil)
		if fmt.Sprintf("%+v", plain(got)) != fmt.Sprintf("%+v", plain(r)) {
			w.t.Errorf("finish gives %+v, want %+v", got, r)
		}
		w.row("ready", "fa", r)
	}
	other := image("fa")
	other.Name = "other"
	got, err := w.fs.FinishFile(w.ctx, chat.FinishFile{File: other, Due: began})
	if w.is("finish again", err, nil); got.Name != r.Name {
		w.t.Errorf("finished again: %+v", got)
	}
	w.is("end", w.fs.EndFile(w.ctx, "fa", began.Add(time.Second)), nil)
	r.State, r.Due = chat.FileDead, began.Add(time.Second)
	w.is("end again", w.fs.EndFile(w.ctx, "fa", began.Add(time.Minute)), nil)
	w.row("dead", "fa", r)
	_, err = w.fs.FinishFile(w.ctx, chat.FinishFile{File: image("fa"), Due: began})
	w.is("finish a dead one", err, chat.ErrNotFound())
	for range 2 {
		w.is("remove", w.fs.RemoveFile(w.ctx, "fa"), nil)
		w.row("removed", "fa", chat.FileRow{})
	}
	w.is("end none", w.fs.EndFile(w.ctx, "fa", began), nil)
	_, err = w.fs.FinishFile(w.ctx, chat.FinishFile{File: image("fa"), Due: began})
	w.is("finish none", err, chat.ErrNotFound())
	w.row("still gone", "fa", chat.FileRow{})
}

func (w *fileWalk) areDue(at time.Time, limit int, want ...string) {
	w.t.Helper()
	rows, err := w.fs.DueFiles(w.ctx, at, limit)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	if fmt.Sprint(ids) != fmt.Sprint(want) {
		w.t.Errorf("due at %s: %v, want %v", at.Sub(began), ids, want)
	}
}

func (w *fileWalk) due() {
	w.ready("fk", "umira") // was due in 1 h, is in 2 h
	w.areDue(began.Add(2*time.Hour), 1, "fk")
	w.is("end", w.fs.EndFile(w.ctx, "fk", began), nil)
	w.is("remove", w.fs.RemoveFile(w.ctx, "fk"), nil)

	w.areDue(began.Add(time.Hour), 10)
	w.add("fb", "umira", began.Add(time.Minute))
	w.add("fc", "umira", began.Add(time.Second))
	w.ready("fd", "umira") // due in 2 h
	w.areDue(began, 10)
	w.areDue(began.Add(time.Second), 10, "fc")
	w.areDue(began.Add(time.Hour), 10, "fc", "fb")
	w.areDue(began.Add(time.Hour), 1, "fc")
	w.areDue(began.Add(2*time.Hour), 10, "fc", "fb", "fd")
	w.is("end", w.fs.EndFile(w.ctx, "fd", began.Add(time.Millisecond)), nil)
	w.areDue(began.Add(time.Hour), 10, "fd", "fc", "fb")
	for _, id := range []string{"fb", "fc", "fd"} {
		w.is("end", w.fs.EndFile(w.ctx, id, began), nil)
		w.is("remove", w.fs.RemoveFile(w.ctx, id), nil)
	}
	w.areDue(began.Add(3*time.Hour), 10)
}

func (w *fileWalk) post(author string, files ...chat.File) (chat.Message, error) {
	w.posts++
	m, _, err := w.s.PostMessage(w.ctx, chat.PostMessage{
		Room: general, Author: author, ClientID: fmt.Sprint("file", w.posts), At: began.Add(time.Second), Parts: chat.Parts{Files: files},
	})
	return m, err
}

// attached: only what is ready and one's own becomes part of a message, all of it or nothing, and of one message.
func (w *fileWalk) attached() {
	ready := []chat.FileRow{w.ready("fe", "umira"), w.ready("ff", "umira")}
	w.ready("fg", "ujonas")
	w.add("fh", "umira", began.Add(time.Hour))
	w.ready("fi", "umira")
	w.is("end", w.fs.EndFile(w.ctx, "fi", began), nil)
	for what, id := range map[string]string{"another's": "fg", "one that is open": "fh", "a dead one": "fi", "none": "fj"} {
		_, err := w.post("umira", image("fe"), image(id))
		w.is("post "+what, err, chat.ErrStale)
		w.row("after that", "fe", ready[0])
	}
	m, err := w.post("umira", image("ff"), image("fe"))
	if err != nil || len(m.Files) != 2 || m.Files[0].ID != "ff" {
		w.t.Fatalf("post: %+v (%v)", m, err)
	}
	for i, id := range []string{"fe", "ff"} {
		r := ready[i]
		r.State, r.Due, r.Room, r.Seq = chat.FileAttached, time.Time{}, general, m.Seq
		w.row("attached", id, r)
		w.is("end an attached one", w.fs.EndFile(w.ctx, id, began), chat.ErrStale)
		w.is("remove an attached one", w.fs.RemoveFile(w.ctx, id), nil)
		w.row("attached still", id, r)
	}
	_, err = w.post("umira", image("fe"))
	w.is("post one twice", err, chat.ErrStale)
	w.areDue(began.Add(24*time.Hour), 10, "fi", "fh", "fg")
	w.pages(m)

	w.is("delete", w.s.DeleteMessage(w.ctx, chat.DeleteMessage{Room: general, Seq: m.Seq, At: began.Add(time.Minute)}), nil)
	w.areDue(began.Add(30*time.Minute), 10, "fi", "fe", "ff")
	w.room("after the deletion", "", 100, 10, "fg")
	r := ready[0]
	r.State, r.Due, r.Room, r.Seq = chat.FileDead, began.Add(time.Minute), general, m.Seq
	w.row("after the deletion", "fe", r)

	w.ready("fl", "umira")
	if last, err := w.post("umira", image("fl")); err != nil {
		w.t.Fatal(err)
	} else {
		w.is("delete", w.s.DeleteMessage(w.ctx, chat.DeleteMessage{Room: general, Seq: last.Seq, At: began.Add(time.Minute)}), nil)
	}
	w.room("the newest that was not deleted", "", 100, 1, "fg")
}

func (w *fileWalk) room(what string, kind chat.FileKind, before int64, limit int, want ...string) {
	w.t.Helper()
	rows, err := w.fs.RoomFiles(w.ctx, general, kind, before, limit)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
		if r.State != chat.FileAttached || r.Room != general || r.Seq == 0 || r.Owner == "" || r.At.IsZero() {
			w.t.Errorf("%s: %+v", what, r)
		}
	}
	if fmt.Sprint(ids) != fmt.Sprint(want) {
		w.t.Errorf("%s: %v, want %v", what, ids, want)
	}
}

// pages: after m, with ff and fe, comes a message with fg.
func (w *fileWalk) pages(m chat.Message) {
	other := image("fg")
	last, err := w.post("ujonas", other)
	if err != nil {
		w.t.Fatal(err)
	}
	w.room("all", "", 100, 10, "fg", "ff", "fe")
	w.room("two", "", 100, 2, "fg", "ff")
	w.room("before", "", last.Seq, 10, "ff", "fe")
	w.room("before all", "", m.Seq, 10)
	w.room("pictures", chat.ImageFile, 100, 10, "fg", "ff", "fe")
	w.room("a picture", chat.ImageFile, 100, 1, "fg")
	w.room("sounds", chat.AudioFile, 100, 10)
	if rows, err := w.fs.RoomFiles(w.ctx, "rother", "", 100, 10); err != nil || len(rows) > 0 {
		w.t.Errorf("of another room: %v (%v)", rows, err)
	}
}

// race: of several posts of the same file one has it, and of a post and the end of a file one happens.
func (w *fileWalk) race() {
	var all sync.WaitGroup
	var wins atomic.Int64
	w.ready("fk", "umira")
	for n := range 4 {
		all.Go(func() {
			var err error
			if n == 0 {
				err = w.fs.EndFile(w.ctx, "fk", began)
			} else {
				_, _, err = w.s.PostMessage(w.ctx, chat.PostMessage{
					Room: general, Author: "umira", ClientID: fmt.Sprint("race", n), Text: "soup", At: began,
					Parts: chat.Parts{Files: []chat.File{image("fk")}},
				})
			}
			switch {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, chat.ErrStale):
				w.t.Error(err)
			}
		})
	}
	if all.Wait(); wins.Load() != 1 {
		w.t.Errorf("%d of four had the file", wins.Load())
	}
}
