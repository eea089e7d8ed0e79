package main

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/wire"
)

// TestReadPointerAfterJoiningAgain: a device that slept while its person left a room and joined again has to take the new
// pointer, so read_rev is beyond what it was. (Found by the model test: read_rev began at 0 again, and the device asked for
// ever.)
func TestReadPointerAfterJoiningAgain(t *testing.T) {
	h := open(t)
	ctx, eve := context.Background(), h.as("eve")
	room := must[wire.MyRoom](t)(h.as("ada").AddRoom(ctx, wire.NewRoomBody{Kind: "public", Name: "soup"})).ID
	must[wire.Message](t)(h.as("ada").Post(ctx, room, wire.PostMessage{ClientID: uuid(1), Text: "leek"}))
	must[wire.MyRoom](t)(eve.Join(ctx, room))
	before := must[wire.MyRoom](t)(eve.SetRead(ctx, room, 0))
	if err := eve.RemoveMember(ctx, room, h.id["eve"]); err != nil {
		t.Fatal(err)
	}
	after := must[wire.MyRoom](t)(eve.Join(ctx, room))
	if after.ReadRev <= before.ReadRev || after.Unread != 0 || before.Unread != 1 {
		t.Errorf("read_rev %d, unread %d; before leaving %d, %d", after.ReadRev, after.Unread, before.ReadRev, before.Unread)
	}
}
