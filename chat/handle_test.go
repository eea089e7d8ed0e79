package chat_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

func reserved() []string {
	return []string{"here", "room", "all", "everyone", "channel", "system", "admin", "owner", "root", "support", "me", "canteen",
		"canteen-alarms"}
}

// TestReservedHandlesAreNobodys: at every door where a handle is chosen.
func TestReservedHandlesAreNobodys(t *testing.T) {
	h := open(t, nil)
	ctx, olga, mira := t.Context(), h.people["olga"], h.people["mira"]
	for _, handle := range append(reserved(), "sam2") {
		_, secret, err := h.rules.AddInvite(ctx, olga, chat.InviteInput{})
		h.must(err)
		fresh := empty(t, nil)
		email := handle + "@example.com"
		for door, err := range map[string]error{
			"the setup": second(fresh.rules.Setup(ctx, chat.Visitor("192.0.2.1"), chat.SetupInput{
				Token: "setup", Workspace: "Acme", Name: "New", Handle: handle, Email: email, Password: password,
			})),
			"the command line": second(h.rules.AdminAddUser(ctx, chat.CommandLineUser{
				Email: "cli" + email, Name: "New", Handle: handle, Role: chat.Member, Password: password,
			})),
			"an invite": second(h.rules.SignUp(ctx, chat.Visitor("192.0.2.1"), chat.SignUpInput{
				Invite: secret, Name: "New", Handle: handle, Email: "up" + email, Password: password,
			})),
			"oneself": third(h.rules.UpdateMe(ctx, mira, chat.UpdateMeInput{Handle: &handle})),
			"another": second(h.rules.UpdateUser(ctx, olga, mira.User.ID, chat.UpdateUserInput{Handle: &handle})),
		} {
			if handle == "sam2" { // the doors are open, to one of them
				if c := chat.ErrorCode(err); err != nil && c != chat.Conflict {
					t.Errorf("%s, %s: %v", door, handle, err)
				}
				continue
			}
			is(t, door+", "+handle, err, chat.Invalid, "handle")
		}
	}
}

// TestReservedHandlesAreDocumented: docs/api.md lists them.
func TestReservedHandlesAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(reserved(), ", "); !strings.Contains(strings.Join(strings.Fields(string(b)), " "), all) {
		t.Errorf("docs/api.md does not list %s", all)
	}
}

// TestReservedHandleStaysItsOwners: somebody who had one before it was reserved keeps it, whatever else changes, and is mentioned by it.
func TestReservedHandleStaysItsOwners(t *testing.T) {
	h := open(t, nil)
	ctx, old := t.Context(), "support"
	h.must(h.store.UpdateUser(ctx, chat.UpdateUser{User: h.people["mira"].User.ID, Handle: &old, At: h.clock()}))
	mira := h.signIn("mira")
	title := "Help"
	me, _, err := h.rules.UpdateMe(ctx, mira, chat.UpdateMeInput{Handle: &old, Title: &title})
	if err != nil || me.Handle != old || me.Title != title {
		t.Fatalf("the same handle and a new title: %+v, %v", me, err)
	}
	r, _, err := h.rules.AddRoom(ctx, h.people["jonas"], chat.NewRoomInput{Kind: chat.Public, Name: "help", Members: []string{mira.User.ID}})
	h.must(err)
	m, _, err := h.rules.PostMessage(ctx, h.people["jonas"], r.ID, chat.PostInput{ClientID: clientID(1), Text: "@support @all, help"})
	if err != nil || len(m.Mentions) != 1 || m.Mentions[0] != mira.User.ID {
		t.Errorf("%v, %v: want Mira", m.Mentions, err)
	}
}

// TestHandlesChangeThreeTimesAMonth: whoever changes them, and in any 30 days.
func TestHandlesChangeThreeTimesAMonth(t *testing.T) {
	h := open(t, nil)
	ctx, mira, olga := context.Background(), h.people["mira"], h.people["olga"]
	change := func(by chat.Actor, handle string) error {
		if by.User.ID == mira.User.ID {
			return third(h.rules.UpdateMe(ctx, by, chat.UpdateMeInput{Handle: &handle}))
		}
		return second(h.rules.UpdateUser(ctx, by, mira.User.ID, chat.UpdateUserInput{Handle: &handle}))
	}
	day := 24 * time.Hour
	for _, c := range []struct {
		what   string
		after  time.Duration
		by     chat.Actor
		handle string
		want   string
		wait   time.Duration
	}{
		{"first", 0, mira, "m1", "ok", 0},
		{"the same", 0, mira, "m1", "ok", 0},
		{"second", day, mira, "m2", "ok", 0},
		{"one that is taken does not count", 0, mira, "sam", "409", 0},
		{"third, by an administrator", day, olga, "m3", "ok", 0},
		{"fourth", 0, mira, "m4", "429", 28 * day},
		{"back to the former one", 0, mira, "m1", "429", 28 * day},
		{"fourth, by an administrator", 20 * day, olga, "m4", "429", 8 * day},
		{"the same still", 0, mira, "m3", "ok", 0},
		{"30 days after the first", 8 * day, mira, "m4", "ok", 0},
		{"once more", 0, mira, "m5", "429", day},
		{"30 days after the second", day, mira, "m5", "ok", 0},
	} {
		h.pass(c.after)
		err := change(c.by, c.handle)
		if outcome(err) != c.want {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
		if e, ok := errors.AsType[*chat.Error](err); ok && c.wait > 0 &&
			(e.RetryAfter != c.wait || e.Field != "handle" || !strings.Contains(e.Message, "3 times in 30 days")) {
			t.Errorf("%s: wait %v, field %q: %s", c.what, e.RetryAfter, e.Field, e.Message)
		}
	}
}

// TestTakenHandlesAreNotGuessed: whoever asks for handles that are taken is slowed down, a guest who sees none of their owners too.
// A change that is done does not count.
func TestTakenHandlesAreNotGuessed(t *testing.T) {
	h := open(t, limit.New(func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }))
	guest := h.add("gil", chat.Guest)
	ask := func(handle string) string {
		return outcome(third(h.rules.UpdateMe(t.Context(), guest, chat.UpdateMeInput{Handle: &handle})))
	}
	if got := ask("gil2"); got != "ok" {
		t.Fatalf("a free one: %s", got)
	}
	for i := range 10 {
		if got := ask("mira"); got != "409" {
			t.Fatalf("question %d: %s", i, got)
		}
	}
	for _, handle := range []string{"mira", "gil3"} { // not even whether it is free is told
		if got := ask(handle); got != "429" {
			t.Errorf("%s: %s", handle, got)
		}
	}
}
