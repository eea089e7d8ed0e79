package lambda_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/devices"
	amazon "github.com/canteen-chat/canteen/internal/hostile"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestCloudAlerts: whom new messages alert, and on which device, although the records of the stream come twice.
func TestCloudAlerts(t *testing.T) {
	s := newSky(t)
	s.each = 1 // other processes hear of a changed level within a minute
	c := s.cloud(t, amazon.Trouble{BatchTwice: 500, BatchLate: 100}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	devices.Alerts(t, c, c.people, false)
}

// TestCloudRoomThatWasLeft: a room that somebody was removed from is on none of their screens, and the fan-out goes on.
func TestCloudRoomThatWasLeft(t *testing.T) {
	c := newSky(t).cloud(t, amazon.Trouble{}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, mira := context.Background(), c.person("mira").ID
	body := wire.NewRoomBody{Kind: "private", Name: "soup", Members: []string{mira}}
	room := world.Must[wire.MyRoom](t)(c.as("jonas").AddRoom(ctx, body)).ID
	ws := c.socket(t, "mira", &room)
	if err := c.as("mira").RemoveMember(ctx, room, mira); err != nil {
		t.Fatal(err)
	}
	readUntil(t, ws, `"type":"left"`)
	for end := time.Now().Add(10 * time.Second); !slices.Equal(c.Screens("mira"), []string{devices.Screen("", 0, true)}); {
		if time.Sleep(20 * time.Millisecond); time.Now().After(end) {
			t.Fatalf("the server knows the screens %v", c.Screens("mira"))
		}
	}
}

// Screens implements devices.Screens.
func (c *cloud) Screens(handle string) (out []string) {
	all, err := c.store.ConnectionsOf(context.Background(), []string{c.person(handle).ID}, time.Now())
	if err != nil {
		return []string{err.Error()}
	}
	for _, one := range all {
		out = append(out, devices.Screen(one.Room, one.Thread, !one.Away))
	}
	slices.Sort(out)
	return out
}
