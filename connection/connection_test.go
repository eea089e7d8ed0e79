package connection_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
)

// TestAlertTarget: of all connections of a person at most one gets an alert: the one that was active last, if none shows the message.
func TestAlertTarget(t *testing.T) {
	early := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	conn := func(id, room string, thread int64, away bool, active time.Duration) connection.Connection {
		c := connection.Connection{ID: id, Room: room, Thread: thread, Away: away, MadeAt: early}
		if active > 0 {
			c.ActiveAt = early.Add(active)
		}
		return c
	}
	root := chat.Alerted{Room: "soup", Seq: 7}
	reply := chat.Alerted{Room: "soup", Seq: 8, Thread: 7}
	also := chat.Alerted{Room: "soup", Seq: 8, Thread: 7, AlsoInRoom: true}
	elsewhere, later := conn("a", "lunch", 0, false, 1), conn("b", "", 0, false, 2)
	room, thread := conn("c", "soup", 0, false, 3), conn("d", "soup", 7, false, 4)
	newer := conn("e", "", 0, false, 0)
	newer.MadeAt = early.Add(time.Hour)
	for _, c := range []struct {
		what string
		e    chat.Alerted
		all  []connection.Connection
		want string
	}{
		{"no connection", root, nil, ""},
		{"one", root, []connection.Connection{elsewhere}, "a"},
		{"away", root, []connection.Connection{conn("a", "", 0, true, 1)}, "a"},
		{"away in the room", root, []connection.Connection{conn("c", "soup", 0, true, 9)}, "c"},
		{"away, the last one", root, []connection.Connection{conn("a", "", 0, true, 1), conn("c", "soup", 0, true, 9)}, "c"},
		{"away, though active later", root, []connection.Connection{conn("b", "", 0, true, 9), elsewhere}, "a"},
		{"away in the room, and active elsewhere", root, []connection.Connection{conn("c", "soup", 0, true, 9), elsewhere}, "a"},
		{"the last one", root, []connection.Connection{later, elsewhere}, "b"},
		{"in either order", root, []connection.Connection{elsewhere, later}, "b"},
		{"one that has done nothing yet", root, []connection.Connection{newer, elsewhere}, "a"},
		{"the newer of two that have done nothing yet", root, []connection.Connection{conn("f", "", 0, false, 0), newer}, "e"},
		{"the room is on a screen", root, []connection.Connection{later, room}, ""},
		{"the room beside a thread", root, []connection.Connection{thread, later}, ""},
		{"a reply, and the room is on a screen", reply, []connection.Connection{room, later}, "c"},
		{"a reply, and its thread is on a screen", reply, []connection.Connection{thread, later}, ""},
		{"a reply, and another thread is on a screen", reply, []connection.Connection{conn("d", "soup", 6, false, 4)}, "d"},
		{"a thread of another room", reply, []connection.Connection{conn("d", "lunch", 7, false, 4)}, "d"},
		{"a reply that is in the room too", also, []connection.Connection{room, later}, ""},
	} {
		got, ok := connection.Target(c.e, c.all)
		if got.ID != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %t, want %q", c.what, got.ID, ok, c.want)
		}
	}
}
