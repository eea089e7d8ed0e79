package chat_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

func TestInviteIsUsable(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	for _, c := range []struct {
		what         string
		invite       chat.Invite
		open, usable bool
	}{
		{"for anybody", chat.Invite{ExpiresAt: later}, true, true},
		{"expires now", chat.Invite{ExpiresAt: now}, false, false},
		{"with a use left", chat.Invite{ExpiresAt: later, Uses: 2, MaxUses: 3}, true, true},
		{"used up", chat.Invite{ExpiresAt: later, Uses: 3, MaxUses: 3}, false, false},
		{"for this address", chat.Invite{ExpiresAt: later, Email: "Mira@Example.com"}, true, true},
		{"for another address", chat.Invite{ExpiresAt: later, Email: "ada@example.com"}, true, false},
	} {
		if got := c.invite.Open(now); got != c.open {
			t.Errorf("%s: open %v", c.what, got)
		}
		want := chat.NotFound
		if c.usable {
			want = ""
		}
		is(t, c.what, c.invite.Usable(now, "mira@example.com"), want, "")
	}
	i := chat.Invite{By: "mira"}
	if !i.Of("mira") || !i.Of("") || i.Of("ada") {
		t.Error("an invite is its maker's, and everyone's for who may see all")
	}
}

// TestDeadLinksAreAlike: the check of an invite link says the same of every link that lets nobody in, and counts those, as signing up
// does. Links that work may be checked as often as one likes, and a check uses none up.
func TestDeadLinksAreAlike(t *testing.T) {
	h := open(t, nil)
	h.rules = h.limited(limit.New(h.clock))
	kim, ctx, visitor := h.add("kim", chat.Admin), t.Context(), chat.Visitor("192.0.2.1")
	once, hour := 1, int64(3600)
	invite := func(in chat.InviteInput) string {
		_, secret, err := h.rules.AddInvite(ctx, kim, in)
		h.must(err)
		return secret
	}
	good, used, expired := invite(chat.InviteInput{MaxUses: &once}), invite(chat.InviteInput{MaxUses: &once}), invite(chat.InviteInput{ExpiresIn: &hour})
	h.must(h.rules.SignUp(ctx, visitor, newcomer(used)))
	h.pass(time.Hour)
	want := h.rules.CheckInvite(ctx, visitor, "unknown")
	for _, dead := range []string{used, expired} {
		if err := h.rules.CheckInvite(ctx, visitor, dead); outcome(err) != "404" || err.Error() != want.Error() {
			t.Errorf("a dead link: %v, an unknown one: %v", err, want)
		}
	}
	for range 150 {
		h.must(h.rules.CheckInvite(ctx, visitor, good))
	}
	h.must(h.rules.SignUp(ctx, visitor, chat.SignUpInput{
		Invite: good, Name: "Other", Handle: "other", Email: "other@example.com", Password: password,
	}))
	for n := range 97 { // beside the three above, and one sign-up
		if err := h.rules.CheckInvite(ctx, visitor, "guess"); (outcome(err) == "429") != (n == 96) {
			t.Fatalf("guess %d: %v", n, err)
		}
	}
}
