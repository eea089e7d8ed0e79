package rest_test

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestReadPointerAfterJoiningAgain: after a user left a room and joined it again, read_rev is higher than before. A device that was
// offline meanwhile accepts the new read pointer only then. (The model test found that read_rev began at 0 again, and that the device
// refetched without end.)
func TestReadPointerAfterJoiningAgain(t *testing.T) {
	h := world.Open(t)
	ctx, sam := context.Background(), h.As("sam")
	room := h.Room("ada", "public", "soup")
	world.Must[wire.Message](t)(h.As("ada").Post(ctx, room, wire.PostMessage{ClientID: world.UUID(1), Text: "leek"}))
	world.Must[wire.MyRoom](t)(sam.Join(ctx, room))
	before := world.Must[wire.MyRoom](t)(sam.SetRead(ctx, room, 0))
	if err := sam.RemoveMember(ctx, room, h.ID["sam"]); err != nil {
		t.Fatal(err)
	}
	after := world.Must[wire.MyRoom](t)(sam.Join(ctx, room))
	if after.ReadRev <= before.ReadRev || after.Unread != 0 || before.Unread != 1 {
		t.Errorf("read_rev %d, unread %d; before leaving %d, %d", after.ReadRev, after.Unread, before.ReadRev, before.Unread)
	}
}
