package chat_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestAlertTarget: of all connections of a person at most one gets an alert: the one that was active last, if none shows the message.
func TestAlertTarget(t *testing.T) {
	early := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	conn := func(id, room string, thread int64, away bool, active time.Duration) chat.Connection {
		c := chat.Connection{ID: id, Room: room, Thread: thread, Away: away, MadeAt: early}
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
		all  []chat.Connection
		want string
	}{
		{"no connection", root, nil, ""},
		{"one", root, []chat.Connection{elsewhere}, "a"},
		{"away", root, []chat.Connection{conn("a", "", 0, true, 1)}, "a"},
		{"away in the room", root, []chat.Connection{conn("c", "soup", 0, true, 9)}, "c"},
		{"away, the last one", root, []chat.Connection{conn("a", "", 0, true, 1), conn("c", "soup", 0, true, 9)}, "c"},
		{"away, though active later", root, []chat.Connection{conn("b", "", 0, true, 9), elsewhere}, "a"},
		{"away in the room, and active elsewhere", root, []chat.Connection{conn("c", "soup", 0, true, 9), elsewhere}, "a"},
		{"the last one", root, []chat.Connection{later, elsewhere}, "b"},
		{"in either order", root, []chat.Connection{elsewhere, later}, "b"},
		{"one that has done nothing yet", root, []chat.Connection{newer, elsewhere}, "a"},
		{"the newer of two that have done nothing yet", root, []chat.Connection{conn("f", "", 0, false, 0), newer}, "e"},
		{"the room is on a screen", root, []chat.Connection{later, room}, ""},
		{"the room beside a thread", root, []chat.Connection{thread, later}, ""},
		{"a reply, and the room is on a screen", reply, []chat.Connection{room, later}, "c"},
		{"a reply, and its thread is on a screen", reply, []chat.Connection{thread, later}, ""},
		{"a reply, and another thread is on a screen", reply, []chat.Connection{conn("d", "soup", 6, false, 4)}, "d"},
		{"a thread of another room", reply, []chat.Connection{conn("d", "lunch", 7, false, 4)}, "d"},
		{"a reply that is in the room too", also, []chat.Connection{room, later}, ""},
	} {
		got, ok := c.e.Target(c.all)
		if got.ID != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %t, want %q", c.what, got.ID, ok, c.want)
		}
	}
}

// TestListens: who may be alerted by any message of a room. Package attention compares it with its table.
func TestListens(t *testing.T) {
	for _, c := range []struct {
		kind  chat.Kind
		level chat.Notify
		muted bool
		want  bool
	}{
		{chat.Public, chat.NotifyAll, false, true}, {chat.Public, chat.NotifyAll, true, false},
		{chat.Public, chat.NotifyMentions, false, false},
		{chat.Direct, chat.NotifyMentions, false, true}, {chat.Direct, chat.NotifyMentions, true, false},
		{chat.Direct, chat.NotifyNothing, false, false},
	} {
		if got := chat.Listens(c.kind, c.level, c.muted); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
