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
