package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// roomFor reserves room for a body, in tests that are not about it.
func roomFor(string, int64) (string, error) { return "home", nil }

// upload begins an upload as a user, and gives its id. Nothing is counted or asked.
func (h *house) upload(by string) string {
	h.t.Helper()
	row := chat.FileRow{
		File:  chat.File{ID: chat.NewID(), Name: "soup.png", Size: 7, Kind: chat.OtherFile},
		State: chat.FileOpen, Owner: h.people[by].User.ID, Home: "home", At: h.clock(), Due: h.clock().Add(chat.FileLife),
	}
	h.must(h.store.AddFile(h.t.Context(), chat.AddFile{Row: row}))
	return row.ID
}

func finished(r chat.FileRow) (chat.File, error) {
	return chat.File{Size: 5, Type: "image/png", Kind: chat.ImageFile, Thumbs: []int{360}, SHA256: "00"}, nil
}

// ready makes a file ready as a user, and gives its id.
func (h *house) ready(by string) string {
	h.t.Helper()
	id := h.upload(by)
	f, err := finished(chat.FileRow{})
	h.must(err)
	f.ID = id
	h.must(h.store.FinishFile(h.t.Context(), chat.FinishFile{File: f, Due: h.clock().Add(chat.FileLife)}))
	return id
}

// attached posts a file to the room as a user.
func (h *house) attached(by string) (id string, seq int64) {
	h.t.Helper()
	id = h.ready(by)
	m, _, err := h.store.PostMessage(h.t.Context(), chat.PostMessage{
		Room: h.room, Author: h.people[by].User.ID, At: h.clock(),
		Parts: chat.Parts{Files: []chat.File{{ID: id, Kind: chat.ImageFile, Size: 5}}},
	})
	h.must(err)
	return id, m.Seq
}

func fileRules() []rule {
	own := func(c chat.Command, name, grid string, do func(*stage, string) error) []rule {
		return []rule{
			{c, name, "", "write", grid, "", func(s *stage) error { return do(s, s.upload("kim")) }},
			{c, name + " of another", "", "write", with(everybody, "404"), "", func(s *stage) error { return do(s, s.upload("mira")) }},
		}
	}
	read := func(name, room, grid string, file func(*stage) string) rule {
		return rule{chat.CmdFile, name, room, "read", grid, "", func(s *stage) error {
			id := file(s)
			s.take()
			return second(s.rules.File(s.ctx, s.kim, id))
		}}
	}
	shown := func(s *stage) string { id, _ := s.attached("jonas"); return id }
	list := func(room, grid string) rule {
		return rule{chat.CmdRoomFiles, "those in messages", room, "read", grid, "", func(s *stage) error {
			return third(s.rules.RoomFiles(s.ctx, s.kim, s.room, chat.RoomFilesInput{}))
		}}
	}
	post := func(name, grid string, file func(*stage) string) rule {
		return rule{chat.CmdPostMessage, name, "public", "write", grid, "MessageChanged", func(s *stage) error {
			id := file(s)
			s.take()
			return third(s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(70), Files: []string{id}}))
		}}
	}
	rows := []rule{
		{chat.CmdAddFile, "anything", "", "write", everybody, "", func(s *stage) error {
			return second(s.rules.AddFile(s.ctx, s.kim, chat.NewFileInput{Name: "a", Size: 1}, roomFor))
		}},
		{chat.CmdDropFile, "one in a message", "public", "write", with(everybody, "409"), "", func(s *stage) error {
			id, _ := s.attached("kim")
			s.take()
			return s.rules.DropFile(s.ctx, s.kim, id)
		}},
		read("one's own, in no message", "", everybody, func(s *stage) string { return s.ready("kim") }),
		read("one's own upload", "", with(everybody, "404"), func(s *stage) string { return s.upload("kim") }),
		read("another's, in no message", "", with(everybody, "404"), func(s *stage) string { return s.ready("mira") }),
		read("none", "", with(everybody, "404"), func(*stage) string { return chat.NewID() }),
		read("in a message", "public", seenPublic, shown), read("in a message", "private", seenHidden, shown),
		read("in a message", "direct", seenHidden, shown),
		read("in a deleted message", "public", with(everybody, "404"), func(s *stage) string {
			id, seq := s.attached("jonas")
			s.must(s.rules.DeleteMessage(s.ctx, s.people["jonas"], s.room, seq))
			return id
		}),
		list("public", seenPublic), list("private", seenHidden), list("direct", seenHidden), list("public archived", seenPublic),
		post("with a file", insidePublic, func(s *stage) string { return s.ready("kim") }),
		post("with an upload", with(insidePublic, "409"), func(s *stage) string { return s.upload("kim") }),
		post("with another's file", with(insidePublic, "404"), func(s *stage) string { return s.ready("mira") }),
		post("with another's file that is shown", with(insidePublic, "404"), shown),
	}
	rows = append(rows, own(chat.CmdUpload, "an upload", everybody, func(s *stage, id string) error {
		return second(s.rules.Upload(s.ctx, s.kim, id))
	})...)
	rows = append(rows, own(chat.CmdPutPart, "to an upload", everybody, func(s *stage, id string) error {
		return second(s.rules.PutPart(s.ctx, s.kim, id))
	})...)
	rows = append(rows, own(chat.CmdFinishFile, "an upload", everybody, func(s *stage, id string) error {
		return second(s.rules.FinishFile(s.ctx, s.kim, id, finished))
	})...)
	return append(rows, own(chat.CmdDropFile, "an upload", everybody, func(s *stage, id string) error {
		return s.rules.DropFile(s.ctx, s.kim, id)
	})...)
}

// TestFile follows a file from its upload to its end.
func TestFile(t *testing.T) {
	s := newStage(t, "private", chat.Member, 1)
	code := func(what string, err error, want string) {
		t.Helper()
		if outcome(err) != want {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	row, err := s.rules.AddFile(s.ctx, s.kim, chat.NewFileInput{Name: "../a\u202Egnp.exe", Type: "image/png", Size: 7}, roomFor)
	code("add", err, "ok")
	if row.Name != "agnp.exe" || row.Home != "home" || row.State != chat.FileOpen || row.Due.Sub(row.At) != chat.FileLife {
		t.Errorf("%+v", row)
	}
	up, err := s.rules.Upload(s.ctx, s.kim, row.ID)
	code("upload", err, "ok")
	if up.Size != 7 || up.Home != "home" {
		t.Errorf("%+v", up)
	}
	_, err = s.rules.FinishFile(s.ctx, s.kim, row.ID, func(chat.FileRow) (chat.File, error) {
		return chat.File{}, chat.Errorf(chat.Conflict, "parts are missing")
	})
	code("finish without all parts", err, "409")
	calls := 0
	for range 2 {
		f, err := s.rules.FinishFile(s.ctx, s.kim, row.ID, func(r chat.FileRow) (chat.File, error) {
			calls++
			f, err := finished(r)
			f.ID, f.Name = "another", "another"
			return f, err
		})
		code("finish", err, "ok")
		if f.ID != row.ID || f.Name != "agnp.exe" || f.Size != 5 || f.Kind != chat.ImageFile {
			t.Errorf("%+v", f)
		}
	}
	if calls != 1 {
		t.Errorf("the body was completed %d times", calls)
	}
	code("an upload that is finished", second(s.rules.Upload(s.ctx, s.kim, row.ID)), "404")
	code("a part of it", second(s.rules.PutPart(s.ctx, s.kim, row.ID)), "404")

	in := chat.PostInput{ClientID: clientID(80), Files: []string{row.ID}}
	m, created, err := s.rules.PostMessage(s.ctx, s.kim, s.room, in)
	code("post", err, "ok")
	if !created || m.Text != "" || len(m.Files) != 1 || m.Files[0].ID != row.ID {
		t.Errorf("%+v", m)
	}
	again, created, err := s.rules.PostMessage(s.ctx, s.kim, s.room, in)
	code("post again", err, "ok")
	if created || again.Seq != m.Seq {
		t.Errorf("posted twice: %+v", again)
	}
	in.ClientID = clientID(81)
	code("post it in another message", third(s.rules.PostMessage(s.ctx, s.kim, s.room, in)), "409")
	code("drop", s.rules.DropFile(s.ctx, s.kim, row.ID), "409")
	code("read as a member", second(s.rules.File(s.ctx, s.people["mira"], row.ID)), "ok")
	code("read as a stranger", second(s.rules.File(s.ctx, s.people["sam"], row.ID)), "404")
	code("edit to no text", second(s.rules.EditMessage(s.ctx, s.kim, s.room, m.Seq, chat.EditInput{Text: ""})), "ok")
	code("edit a text to none", second(s.rules.EditMessage(s.ctx, s.kim, s.room, s.own, chat.EditInput{Text: ""})), "400")

	s.must(s.rules.RemoveMember(s.ctx, s.people["jonas"], s.room, s.kim.User.ID))
	code("read one's own after leaving", second(s.rules.File(s.ctx, s.kim, row.ID)), "404")
	s.must(s.rules.DeleteMessage(s.ctx, s.people["jonas"], s.room, m.Seq))
	code("read after the deletion", second(s.rules.File(s.ctx, s.people["mira"], row.ID)), "404")
	code("finish after the deletion", second(s.rules.FinishFile(s.ctx, s.kim, row.ID, finished)), "404")
}

// TestFileInput: what is refused at once.
func TestFileInput(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	begun := 0
	for size, want := range map[int64]string{
		-1: "400", 0: "400", 1: "ok", chat.DefaultMaxFile: "ok", chat.DefaultMaxFile + 1: "400", 1 << 62: "400",
	} {
		_, err := s.rules.AddFile(s.ctx, s.kim, chat.NewFileInput{Name: "a", Size: size}, func(string, int64) (string, error) {
			begun++
			return "", nil
		})
		if outcome(err) != want {
			t.Errorf("%d bytes: %v, want %s", size, err, want)
		}
	}
	if begun != 2 {
		t.Errorf("room was roomFor %d times", begun)
	}
	full := chat.ErrUnavailable(nil)
	_, err := s.rules.AddFile(s.ctx, s.kim, chat.NewFileInput{Name: "a", Size: 1}, func(string, int64) (string, error) { return "", full })
	if outcome(err) != "503" {
		t.Errorf("without room: %v", err)
	}
	id := s.ready("kim")
	var many []string
	for range chat.MaxFiles + 1 {
		many = append(many, chat.NewID())
	}
	for what, ids := range map[string][]string{"twice": {id, id}, "no id": {"../x"}, "too many": many} {
		if _, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{Files: ids}); outcome(err) != "400" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, text := range []string{"", " \n"} {
		if _, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{Text: text}); outcome(err) != "400" {
			t.Errorf("neither text nor file: %v", err)
		}
	}
	for _, id := range []string{"", "..", strings.Repeat("a", 1000)} {
		if _, err := s.rules.File(s.ctx, s.kim, id); outcome(err) != "404" {
			t.Errorf("file %.20q: %v", id, err)
		}
	}
}

// TestUploadsOfADay: beyond what one may upload in a day it is 429, for that person alone.
func TestUploadsOfADay(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.rules = s.with(s.store, limit.New(s.clock))
	add := func(who string) error {
		s.pass(2 * time.Second) // for the rate of uploads
		_, err := s.rules.AddFile(s.ctx, s.people[who], chat.NewFileInput{Name: "a", Size: chat.DefaultMaxFile}, roomFor)
		return err
	}
	n := 0
	var err error
	for ; err == nil && n < 100; n++ {
		err = add("kim")
	}
	if want := chat.FileBytes / chat.DefaultMaxFile; n-1 != want || outcome(err) != "429" || !strings.Contains(err.Error(), "in a day") {
		t.Errorf("%d uploads of %d: %v", n-1, want, err)
	}
	if err := add("mira"); err != nil {
		t.Errorf("another's: %v", err)
	}
}

// TestRoomFiles: whole messages, each once, the newest first.
func TestRoomFiles(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	var want []string
	for range 9 {
		ids := []string{}
		for range chat.MaxFiles {
			ids = append(ids, s.ready("kim"))
		}
		s.house.post("kim", chat.PostInput{Files: ids})
		want = append(ids, want...)
	}
	var got []string
	pages := 0
	for before := int64(0); ; pages++ {
		rows, next, err := s.rules.RoomFiles(s.ctx, s.kim, s.room, chat.RoomFilesInput{Before: before})
		s.must(err)
		for _, r := range rows {
			got = append(got, r.ID)
		}
		if len(rows)%chat.MaxFiles != 0 {
			t.Errorf("%d files in a page of whole messages", len(rows))
		}
		if before = next; next == 0 {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || pages != 1 {
		t.Errorf("%d files on %d pages, want %d", len(got), pages+1, len(want))
	}
	rows, next, err := s.rules.RoomFiles(s.ctx, s.kim, s.room, chat.RoomFilesInput{Kind: chat.VideoFile})
	if err != nil || len(rows) > 0 || next != 0 {
		t.Errorf("videos: %v, %d (%v)", rows, next, err)
	}
}
