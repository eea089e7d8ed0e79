package sqlite

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func TestFacts(t *testing.T) {
	s, _, _ := testStore(t)
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
		{"others may broadcast", chat.Facts{Room: &chat.RoomFact{
			ID: "general", Kind: chat.Public, Posting: chat.PostingEveryone, OwnersBroadcast: true,
		}}, false},
		{"member", member("jonas", chat.RoomMember), true},
		{"another room role", member("jonas", chat.RoomOwner), false},
		{"not a member", member("nobody", ""), true},
		{"a member, stated as none", member("jonas", ""), false},
	} {
		err := do(ctx, s, func(t *tx) error { return t.checkFacts(c.facts) })
		if c.holds && err != nil || !c.holds && err != chat.ErrStale { //nolint:errorlint // bare, by contract
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestVerifiedFactsAreForgotten: the writer keeps a true fact in memory until a statement changes its user, room or member, in an
// earlier batch or in the same one.
func TestVerifiedFactsAreForgotten(t *testing.T) {
	jonas := chat.Facts{
		User:   &chat.UserFact{ID: "jonas", Role: chat.Member, Epoch: 1},
		Room:   &chat.RoomFact{ID: "general", Kind: chat.Public, Posting: chat.PostingEveryone},
		Member: &chat.MemberFact{Room: "general", User: "jonas", Role: chat.RoomMember},
	}
	for name, change := range map[string]string{
		"role":       "UPDATE user SET role = 'guest' WHERE id = 'jonas'",
		"epoch":      "UPDATE user SET epoch = 2 WHERE id = 'jonas'",
		"account":    "UPDATE user SET deactivated = 1 WHERE id = 'jonas'",
		"posting":    "UPDATE room SET posting = 'owners' WHERE id = 'general'",
		"broadcast":  "UPDATE room SET owners_broadcast = 1 WHERE id = 'general'",
		"archive":    "UPDATE room SET archived = 1 WHERE id = 'general'",
		"kind":       "UPDATE room SET kind = 'private' WHERE id = 'general'",
		"room role":  "UPDATE member SET role = 'owner' WHERE room = 'general' AND user = 'jonas'",
		"membership": "DELETE FROM member WHERE room = 'general' AND user = 'jonas'",
	} {
		t.Run(name, func(t *testing.T) {
			s, _, _ := testStore(t)
			ctx := context.Background()
			hold := func(tx *tx) error { return tx.checkFacts(jonas) }
			must(t, do(ctx, s, hold))
			if len(s.verified) != 3 {
				t.Fatalf("%d facts are in memory, want 3: the rest would test nothing", len(s.verified))
			}
			if err := do(ctx, s, func(tx *tx) error {
				if err := exec(tx.Conn, change); err != nil {
					return err
				}
				return tx.checkFacts(jonas)
			}); err != chat.ErrStale { //nolint:errorlint // bare, by contract
				t.Errorf("in the batch that changed it: %v", err)
			}
			must(t, do(ctx, s, hold)) // that batch was rolled back
			must(t, do(ctx, s, func(tx *tx) error { return exec(tx.Conn, change) }))
			if err := do(ctx, s, hold); err != chat.ErrStale { //nolint:errorlint // bare, by contract
				t.Errorf("after the batch that changed it: %v", err)
			}
		})
	}
}

// TestRepeatedPostInABatch: a repeated post makes its batch run again; each message is stored once.
func TestRepeatedPostInABatch(t *testing.T) {
	s, _, _ := testStore(t)
	first, err := post(s, "mira", 1, "hello")
	must(t, err)
	ctx := context.Background()
	var batch []*command
	var made [3]bool
	var ms [3]chat.Message
	for i, n := range []int{2, 1, 3} {
		batch = append(batch, &command{ctx: ctx, done: make(chan struct{}), run: func(tx *tx) (err error) {
			ms[i], made[i], err = tx.postOnce(chat.PostMessage{Room: "general", Author: "mira", ClientID: cid(n), Text: "hello", At: noon})
			return err
		}})
	}
	_, err = s.commit(batch)
	must(t, err)
	for _, c := range batch {
		must(t, c.err)
	}
	if made != [3]bool{true, false, true} || ms[1].Seq != first.Seq || ms[0].Seq != 2 || ms[2].Seq != 3 {
		t.Errorf("made %v at %d, %d, %d", made, ms[0].Seq, ms[1].Seq, ms[2].Seq)
	}
}
