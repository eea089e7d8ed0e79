package sqlite

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func TestFacts(t *testing.T) {
	s, _, _ := house(t)
	ctx := context.Background()
	addUser(t, s, "ada", "general")
	gone := true
	_, err := s.UpdateUser(ctx, chat.UpdateUser{User: "ada", Deactivated: &gone, At: noon})
	must(t, err)
	user := func(id string, r chat.Role, epoch int64) chat.Facts {
		return chat.Facts{User: &chat.UserFact{ID: id, Role: r, Epoch: epoch}}
	}
	room := func(k chat.Kind, p chat.Posting, archived bool) chat.Facts {
		return chat.Facts{Room: &chat.RoomFact{ID: "general", Kind: k, Posting: p, Archived: archived}}
	}
	member := func(id string, r chat.RoomRole) chat.Facts {
		return chat.Facts{Member: &chat.MemberFact{Room: "general", User: id, Role: r}}
	}
	for _, c := range []struct {
		name  string
		facts chat.Facts
		holds bool
	}{
		{"nothing stated", chat.Facts{}, true},
		{"user", user("jonas", chat.Member, 1), true},
		{"another role", user("jonas", chat.Admin, 1), false},
		{"another epoch", user("jonas", chat.Member, 2), false},
		{"deactivated", user("ada", chat.Member, 1), false},
		{"unknown user", user("nobody", chat.Member, 1), false},
		{"room", room(chat.Public, chat.PostingEveryone, false), true},
		{"another kind", room(chat.Private, chat.PostingEveryone, false), false},
		{"another posting", room(chat.Public, chat.PostingOwners, false), false},
		{"archived", room(chat.Public, chat.PostingEveryone, true), false},
		{"member", member("jonas", chat.RoomMember), true},
		{"another room role", member("jonas", chat.RoomOwner), false},
		{"no member", member("nobody", ""), true},
		{"a member after all", member("jonas", ""), false},
	} {
		err := do(ctx, s, func(t *tx) error { return t.hold(c.facts) })
		if c.holds && err != nil || !c.holds && err != chat.ErrStale { //nolint:errorlint // bare, by contract
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
