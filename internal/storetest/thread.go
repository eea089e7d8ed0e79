package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// compareThreads compares all threads of a user, and all pages of the list of them.
func compareThreads(rt *rapid.T, user string, slow bool, ask func(string, command)) {
	for _, room := range []string{general, "rone", "none"} {
		for root := int64(1); root <= 4; root++ {
			if slow && rapid.IntRange(0, 2).Draw(rt, "asked") > 0 {
				continue
			}
			ask(fmt.Sprintf("thread %d of %s", root, user), func(ctx context.Context, s chat.Store) (any, error) {
				return s.MyThread(ctx, room, root, user)
			})
		}
	}
	for _, unread := range []bool{false, true} {
		for _, b := range []chat.Bound{{Limit: 1, Bytes: chat.PageBytes}, {Limit: 3, Bytes: chat.PageBytes}, {Limit: 3, Bytes: 1}} {
			q := chat.ThreadQuery{User: user, Unread: unread, Bound: b}
			ask(fmt.Sprintf("pages of threads of %s within %v, unread: %v", user, b, unread), func(ctx context.Context, s chat.Store) (any, error) {
				return threadPages(ctx, s, q)
			})
		}
	}
}

// threadPages are all pages of a list of threads.
func threadPages(ctx context.Context, s chat.Store, q chat.ThreadQuery) (out []chat.ThreadPage, err error) {
	for {
		p, err := s.MyThreads(ctx, q)
		if err != nil {
			return out, err
		}
		out = append(out, p)
		if !p.More || len(p.Threads) == 0 {
			return out, nil
		}
		last := p.Threads[len(p.Threads)-1].Place()
		q.After = &last
	}
}

// threaded is a store with a room in which a thread is told as a story.
type threaded struct {
	*testing.T
	s Opened
	h *recorder
	n int
}

func (t *threaded) post(by string, root int64, mentions ...string) chat.Message {
	t.Helper()
	t.n++
	m, _, err := t.s.PostMessage(context.Background(), chat.PostMessage{
		Room: general, Author: by, ClientID: fmt.Sprint("story", t.n), Text: "hello", Thread: root, Mentions: mentions,
		At: began.Add(time.Duration(t.n) * time.Second),
	})
	t.must(err)
	return m
}

func (t *threaded) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// told are the users to whom ThreadChanged was announced since the last time, sorted, each as often as it was.
func (t *threaded) told() (out []string) {
	for _, a := range t.h.take() {
		if _, ok := a.Event.(chat.ThreadChanged); ok {
			out = append(out, a.To...)
		}
	}
	slices.Sort(out)
	return out
}

// is holds somebody's thread of root 1 to what is expected, and says who was told since the last time.
func (t *threaded) is(user, want string, told ...string) {
	t.Helper()
	if got := t.told(); !slices.Equal(got, told) {
		t.Errorf("%v were told, want %v", got, told)
	}
	m, err := t.s.MyThread(context.Background(), general, 1, user)
	t.must(err)
	got := fmt.Sprintf("%s read %d/%d unread %d mentions %d", m.Follow, m.ReadSeq, m.ReadRev, m.Unread, m.MentionCount)
	for _, l := range m.Latest {
		got += fmt.Sprint(" #", l.Seq)
	}
	if got != want {
		t.Errorf("%s has %s\nwant %s", user, got, want)
	}
	p, err := t.s.MyThreads(context.Background(), chat.ThreadQuery{User: user, Bound: chat.Bound{Limit: 10, Bytes: chat.PageBytes}})
	t.must(err)
	listed := m.Follow != thread.FollowOff && len(m.Latest) > 0
	if listed != (len(p.Threads) == 1) || listed && p.Threads[0].Unread != m.Unread || (p.Unread == 1) != (m.Unread > 0) {
		t.Errorf("the list of %s holds %+v; the thread is %+v", user, p, m)
	}
}

// threads tells the story of a thread: who follows it, what they have read, and who is told.
func threads(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	st := &threaded{T: t, s: s, h: h}
	follow := func(user string, on bool) {
		t.Helper()
		_, err := s.FollowThread(ctx, chat.FollowThread{Room: general, Root: 1, User: user, On: on})
		st.must(err)
	}
	read := func(user string, seq int64) {
		t.Helper()
		_, err := s.ReadThread(ctx, chat.ReadThread{Room: general, Root: 1, User: user, Seq: seq})
		st.must(err)
	}
	st.post("umira", 0)
	st.is("umira", "off read 1/0 unread 0 mentions 0")
	second := st.post("ujonas", 1, "umira", "ugus") // by a reply, its author and the root's follow
	st.is("umira", "auto read 1/0 unread 1 mentions 1 #2", "ujonas", "umira")
	st.is("ujonas", "auto read 2/1 unread 0 mentions 0 #2")
	st.is("ugus", "off read 2/0 unread 0 mentions 0 #2")
	for range 2 { // as a follower of the feed does, at least once
		st.must(s.FollowMentioned(ctx, second))
	}
	st.is("ugus", "auto read 1/0 unread 1 mentions 1 #2", "ugus")
	st.post("uada", 0)
	st.post("ujonas", 1)
	st.post("ujonas", 1)
	st.is("umira", "auto read 1/0 unread 3 mentions 1 #4 #5", "ugus", "ugus", "ujonas", "ujonas", "umira", "umira")
	read("umira", 4)
	st.is("umira", "auto read 4/1 unread 1 mentions 0 #4 #5", "umira")
	read("umira", 4)
	st.is("umira", "auto read 4/1 unread 1 mentions 0 #4 #5")
	st.must(s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: 5, At: began}))
	st.is("umira", "auto read 4/1 unread 0 mentions 0 #2 #4", "ugus", "ujonas", "umira")
	read("umira", 0) // marked unread
	st.is("umira", "auto read 0/2 unread 2 mentions 1 #2 #4", "umira")
	_, err := s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: 2, By: "ujonas", Text: "edited", Mentions: []string{"uada"}, At: began})
	st.must(err)
	st.is("umira", "auto read 0/2 unread 2 mentions 0 #2 #4", "ugus", "ujonas", "umira")

	follow("ugus", false) // off lasts: a mention does not undo it
	st.must(s.FollowMentioned(ctx, second))
	st.is("ugus", "off read 4/0 unread 0 mentions 0 #2 #4", "ugus")
	read("ugus", 1)
	st.is("ugus", "off read 4/0 unread 0 mentions 0 #2 #4")
	follow("ugus", true) // and has then read it
	st.is("ugus", "on read 4/0 unread 0 mentions 0 #2 #4", "ugus")
	follow("ugus", false)
	st.post("ugus", 1) // a reply of one's own undoes it
	st.is("ugus", "auto read 6/1 unread 0 mentions 0 #4 #6", "ugus", "ugus", "ujonas", "umira")

	follow("umira", false) // the author of the root
	st.post("ujonas", 1)
	st.is("umira", "off read 7/2 unread 0 mentions 0 #6 #7", "ugus", "ujonas", "umira")
	follow("uada", true)
	st.post("uada", 1)
	st.is("uada", "on read 8/1 unread 0 mentions 0 #7 #8", "uada", "uada", "ugus", "ujonas")
	st.must(s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: 1, At: began})) // the root: its replies stay
	st.is("ugus", "auto read 6/1 unread 2 mentions 0 #7 #8")
}

// leavingEndsThreads checks that who leaves a room and comes back follows none of its threads, and that what mentioned them before does not
// make them.
func leavingEndsThreads(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	st := &threaded{T: t, s: s, h: h}
	st.post("ugus", 0)
	reply := st.post("umira", 1, "ujonas")
	st.post("ugus", 1)
	st.must(s.FollowMentioned(ctx, reply))
	for _, user := range []string{"ugus", "ujonas", "umira"} {
		st.must(s.RemoveMember(ctx, chat.RemoveMember{Room: general, User: user, Reason: chat.Left}))
	}
	if p, err := s.MyThreads(ctx, chat.ThreadQuery{User: "ugus", Bound: chat.Bound{Limit: 10, Bytes: chat.PageBytes}}); err != nil ||
		len(p.Threads) > 0 || p.Unread > 0 {
		t.Errorf("who has left follows %+v, %v", p, err)
	}
	if _, err := s.ReadThread(ctx, chat.ReadThread{Room: general, Root: 1, User: "ugus", Seq: 1}); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("who has left reads a thread: %v", err)
	}
	if _, err := s.FollowThread(ctx, chat.FollowThread{Room: general, Root: 1, User: "ugus", On: true}); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("who has left follows a thread: %v", err)
	}
	st.must(s.FollowMentioned(ctx, reply))
	st.must(s.AddMembers(ctx, chat.AddMembers{
		Room: general, Users: []string{"ugus", "ujonas", "umira"}, Role: chat.RoomMember, At: began.Add(time.Hour),
	}))
	st.must(s.FollowMentioned(ctx, reply))
	h.take()
	for _, user := range []string{"ugus", "ujonas", "umira"} {
		st.is(user, "off read 3/0 unread 0 mentions 0 #2 #3")
	}
	st.n += 3600
	st.post("uada", 1) // answers the root's author, who is back
	st.is("ugus", "auto read 3/0 unread 1 mentions 0 #3 #4", "uada", "ugus")
	st.is("umira", "off read 4/0 unread 0 mentions 0 #3 #4")
}

// pagesOfThreads checks the order, the pages and the number of unread ones of a long list, and that it stops to count where it says.
func pagesOfThreads(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	st := &threaded{T: t, s: s, h: h}
	n := int64(chat.MaxUnread + 10)
	if s.Slow {
		n = 12
	}
	for range n {
		st.post("umira", 0)
	}
	for root := range n {
		st.post("ujonas", root+1)
	}
	st.post("ujonas", 1) // is now the newest
	h.take()
	for _, seq := range []int64{2, 5} {
		_, err := s.ReadThread(ctx, chat.ReadThread{Room: general, Root: seq, User: "umira", Seq: 2*n + 1})
		st.must(err)
	}
	h.take()
	for _, unread := range []bool{false, true} {
		var want, got []int64
		for root := n; root > 1; root-- {
			if !unread || root != 2 && root != 5 {
				want = append(want, root)
			}
		}
		want = append([]int64{1}, want...)
		pages, err := threadPages(ctx, s, chat.ThreadQuery{User: "umira", Unread: unread, Bound: chat.Bound{Limit: 5, Bytes: chat.PageBytes}})
		st.must(err)
		for _, p := range pages {
			if p.Unread != min(int(n)-2, chat.MaxUnread) {
				t.Errorf("%d threads are unread", p.Unread)
			}
			for _, m := range p.Threads {
				got = append(got, m.Root.Seq)
			}
		}
		if !slices.Equal(got, want) || len(pages) != (len(want)+4)/5 {
			t.Errorf("unread %v: %d pages with %v, want %v", unread, len(pages), got, want)
		}
	}
}
