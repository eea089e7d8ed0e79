package followtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
)

// mentioned tests attention.Mentioned: whom a reply mentions follows its thread, once, unless they do not want to or the reply is old.
func mentioned(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	catchUp := func(after time.Duration) {
		t.Helper()
		c := &attention.Mentioned{Store: again(), Clock: func() time.Time { return noon.Add(after) }}
		must(t, newFollower(again(), c).CatchUp(t.Context(), room))
		must(t, h.SavePosition(t.Context(), c.Name(), room, 0)) // the process ends before its position is stored
	}
	is := func(root int64, want string) {
		t.Helper()
		th, err := h.MyThread(t.Context(), room, root, "jonas")
		must(t, err)
		if got := fmt.Sprintf("%s %d", th.Follow, th.Unread); got != want {
			t.Errorf("thread %d: %s, want %s", root, got, want)
		}
	}
	say(t, h, 1, chat.PostMessage{Text: "one"})
	say(t, h, 2, chat.PostMessage{Text: "@jonas", Thread: 1, Mentions: []string{"jonas"}})
	say(t, h, 3, chat.PostMessage{Text: "@jonas", Mentions: []string{"jonas"}})
	say(t, h, 4, chat.PostMessage{Text: "no name", Thread: 3})
	catchUp(25 * time.Hour)
	is(1, "off 0")
	catchUp(time.Hour)
	catchUp(time.Hour)
	is(1, "auto 1")
	is(3, "off 0")
	_, err := h.FollowThread(t.Context(), chat.FollowThread{Room: room, Root: 1, User: "jonas"})
	must(t, err)
	say(t, h, 5, chat.PostMessage{Text: "@jonas", Thread: 1, Mentions: []string{"jonas"}})
	catchUp(time.Hour)
	is(1, "off 0")
	gone := say(t, h, 6, chat.PostMessage{Text: "@jonas", Thread: 3, Mentions: []string{"jonas"}})
	must(t, h.DeleteMessage(t.Context(), chat.DeleteMessage{Room: room, Seq: gone.Seq, At: noon}))
	catchUp(time.Hour)
	is(3, "off 0")
}
