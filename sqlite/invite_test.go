package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

func TestInviteEmailIsComparedFolded(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	h := chat.HashSecret("s")
	must(t, s.AddInvite(ctx, chat.Facts{}, chat.Invite{
		ID: "inv", By: "mira", Email: "Ada@Example.com", Role: chat.Member, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour), MaxUses: 1,
	}, h))
	if _, err := s.AddUser(ctx, chat.AddUser{User: newUser("ada", "ada"), Invite: &h, At: noon}); err != nil {
		t.Error(err)
	}
}

// TestInvitesAreDeleted: one that is used up with its last use, those that expired as others are made.
func TestInvitesAreDeleted(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	must(t, do(ctx, s, func(t *tx) error { return exec(t.Conn, "UPDATE user SET role = 'owner' WHERE id = 'mira'") }))
	add := func(id string, at time.Time, uses int) {
		must(t, s.AddInvite(ctx, chat.Facts{}, chat.Invite{
			ID: id, By: "mira", Role: chat.Member, CreatedAt: at, ExpiresAt: at.Add(time.Hour), MaxUses: uses,
		}, chat.HashSecret(id)))
	}
	left := func(want int64) {
		t.Helper()
		n, err := read(ctx, s, func(c *conn) (int64, error) {
			n, _, err := row(c, integer, "SELECT count(*) FROM invite WHERE expires_at > 0")
			return n, err
		})
		must(t, err)
		if n != want {
			t.Errorf("%d invites are left, want %d", n, want)
		}
	}
	add("twice", noon, 2)
	h := chat.HashSecret("twice")
	for use, want := range []int64{1, 0} {
		id := string(rune('a' + use))
		_, err := s.AddUser(ctx, chat.AddUser{User: newUser("used"+id, "used"+id), Invite: &h, At: noon})
		must(t, err)
		left(want)
	}
	for i := range 30 {
		add("old"+string(rune('a'+i)), noon, 0)
	}
	add("new", noon.Add(time.Hour), 0)
	left(11)
	add("newer", noon.Add(time.Hour), 0)
	left(2)
}
