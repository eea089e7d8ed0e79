package sqlite

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen"
)

func TestFacts(t *testing.T) {
	s, _, _ := house(t)
	ctx := context.Background()
	addUser(t, s, "ada", "general")
	gone := true
	_, err := s.UpdateUser(ctx, canteen.UpdateUser{User: "ada", Deactivated: &gone, At: noon})
	must(t, err)
	user := func(id string, r canteen.Role, epoch int64) canteen.Facts {
		return canteen.Facts{User: &canteen.UserFact{ID: id, Role: r, Epoch: epoch}}
	}
	room := func(k canteen.Kind, p canteen.Posting, archived bool) canteen.Facts {
		return canteen.Facts{Room: &canteen.RoomFact{ID: "general", Kind: k, Posting: p, Archived: archived}}
	}
	member := func(id string, r canteen.RoomRole) canteen.Facts {
		return canteen.Facts{Member: &canteen.MemberFact{Room: "general", User: id, Role: r}}
	}
	for _, c := range []struct {
		name  string
		facts canteen.Facts
		holds bool
	}{
		{"nothing stated", canteen.Facts{}, true},
		{"user", user("jonas", canteen.Member, 1), true},
		{"another role", user("jonas", canteen.Admin, 1), false},
		{"another epoch", user("jonas", canteen.Member, 2), false},
		{"deactivated", user("ada", canteen.Member, 1), false},
		{"unknown user", user("nobody", canteen.Member, 1), false},
		{"room", room(canteen.Public, canteen.PostingEveryone, false), true},
		{"another kind", room(canteen.Private, canteen.PostingEveryone, false), false},
		{"another posting", room(canteen.Public, canteen.PostingOwners, false), false},
		{"archived", room(canteen.Public, canteen.PostingEveryone, true), false},
		{"member", member("jonas", canteen.RoomMember), true},
		{"another room role", member("jonas", canteen.RoomOwner), false},
		{"no member", member("nobody", ""), true},
		{"a member after all", member("jonas", ""), false},
	} {
		err := do(ctx, s, func(t *tx) error { return t.hold(c.facts) })
		if c.holds && err != nil || !c.holds && err != canteen.ErrStale { //nolint:errorlint // bare, by contract
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
