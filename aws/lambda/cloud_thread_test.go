package lambda_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	amazon "github.com/canteen-chat/canteen/internal/hostile"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestCloudThreads: those who follow a thread hear of a reply, find it in their lists, and nowhere once they have left the room.
func TestCloudThreads(t *testing.T) {
	s := newSky(t)
	c := s.cloud(t, amazon.Trouble{BatchTwice: 500}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, none, general := context.Background(), "", c.general(t)
	ids := 0
	post := func(handle string, thread *int64) wire.Message {
		t.Helper()
		ids++
		return world.Must[wire.Message](t)(c.as(handle).Post(ctx, general, wire.PostMessage{
			ClientID: world.UUID(ids), Text: "hello", Thread: thread,
		}))
	}
	root := post("mira", nil)
	world.Must[wire.MyThread](t)(c.as("ada").FollowThread(ctx, general, root.Seq, true))
	sockets := map[string]func(){}
	for _, handle := range []string{"mira", "ada"} {
		ws := c.socket(t, handle, &none)
		sockets[handle] = func() { readUntil(t, ws, fmt.Sprintf(`"type":"thread","room":"%s","seq":%d`, general, root.Seq)) }
	}
	listed := func(handle string, want int) {
		t.Helper()
		var list wire.MyThreads
		for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
			if list = world.Must[wire.MyThreads](t)(c.as(handle).Threads(ctx, nil)); list.UnreadThreads == want {
				break
			}
		}
		if len(list.Threads) != want || list.UnreadThreads != want {
			t.Errorf("%s has the list %+v, want %d", handle, list, want)
		}
	}
	post("jonas", &root.Seq)
	for handle, heard := range sockets {
		heard()
		listed(handle, 1)
	}
	if err := c.as("ada").RemoveMember(ctx, general, c.person("ada").ID); err != nil {
		t.Fatal(err)
	}
	listed("ada", 0)
}
