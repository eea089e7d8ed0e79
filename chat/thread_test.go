package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// TestThreadsInput: what may be asked for, by whoever does not take the OpenAPI description at its word.
func TestThreadsInput(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	follow := func(f thread.Follow) error { return second(s.rules.FollowThread(s.ctx, s.kim, s.room, s.own, f)) }
	list := func(cursor string, limit int) error {
		return second(s.rules.Threads(s.ctx, s.kim, chat.ThreadsInput{Cursor: cursor, Limit: &limit}))
	}
	good := thread.Place{At: s.clock(), Room: s.room, Root: s.others}.String()
	for what, c := range map[string]struct {
		err   error
		field string
	}{
		"following by itself":      {follow(thread.FollowAuto), "follow"},
		"following somehow":        {follow("please"), "follow"},
		"a cursor":                 {list(good, 1), ""},
		"no cursor":                {list("x", 1), "cursor"},
		"a cursor and more":        {list(good+".1", 1), "cursor"},
		"a cursor with a sign":     {list(strings.Replace(good, ".", ".+", 1), 1), "cursor"},
		"a cursor of no room":      {list("1.x.1", 1), "cursor"},
		"a cursor without a time":  {list("."+s.room+".1", 1), "cursor"},
		"a cursor with a long seq": {list("1."+s.room+".99999999999999999999", 1), "cursor"},
		"none":                     {list("", 0), "limit"},
		"too many":                 {list("", chat.MaxThreadsPage+1), "limit"},
	} {
		want := ""
		if c.field != "" {
			want = string(chat.Invalid) + " " + c.field + ":"
		}
		if got := fmt.Sprint(c.err); (c.err == nil) != (want == "") || !strings.HasPrefix(got, want) && want != "" {
			t.Errorf("%s: %v, want %q", what, c.err, want)
		}
	}
}

// TestThreadsGoOn: each answer's Next leads to the threads after it, until there are none.
func TestThreadsGoOn(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	for n := range 7 {
		s.pass(time.Second)
		root := s.house.post("kim", chat.PostInput{ClientID: clientID(100 + n), Text: "Hello"})
		s.house.post("mira", chat.PostInput{ClientID: clientID(200 + n), Text: "Hi", Thread: &root})
	}
	limit, seen, pages := 3, 0, 0
	in, last := chat.ThreadsInput{Unread: true, Limit: &limit}, s.clock().Add(time.Second)
	for next := true; next; next = in.Cursor != "" {
		l, err := s.rules.Threads(s.ctx, s.kim, in)
		s.must(err)
		for _, th := range l.Threads {
			if !th.LastReplyAt.Before(last) || th.Unread != 1 || th.Follow != thread.FollowAuto {
				t.Errorf("after %v: %+v", last, th)
			}
			last = *th.LastReplyAt
			seen++
		}
		if l.Unread != 7 {
			t.Errorf("%d are unread", l.Unread)
		}
		in.Cursor, pages = l.Next, pages+1
	}
	if seen != 7 || pages != 3 {
		t.Errorf("%d threads in %d pages", seen, pages)
	}
}

// TestThreadsOfAReplyElsewhere: the pointer of the room and that of a thread move alone, and a reply that is also in the room counts in
// both places.
func TestThreadsOfAReplyElsewhere(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.must(s.rules.SetRead(s.ctx, s.kim, s.room, 0))
	s.must(s.rules.SetRead(s.ctx, s.kim, s.room, s.system))
	seq := s.house.post("mira", chat.PostInput{ClientID: clientID(100), Text: "@kim both", Thread: &s.others, AlsoInRoom: true})
	counts := func() string {
		r, err := s.rules.Room(s.ctx, s.kim, s.room)
		s.must(err)
		th, err := s.rules.Thread(s.ctx, s.kim, s.room, s.others)
		s.must(err)
		return fmt.Sprint(r.Mine.Unread, r.Mine.MentionCount, th.Unread, th.MentionCount)
	}
	if got := counts(); got != "1 1 1 1" {
		t.Errorf("unread in both places: %s", got)
	}
	s.must(s.rules.ReadThread(s.ctx, s.kim, s.room, s.others, seq))
	if got := counts(); got != "1 1 0 0" {
		t.Errorf("read in the thread: %s", got)
	}
	s.must(s.rules.ReadThread(s.ctx, s.kim, s.room, s.others, 0))
	s.must(s.rules.SetRead(s.ctx, s.kim, s.room, seq))
	if got := counts(); got != "0 0 2 1" {
		t.Errorf("read in the room, and the thread marked as unread: %s", got)
	}
}

// TestFollowing: what makes somebody follow a thread, what ends it, and what is unread after each.
func TestFollowing(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	root, n := s.house.post("kim", chat.PostInput{ClientID: clientID(100), Text: "Hello"}), 100
	reply := func(who string) {
		t.Helper()
		n++
		s.house.post(who, chat.PostInput{ClientID: clientID(n), Text: "Hi", Thread: &root})
	}
	follow := func(f thread.Follow) {
		t.Helper()
		s.must(s.rules.FollowThread(s.ctx, s.kim, s.room, root, f))
	}
	for i, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "off 0"},
		{func() { reply("mira") }, "auto 1"},
		{func() { follow(thread.FollowOff) }, "off 0"},
		{func() { reply("mira") }, "off 0"},
		{func() { s.must(s.rules.ReadThread(s.ctx, s.kim, s.room, root, root)) }, "off 0"},
		{func() { follow(thread.FollowOn) }, "on 0"},
		{func() { reply("mira") }, "on 1"},
		{func() { reply("kim") }, "on 0"},
		{func() { follow(thread.FollowOff); reply("mira"); reply("kim") }, "auto 0"},
		{func() { reply("mira") }, "auto 1"},
		{func() { follow(thread.FollowOn) }, "on 1"},
		{func() { s.must(s.rules.ReadThread(s.ctx, s.kim, s.room, root, 0)) }, "on 5"},
	} {
		step.do()
		th, err := s.rules.Thread(s.ctx, s.kim, s.room, root)
		s.must(err)
		if got := fmt.Sprint(th.Follow, " ", th.Unread); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
}
