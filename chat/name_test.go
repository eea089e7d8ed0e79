package chat_test

import (
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// TestRoomsThatLookAlike: no public room gets a name that looks like another's, by whatever command. Private rooms neither have
// nor refuse such names: a clash would reveal them.
func TestRoomsThatLookAlike(t *testing.T) {
	h := open(t, nil)
	jonas := h.people["jonas"]
	add := func(kind chat.Kind, name string) (string, error) {
		r, _, err := h.rules.AddRoom(t.Context(), jonas, chat.NewRoomInput{Kind: kind, Name: name})
		return r.ID, err
	}
	// the second has a Cyrillic е
	for _, name := range []string{"general", "gеneral", "genera1", "ｇeneral", "general\u034f", "\u3164", "\u0301"} {
		want := "409"
		if strings.ContainsAny(name, "\u034f\u3164\u0301") {
			want = "400"
		}
		if _, err := add(chat.Public, name); outcome(err) != want {
			t.Errorf("a public room %+q: %v, want %s", name, err, want)
		}
	}
	for _, name := range []string{"general", "gеneral", "leads"} {
		_, err := add(chat.Private, name)
		h.must(err)
	}
	id, err := add(chat.Public, "lеads") // like a private room
	h.must(err)
	name := "gеnеrаl"
	if _, err := h.rules.UpdateRoom(t.Context(), jonas, id, chat.UpdateRoomInput{Name: &name}); outcome(err) != "409" {
		t.Errorf("renamed to %q: %v", name, err)
	}
	for _, name = range []string{"leads", "lunch"} { // its own name without disguise, and another
		h.must(h.rules.UpdateRoom(t.Context(), jonas, id, chat.UpdateRoomInput{Name: &name}))
	}
}

// TestPeopleWhoseNamesLookAlike: who takes a name that looks like another's makes both ambiguous, and both are announced. It ends
// when they take another name.
func TestPeopleWhoseNamesLookAlike(t *testing.T) {
	h := open(t, nil)
	mira := h.people["mira"]
	for _, c := range []struct {
		name       string
		sam, jonas bool
		heard      string
	}{
		{"Jоnas", true, true, "UserChanged UserChanged"}, // a Cyrillic о
		{"JONAS", true, true, "UserChanged"},
		{"Sam", false, false, "UserChanged UserChanged"},
		{"Sаm", true, false, "UserChanged"}, // mixes scripts
		{"Sam", false, false, "UserChanged"},
		{"System", true, false, "UserChanged"},
		{"Ｊonas", true, true, "UserChanged UserChanged"},
		{"Samuel 🎉", false, false, "UserChanged UserChanged"},
	} {
		h.take()
		h.must(h.rules.UpdateMe(t.Context(), h.people["sam"], chat.UpdateMeInput{Name: &c.name}))
		if got := h.take(); got != c.heard {
			t.Errorf("%s: %s", c.name, got)
		}
		for handle, want := range map[string]bool{"sam": c.sam, "jonas": c.jonas, "mira": false} {
			u, err := h.rules.User(t.Context(), mira, h.people[handle].User.ID)
			h.must(err)
			if u.Ambiguous != want {
				t.Errorf("%s is named %s: %s is ambiguous: %v", "sam", c.name, u.Name, u.Ambiguous)
			}
		}
	}
	h.people["gus"] = h.add("gus", chat.Guest)
	h.take()
	jonas := "Jonas"
	h.must(h.rules.UpdateMe(t.Context(), h.people["gus"], chat.UpdateMeInput{Name: &jonas}))
	if got := h.take(); got != "UserChanged" {
		t.Errorf("a guest takes a member's name: %s", got)
	}
	for _, role := range []chat.Role{chat.Guest, chat.Member, chat.Guest} { // a new role is compared like a new name
		h.must(second(h.rules.UpdateUser(t.Context(), h.people["olga"], h.people["gus"].User.ID, chat.UpdateUserInput{Role: &role})))
		for handle, want := range map[string]bool{"gus": true, "jonas": role == chat.Member} {
			if u, err := h.store.User(t.Context(), h.people[handle].User.ID); err != nil || u.Ambiguous != want {
				t.Errorf("with a %s of the name, %s is ambiguous: %v, %v", role, handle, u.Ambiguous, err)
			}
		}
	}
	for _, nothing := range []string{"\u3164", "\u2800", "\u0301", "\ufe0f", "\U000e0041", "ad\u200bmin", "\u202enimda"} {
		if _, _, err := h.rules.UpdateMe(t.Context(), mira, chat.UpdateMeInput{Name: &nothing}); outcome(err) != "400" {
			t.Errorf("the name %+q: %v", nothing, err)
		}
	}
}

// TestRoomNamed: a public room is found by its name, however that is written. What is too long for a name is not compared, which would
// take milliseconds before any rate.
func TestRoomNamed(t *testing.T) {
	h := open(t, nil)
	store := &counted{Store: h.store}
	rules := h.with(store, limit.None{})
	longest := strings.Repeat("각", chat.RoomNameLength)
	r, _, err := rules.AddRoom(t.Context(), h.people["jonas"], chat.NewRoomInput{Kind: chat.Public, Name: longest})
	h.must(err)
	for _, c := range []struct {
		what, name, want string
		reads            int
	}{
		{"its name", longest, r.ID, 1},
		{"decomposed", strings.Repeat("\u1100\u1161\u11a8", chat.RoomNameLength), r.ID, 1},
		{"another", "lobby", "", 1},
		{"text", strings.Repeat("\u0301", 8000), "", 0},
	} {
		store.rooms = 0
		if id, err := rules.RoomNamed(t.Context(), c.name); id != c.want || (err == nil) != (id != "") || store.rooms != c.reads {
			t.Errorf("%s: %q, %v, %d reads; want %q, %d", c.what, id, err, store.rooms, c.want, c.reads)
		}
	}
}

// TestRoomsHaveIDs: stores are asked only for what has the form of an id. DynamoDB fails with a longer key, which any frame of a socket
// may hold.
func TestRoomsHaveIDs(t *testing.T) {
	s := newStage(t, "private", chat.Owner, 0)
	store := &counted{Store: s.store}
	s.rules = s.with(store, limit.None{})
	for _, c := range []struct {
		room  string
		asked bool
	}{{"aaaaaaaaaaaa", true}, {"", false}, {"#general", false}, {strings.Repeat("a", 32<<10), false}} {
		for what, do := range map[string]func() error{
			"opens": func() error {
				is, err := s.rules.MayOpen(s.ctx, s.kim, c.room)
				return none(is, err)
			},
			"reads":   func() error { return second(s.rules.Messages(s.ctx, s.kim, c.room, chat.PageInput{})) },
			"enters":  func() error { return second(s.rules.PutMember(s.ctx, s.kim, c.room, s.id("kim"), nil)) },
			"invites": func() error { return third(s.rules.AddInvite(s.ctx, s.kim, chat.InviteInput{Rooms: []string{c.room}})) },
		} {
			store.rooms = 0
			want := map[bool]string{true: "400", false: "404"}[what == "invites"]
			if got := outcome(do()); got != want || store.rooms > 0 != c.asked {
				t.Errorf("%s %.20q: %s, asked %d times; want %s, %t", what, c.room, got, store.rooms, want, c.asked)
			}
		}
	}
}
