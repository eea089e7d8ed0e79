package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// choose makes the room of the stage the one for feedback.
func (s *stage) choose(room string) {
	s.t.Helper()
	s.must(s.store.UpdateWorkspace(s.ctx, chat.UpdateWorkspace{FeedbackRoom: &room}))
	s.take()
}

func feedbackRules() []rule {
	const all = "ok ok ok / ok ok ok / ok ok ok / ok ok ok"
	const administer, hidden = "ok ok ok / ok ok ok / 403 403 403 / 403 403 403", "ok ok 404 / ok ok 404 / 403 403 403 / 403 403 403"
	give := func(room, grid string) rule {
		return rule{chat.CmdGiveFeedback, "into", room, "write", grid, "MessageChanged", func(s *stage) error {
			s.choose(s.room)
			return third(s.rules.GiveFeedback(s.ctx, s.kim, chat.FeedbackInput{Text: "It is fast"}))
		}}
	}
	list := func(room, grid string) rule {
		return rule{chat.CmdFeedback, "given in", room, "read", grid, "", func(s *stage) error {
			s.given("kim", "It is fast")
			p, err := s.rules.Feedback(s.ctx, s.kim, "", nil)
			return none(len(p.Feedback) == 1, err)
		}}
	}
	choose := func(room, grid string) rule {
		return rule{chat.CmdUpdateWorkspace, "feedback into", room, "write", grid, "WorkspaceChanged", func(s *stage) error {
			return second(s.rules.UpdateWorkspace(s.ctx, s.kim, chat.UpdateWorkspaceInput{FeedbackRoom: &s.room}))
		}}
	}
	return []rule{
		give("public", all), give("private", all), give("public owners", all), give("public archived", with(all, "409")),
		{chat.CmdGiveFeedback, "while no room is chosen", "", "write", with(everybody, "409"), "", func(s *stage) error {
			return third(s.rules.GiveFeedback(s.ctx, s.kim, chat.FeedbackInput{Text: "It is fast"}))
		}},
		list("public", administer), list("private", hidden),
		{chat.CmdMyFeedback, "and its answers, given in", "private", "read", all, "", func(s *stage) error {
			seq := s.given("kim", "It is fast")
			s.must(third(s.calm().PostMessage(s.ctx, s.people["jonas"], s.room, chat.PostInput{Text: "Thank you", Thread: &seq})))
			s.take()
			p, err := s.rules.MyFeedback(s.ctx, s.kim, "", nil)
			return none(len(p.Feedback) == 1 && len(p.Feedback[0].Answers) == 1, err)
		}},
		{chat.CmdMyFeedback, "another's, given in", "public", "read", with(all, "404"), "", func(s *stage) error {
			s.given("mira", "It is slow")
			p, err := s.rules.MyFeedback(s.ctx, s.kim, "", nil)
			return none(len(p.Feedback) > 0, err)
		}},
		choose("public", administer), choose("private", "ok ok 400 / ok ok 400 / 403 403 403 / 403 403 403"),
		choose("public archived", "400 400 400 / 400 400 400 / 403 403 403 / 403 403 403"),
		choose("direct", "400 400 400 / 400 400 400 / 403 403 403 / 403 403 403"),
	}
}

// calm are the rules with room to store and without limits.
func (s *stage) calm() *chat.Canteen {
	defer func(full func() bool) { s.full = full }(s.full)
	s.full = nil
	return s.house.with(s.store, limit.None{})
}

// given is feedback of a user, into the room of the stage: its seq.
func (s *stage) given(by, text string) int64 {
	s.t.Helper()
	s.choose(s.room)
	g, _, err := s.calm().GiveFeedback(s.ctx, s.people[by], chat.FeedbackInput{Text: text})
	s.must(err)
	s.take()
	return g.Seq
}

// TestFeedbackIsAPost: what is given becomes a post of its author's which says where it was given. It calls and mentions nobody, and the
// same client id posts once.
func TestFeedbackIsAPost(t *testing.T) {
	s := newStage(t, "private", chat.Guest, 2)
	s.choose(s.room)
	file := s.ready("kim")
	in := chat.FeedbackInput{
		ClientID: clientID(90), Text: "@room @mira it is slow", Page: "/r/abc/12?secret=1#token", Version: "v1.2.0", Files: []string{file},
	}
	for n := range 2 {
		g, created, err := s.rules.GiveFeedback(s.ctx, s.kim, in)
		if err != nil || created != (n == 0) || g.Seen {
			t.Fatalf("%+v, %t, %v", g, created, err)
		}
		m, err := s.rules.Message(s.ctx, s.people["mira"], s.room, g.Seq)
		s.must(err)
		if m.Author != s.id("kim") || m.Text != in.Text || m.Broadcast != "" || len(m.Mentions) > 0 || len(m.Files) != 1 {
			t.Errorf("posted %+v", m)
		}
		if want := (chat.Feedback{Page: "/r/abc/12", Version: "v1.2.0", Server: chat.Release()}); m.Feedback == nil || *m.Feedback != want {
			t.Errorf("posted with %+v, want %+v", m.Feedback, want)
		}
	}
	if p, err := s.rules.MyFeedback(s.ctx, s.kim, "", nil); err != nil || len(p.Feedback) != 1 || p.Next != "" {
		t.Errorf("one's own: %+v, %v", p, err)
	}
	in = chat.FeedbackInput{Text: "Same", Version: chat.Release()}
	if g, _, err := s.rules.GiveFeedback(s.ctx, s.kim, in); err != nil || g.Feedback.Server != "" {
		t.Errorf("of the server's own version: %+v, %v", g.Feedback, err)
	}
	for field, bad := range map[string]chat.FeedbackInput{
		"text": {Text: " "}, "client_id": {Text: "a", ClientID: "1"}, "files": {Text: "a", Files: make([]string, 12)},
	} {
		_, _, err := s.rules.GiveFeedback(s.ctx, s.kim, bad)
		is(t, field, err, chat.Invalid, field)
	}
	yes := true
	s.must(s.rules.UpdateRoom(s.ctx, s.people["jonas"], s.room, chat.UpdateRoomInput{Archived: &yes}))
	_, _, err := s.rules.GiveFeedback(s.ctx, s.kim, chat.FeedbackInput{Text: "Too late"})
	if outcome(err) != "409" || !strings.Contains(err.Error(), "The room for feedback is archived.") {
		t.Errorf("into an archived room: %v", err)
	}
	s.choose("")
	_, _, err = s.rules.GiveFeedback(s.ctx, s.kim, chat.FeedbackInput{Text: "To nobody"})
	if outcome(err) != "409" || !strings.Contains(err.Error(), "Nobody has chosen a room for feedback yet.") {
		t.Errorf("while there is no room: %v", err)
	}
}

// TestFeedbackShowsNothingElse: who gave feedback into a room that they do not see reads the replies to it, and nothing else there.
func TestFeedbackShowsNothingElse(t *testing.T) {
	s := newStage(t, "private", chat.Guest, 2)
	file := s.ready("kim")
	s.choose(s.room)
	g, _, err := s.rules.GiveFeedback(s.ctx, s.kim, chat.FeedbackInput{Text: "It is slow", Files: []string{file}})
	s.must(err)
	seq := g.Seq
	other := s.given("mira", "It is fast")
	for _, text := range []string{"We know", "Mended", "Wrong"} {
		last := s.house.post("jonas", chat.PostInput{Text: text, Thread: &seq})
		if text == "Wrong" {
			s.must(s.rules.DeleteMessage(s.ctx, s.people["jonas"], s.room, last))
		}
	}
	s.house.post("jonas", chat.PostInput{Text: "To Mira", Thread: &other})
	p, err := s.rules.MyFeedback(s.ctx, s.kim, "", nil)
	s.must(err)
	var texts []string
	for _, m := range p.Feedback[0].Answers {
		texts = append(texts, m.Text)
	}
	if len(p.Feedback) != 1 || p.Feedback[0].Seen || strings.Join(texts, ", ") != "We know, Mended" {
		t.Errorf("one's own: %+v", p)
	}
	for what, err := range map[string]error{
		"room":     second(s.rules.Room(s.ctx, s.kim, s.room)),
		"messages": second(s.rules.Messages(s.ctx, s.kim, s.room, chat.PageInput{})),
		"own":      second(s.rules.Message(s.ctx, s.kim, s.room, seq)),
		"thread":   second(s.rules.Thread(s.ctx, s.kim, s.room, seq)),
		"file":     second(s.rules.File(s.ctx, s.kim, file)),
		"edit":     second(s.rules.EditMessage(s.ctx, s.kim, s.room, seq, chat.EditInput{Text: "x"})),
		"reply":    third(s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{Text: "x", Thread: &seq})),
	} {
		if outcome(err) != "404" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if m, w, err := s.rules.Me(s.ctx, s.kim); err != nil || !w.Feedback || w.FeedbackRoom != "" {
		t.Errorf("%s reads %+v, %v", m.Handle, w, err)
	}
	if _, w, err := s.rules.Me(s.ctx, s.people["olga"]); err != nil || w.FeedbackRoom != s.room {
		t.Errorf("the owner reads %+v, %v", w, err)
	}
}

// TestFeedbackIsAnsweredByOthers: a reply of its author's is none, and a deleted one is none either.
func TestFeedbackIsAnsweredByOthers(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	seq := s.given("kim", "It is slow")
	answered := func() bool {
		p, err := s.rules.Feedback(s.ctx, s.people["olga"], "", nil)
		s.must(err)
		return p.Feedback[0].Answered()
	}
	s.house.post("kim", chat.PostInput{Text: "Very", Thread: &seq})
	if answered() {
		t.Error("by its author")
	}
	reply := s.house.post("mira", chat.PostInput{Text: "Sorry", Thread: &seq})
	if !answered() {
		t.Error("a reply is no answer")
	}
	s.must(s.rules.DeleteMessage(s.ctx, s.people["mira"], s.room, reply))
	if answered() {
		t.Error("by a reply that was deleted")
	}
	s.must(s.rules.DeleteMessage(s.ctx, s.kim, s.room, seq))
	if p, err := s.rules.Feedback(s.ctx, s.people["olga"], "", nil); err != nil || len(p.Feedback) > 0 {
		t.Errorf("deleted: %+v, %v", p, err)
	}
}

// TestFeedbackInPages goes through a list, and through all rooms that were ever chosen.
func TestFeedbackInPages(t *testing.T) {
	s := newStage(t, "private", chat.Admin, 1)
	const n = 2*chat.MaxFeedback + 1
	for i := range n {
		if i%3 > 0 {
			s.pass(time.Second)
		}
		s.given("mira", fmt.Sprint(i))
	}
	var seqs []int64
	cursor := ""
	for pages := 0; pages == 0 || cursor != ""; pages++ {
		p, err := s.rules.Feedback(s.ctx, s.kim, cursor, nil)
		s.must(err)
		for _, g := range p.Feedback {
			seqs = append(seqs, g.Seq)
		}
		if cursor = p.Next; pages > 3 {
			t.Fatal("there is no end")
		}
	}
	seen := map[int64]bool{}
	for _, seq := range seqs {
		seen[seq] = true
	}
	if len(seqs) != n || len(seen) != n {
		t.Errorf("%d of %d, %d different ones", len(seqs), n, len(seen))
	}
	_, err := s.rules.Feedback(s.ctx, s.kim, "x", nil)
	is(t, "a cursor that is none", err, chat.Invalid, "cursor")
	zero := 0
	_, err = s.rules.MyFeedback(s.ctx, s.kim, "", &zero)
	is(t, "no limit", err, chat.Invalid, "limit")
}

// TestFeedbackOfADay: one person gives a bounded number of pieces in a day, and a repeated one does not count.
func TestFeedbackOfADay(t *testing.T) {
	s := newStage(t, "public", chat.Guest, 2)
	s.choose(s.room)
	s.rules = s.limited(limit.New(s.clock))
	give := func(n int) string {
		s.pass(time.Second)
		return outcome(third(s.rules.GiveFeedback(s.ctx, s.kim, chat.FeedbackInput{Text: "Again", ClientID: clientID(100 + n)})))
	}
	for n := range 50 {
		for range 2 {
			if got := give(n); got != "ok" {
				t.Fatalf("piece %d: %s", n, got)
			}
		}
	}
	if got := give(50); got != "429" {
		t.Errorf("piece 51: %s", got)
	}
	if got := give(7); got != "ok" {
		t.Errorf("one that was posted: %s", got)
	}
}
