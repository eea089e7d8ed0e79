package chat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// stage is a house, a room in some state, and Kim, who tries.
type stage struct {
	*house
	ctx context.Context
	kim chat.Actor

	own, others, reply, ownReply, system, gone, ownGone int64 // messages of the room
	session                                             string
	poll, ownPoll, closedPoll, anonymousPoll            int64 // where the room has "polls"
	asks                                                int64 // where the room "asks"
	streamed                                            int64 // where the room "streams"
}

// rule is a row of the table: who may do something, in a state of the room.
type rule struct {
	command chat.Command
	name    string // what is done, and in which state
	// room is public, private or direct; with "archived", "owners" (only owners post), "quiet" (only they broadcast), "polls", "asks" (a
	// message asks for confirmation), "streams" (the bot Kim is writing one); "" for none.
	room   string
	needs  string // read, write, or session
	grid   string // the outcome, a line for each workspace role, a column for each place in the room
	events string // announced where the outcome is ok; "same" in the grid is ok without any
	do     func(s *stage) error
}

// Grids that many rows share. Lines: owner, admin, member, guest of the workspace. Columns: owner, member, stranger of the room.
const (
	everybody = "ok / ok / ok / ok"
	admins    = "ok / ok / 403 / 403"
	admins4   = "ok / ok / 404 / 404"

	seenPublic    = "ok ok ok / ok ok ok / ok ok ok / ok ok 404"
	seenHidden    = "ok ok 404 / ok ok 404 / ok ok 404 / ok ok 404"
	insidePublic  = "ok ok 403 / ok ok 403 / ok ok 403 / ok ok 404"
	insideHidden  = seenHidden
	managePublic  = "ok ok ok / ok ok ok / ok 403 403 / ok 403 404"
	managePrivate = "ok ok 404 / ok ok 404 / ok 403 404 / ok 403 404"
	fixed         = "409 409 404 / 409 409 404 / 409 409 404 / 409 409 404"
	deletePublic  = "ok ok ok / ok ok ok / ok 403 403 / 403 403 404"
	deletePrivate = "ok ok 404 / ok ok 404 / ok 403 404 / 403 403 404"
)

// with replaces ok by another outcome.
func with(grid, outcome string) string { return strings.ReplaceAll(grid, "ok", outcome) }

// TestRules holds every rule to its row: each workspace role, in each place of the room, by a session and by tokens of each
// scope. The expected outcome of a token follows from the row: too narrow a scope is 403; without the scope admin an owner or
// admin of the workspace is a member like others; what needs a session is 403 for every token.
func TestRules(t *testing.T) {
	cells := 0
	covered := map[chat.Command]bool{}
	for _, r := range rules() {
		covered[r.command] = true
		t.Run(string(r.command)+": "+r.name+" "+r.room, func(t *testing.T) {
			for role, line := range strings.Split(r.grid, "/") {
				for place, want := range strings.Fields(line) {
					for _, by := range []string{"session", "read", "write", "admin"} {
						if by == "admin" && role > 1 {
							continue // nobody else can have such a token
						}
						cells++
						cell(t, r, role, place, by, want)
					}
				}
			}
		})
	}
	for _, s := range chat.Commands() {
		if !covered[s.Command] && s.Scope != "" {
			t.Errorf("the command %q has no row", s.Command)
		}
	}
	t.Logf("%d rows, %d cells", len(rules()), cells)
}

func roles() []chat.Role { return []chat.Role{chat.Owner, chat.Admin, chat.Member, chat.Guest} }

func cell(t *testing.T, r rule, role, place int, by, want string) {
	t.Helper()
	if role < 2 && (by == "read" || by == "write") {
		lines := strings.Split(r.grid, "/")
		want = strings.Fields(lines[2])[min(place, len(strings.Fields(lines[2]))-1)]
	}
	if by != "session" && (r.needs == "session" || r.needs == "write" && by == "read") {
		want = "403"
	}
	s := newStage(t, r.room, roles()[role], place)
	if by != "session" {
		s.kim = s.house.token(s.kim, chat.Scope(by))
	}
	s.take()
	err := r.do(s)
	got, events := outcome(err), s.take()
	if err == nil && events == "" && r.events != "" {
		got = "same"
	}
	label := fmt.Sprintf("%s, %s, by %s", roles()[role], []string{"owner", "member", "stranger"}[place], by)
	if got != want {
		t.Errorf("%s: %s, want %s (%v)", label, got, want, err)
	}
	switch {
	case err != nil && events != "":
		t.Errorf("%s: refused, and yet announced %s", label, events)
	case err == nil && got == "ok" && events != r.events:
		t.Errorf("%s: announced %q, want %q", label, events, r.events)
	}
}

// newStage builds the room, with Kim in her place.
func newStage(t *testing.T, room string, role chat.Role, place int) *stage {
	t.Helper()
	h := open(t, nil)
	s := &stage{house: h, ctx: t.Context(), kim: h.add("kim", role)}
	s.session = s.kim.SessionID
	if room == "" {
		return s
	}
	kind, state, _ := strings.Cut(room, " ")
	h.build(chat.Kind(kind), place)
	if strings.Contains(state, "polls") {
		s.fillPolls(chat.Kind(kind), place)
	}
	if strings.Contains(state, "asks") {
		s.asks = s.house.post("jonas", chat.PostInput{ClientID: clientID(30), Text: "Read this", Confirm: true})
	}
	if strings.Contains(state, "streams") {
		s.stream(chat.Kind(kind), place)
	}
	s.fill(place)
	if kind == "direct" {
		return s
	}
	topic := "Plans"
	s.must(h.rules.UpdateRoom(s.ctx, h.people["jonas"], h.room, chat.UpdateRoomInput{Topic: &topic}))
	page, err := h.rules.Messages(s.ctx, h.people["jonas"], h.room, chat.PageInput{})
	s.must(err)
	s.system = page.Messages[len(page.Messages)-1].Seq
	owners, yes := chat.PostingOwners, true
	if strings.Contains(state, "owners") {
		s.must(h.rules.UpdateRoom(s.ctx, h.people["jonas"], h.room, chat.UpdateRoomInput{Posting: &owners}))
	}
	if strings.Contains(state, "quiet") {
		s.must(h.rules.UpdateRoom(s.ctx, h.people["jonas"], h.room, chat.UpdateRoomInput{OwnersBroadcast: &yes}))
	}
	if strings.Contains(state, "archived") {
		s.must(h.rules.UpdateRoom(s.ctx, h.people["jonas"], h.room, chat.UpdateRoomInput{Archived: &yes}))
	}
	return s
}

// build makes the room, in which Kim is for now even where she will be a stranger.
func (h *house) build(kind chat.Kind, place int) {
	h.t.Helper()
	ctx, jonas, mira, kim := h.t.Context(), h.people["jonas"], h.people["mira"], h.people["kim"]
	in := chat.NewRoomInput{Kind: kind, Name: "plans", Members: []string{mira.User.ID, kim.User.ID}}
	if kind == chat.Direct {
		if in.Name = ""; place == 2 {
			in.Members = in.Members[:1]
		}
	}
	r, _, err := h.rules.AddRoom(ctx, jonas, in)
	h.must(err)
	if h.room = r.ID; kind != chat.Direct && place == 0 {
		owner := chat.RoomOwner
		h.must(h.rules.PutMember(ctx, jonas, r.ID, kim.User.ID, &owner))
	}
}

// fill posts what rows speak of. A stranger has left the room, where she could.
func (s *stage) fill(place int) {
	s.t.Helper()
	jonas := s.people["jonas"]
	s.others = s.house.post("jonas", chat.PostInput{ClientID: clientID(1), Text: "Hello"})
	s.gone = s.house.post("jonas", chat.PostInput{ClientID: clientID(2), Text: "Gone"})
	s.must(s.rules.DeleteMessage(s.ctx, jonas, s.room, s.gone))
	s.reply = s.house.post("jonas", chat.PostInput{ClientID: clientID(3), Text: "Reply", Thread: &s.others})
	s.own, s.ownReply, s.ownGone = s.others, s.others, s.gone
	r, err := s.rules.Room(s.ctx, jonas, s.room)
	s.must(err)
	if r.Room.Kind == chat.Direct && place == 2 {
		return
	}
	s.own = s.house.post("kim", chat.PostInput{ClientID: clientID(4), Text: "Mine"})
	s.ownReply = s.house.post("kim", chat.PostInput{ClientID: clientID(5), Text: "My reply", Thread: &s.others})
	s.ownGone = s.house.post("kim", chat.PostInput{ClientID: clientID(6), Text: "Mine, gone"})
	s.must(s.rules.DeleteMessage(s.ctx, s.kim, s.room, s.ownGone))
	if place == 2 {
		s.must(s.rules.RemoveMember(s.ctx, jonas, s.room, s.kim.User.ID))
	}
}

func (s *stage) id(handle string) string { return s.people[handle].User.ID }

// none is nothing seen, where a command answers so without an error.
func none(seen bool, err error) error {
	if err == nil && !seen {
		return chat.Errorf(chat.NotFound, "nothing")
	}
	return err
}

// second drops the first result.
func second[T any](_ T, err error) error { return err }

// third drops the first two results.
func third[T, U any](_ T, _ U, err error) error { return err }
