package chat_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
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
