package thread_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/thread"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// TestRow: what becomes of who follows a thread, and of how far they have read it, with each reply.
func TestRow(t *testing.T) {
	none := thread.Row{}
	row := func(f thread.Follow, seq, rev int64) thread.Row {
		return thread.Row{Follow: f, ReadSeq: seq, ReadRev: rev}
	}
	for _, c := range []struct{ was, replied, heard thread.Row }{
		{none, row(thread.FollowAuto, 9, 1), row(thread.FollowAuto, 8, 0)},
		{row(thread.FollowOff, 3, 1), row(thread.FollowAuto, 9, 2), row(thread.FollowOff, 3, 1)},
		{row(thread.FollowOn, 3, 1), row(thread.FollowOn, 9, 2), row(thread.FollowOn, 3, 1)},
		{row(thread.FollowAuto, 3, 1), row(thread.FollowAuto, 9, 2), row(thread.FollowAuto, 3, 1)},
	} {
		if got := c.was.Replied(9); got != c.replied || !got.Follows() {
			t.Errorf("%+v after a reply of one's own: %+v", c.was, got)
		}
		if got := c.was.Heard(9); got != c.heard {
			t.Errorf("%+v after a reply that concerns one: %+v", c.was, got)
		}
	}
	if none.Follows() || row(thread.FollowOff, 3, 1).Follows() {
		t.Error("who does not follow a thread does")
	}
}

// TestInfo: the sum names the first people who replied, each once, and leaves the sum before as it is.
func TestInfo(t *testing.T) {
	var info thread.Info
	for n := range thread.MaxRepliers + 2 {
		for range 2 {
			info = info.Add(fmt.Sprint("u", n), noon.Add(time.Duration(n)*time.Minute))
		}
	}
	want := thread.Info{Replies: 14, LastReplyAt: noon.Add(6 * time.Minute), Repliers: []string{"u0", "u1", "u2", "u3", "u4"}}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("%+v", info)
	}
	if late := info.Add("u9", noon); !late.LastReplyAt.Equal(want.LastReplyAt) || info.Replies != 14 {
		t.Errorf("an earlier reply: %+v", late)
	}
}

// TestPlace: places are in the order of a list, and are read as they are written.
func TestPlace(t *testing.T) {
	list := []thread.Place{{At: noon, Room: "b", Root: 2}, {At: noon.Add(-time.Second), Room: "a", Root: 1},
		{At: noon.Add(-time.Second), Room: "a", Root: 3}, {At: noon.Add(-time.Second), Room: "b", Root: 1}}
	sorted := slices.SortedFunc(slices.Values([]thread.Place{list[2], list[3], list[0], list[1]}), thread.Place.Compare)
	if !slices.Equal(sorted, list) {
		t.Errorf("%v", sorted)
	}
	for _, p := range list {
		if got, ok := thread.ParsePlace(p.String()); !ok || got != p {
			t.Errorf("%s is %+v, %v", p, got, ok)
		}
	}
	for _, s := range []string{"", "1.room", "1.room.2.3", "one.room.2", "1.room.two", "01.room.2", "1.room.+2"} {
		if p, ok := thread.ParsePlace(s); ok {
			t.Errorf("%q is %+v", s, p)
		}
	}
}
