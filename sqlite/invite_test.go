package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/canteen-chat/canteen"
)

func TestInviteEmailIsComparedFolded(t *testing.T) {
	s, _, _ := house(t)
	ctx := context.Background()
	h := canteen.HashSecret("s")
	must(t, s.AddInvite(ctx, canteen.Facts{}, canteen.Invite{ID: "inv", By: "mira", Email: "Ada@Example.com", Role: canteen.Member, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour), MaxUses: 1}, h))
	if _, err := s.AddUser(ctx, canteen.AddUser{User: newUser("ada", "ada"), Invite: &h, At: noon}); err != nil {
		t.Error(err)
	}
}
