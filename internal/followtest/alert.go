package followtest

import (
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
)

// listeners tests attention.AlertStore: the members whom any message of a room may alert, as another process reads them, and those who
// follow a thread.
func listeners(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	_, _, err := h.AddRoom(t.Context(), chat.AddRoom{
		Room: chat.Room{ID: "pair", Kind: chat.Direct, Members: []string{"jonas", "mira"}, CreatedBy: "mira", CreatedAt: noon},
		Members: []chat.RoomMembership{
			{User: "jonas", Role: chat.RoomMember, JoinedAt: noon}, {User: "mira", Role: chat.RoomMember, JoinedAt: noon},
		},
	})
	must(t, err)
	is := func(what, room string, want ...string) {
		t.Helper()
		got, err := again().(attention.AlertStore).Listeners(t.Context(), room)
		must(t, err)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v listen to %s, want %v", what, got, room, want)
		}
	}
	set := func(room string, notify chat.Notify, muted bool) {
		t.Helper()
		_, err := h.UpdateMyRoom(t.Context(), chat.UpdateMyRoom{Room: room, User: "jonas", Notify: &notify, Muted: &muted})
		must(t, err)
	}
	is("at first", room)
	is("at first", "pair", "jonas", "mira")
	set(room, chat.NotifyAll, false)
	set("pair", chat.NotifyMentions, false)
	is("all, and mentions", room, "jonas")
	is("all, and mentions", "pair", "jonas", "mira")
	set(room, chat.NotifyAll, true)
	set("pair", chat.NotifyNothing, false)
	is("muted, and nothing", room)
	is("muted, and nothing", "pair", "mira")
	say(t, h, 1, chat.PostMessage{Text: "hello"})
	_, err = h.FollowThread(t.Context(), chat.FollowThread{Room: room, Root: 1, User: "jonas", On: true})
	must(t, err)
	got, err := again().(attention.AlertStore).FollowersAt(t.Context(), room, 1, 0)
	if err != nil || !slices.Equal(got, []string{"jonas"}) {
		t.Errorf("%v, %v follow the thread", got, err)
	}
}
