package sqlite

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

func TestOwnPostReadsTimelineOnly(t *testing.T) {
	s, h, _ := testStore(t)
	ctx := context.Background()
	for i := range 3 {
		_, err := post(s, "jonas", i, "x")
		must(t, err)
	}
	h.take()
	_, _, err := s.PostMessage(ctx, chat.PostMessage{Room: "general", Author: "mira", ClientID: cid(9), Text: "reply", Thread: 1, At: noon})
	must(t, err)
	r, err := s.MyRoom(ctx, "general", "mira")
	must(t, err)
	if r.ReadSeq != 0 || r.Unread != 3 {
		t.Errorf("after a reply: %+v", r)
	}
	as := h.take()
	if len(as) != 3 {
		t.Fatalf("%d announcements", len(as))
	}
	for i, want := range []int64{4, 5} { // the last one is of the thread
		if m := as[i].Event.(chat.MessageChanged).Message; m.Rev != want {
			t.Errorf("%d: rev %d", i, m.Rev)
		}
	}
	_, err = post(s, "mira", 10, "mine")
	must(t, err)
	if r, _ = s.MyRoom(ctx, "general", "mira"); r.ReadSeq != 5 || r.ReadRev != 1 || r.Unread != 0 {
		t.Errorf("after a post: %+v", r)
	}
	if r, _ = s.MyRoom(ctx, "general", "jonas"); r.Unread != 1 {
		t.Errorf("unread by jonas: %d", r.Unread)
	}
}

func TestRootsAreRight(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	_, err := post(s, "mira", 1, "root")
	must(t, err)
	reply := func(n int, author string, thread int64) error {
		_, _, err := s.PostMessage(ctx, chat.PostMessage{
			Room: "general", Author: author, ClientID: cid(n), Text: "r", Thread: thread, At: noon.Add(time.Duration(n) * time.Minute),
		})
		return err
	}
	must(t, reply(2, "jonas", 1))
	must(t, reply(3, "mira", 1))
	if err := reply(4, "mira", 2); chat.ErrorCode(err) != chat.Invalid || err.(*chat.Error).Field != "thread" {
		t.Error("a reply to a reply:", err)
	}
	if err := reply(5, "mira", 77); chat.ErrorCode(err) != chat.NotFound {
		t.Error("unknown root:", err)
	}
	m, err := s.Message(ctx, "general", 1, "mira")
	must(t, err)
	if i := m.ThreadInfo; i == nil || i.Replies != 2 || !slices.Equal(i.Repliers, []string{"jonas", "mira"}) ||
		!i.LastReplyAt.Equal(noon.Add(3*time.Minute)) {
		t.Errorf("%+v", i)
	}
	must(t, s.DeleteMessage(ctx, chat.DeleteMessage{Room: "general", Seq: 2, At: noon}))
	m, err = s.Message(ctx, "general", 1, "mira")
	must(t, err)
	if i := m.ThreadInfo; i == nil || i.Replies != 1 || !slices.Equal(i.Repliers, []string{"mira"}) ||
		!i.LastReplyAt.Equal(noon.Add(3*time.Minute)) {
		t.Errorf("%+v", i)
	}
	must(t, s.DeleteMessage(ctx, chat.DeleteMessage{Room: "general", Seq: 3, At: noon}))
	if m, err = s.Message(ctx, "general", 1, "mira"); err != nil || m.ThreadInfo != nil {
		t.Errorf("%+v %v", m.ThreadInfo, err)
	}
	must(t, s.DeleteMessage(ctx, chat.DeleteMessage{Room: "general", Seq: 1, At: noon}))
	if err := reply(6, "mira", 1); chat.ErrorCode(err) != chat.Gone {
		t.Error("a tombstone:", err)
	}
	_, _, err = s.PostMessage(ctx, chat.PostMessage{
		Facts: chat.Facts{Room: &chat.RoomFact{ID: "general", Archived: true}}, Room: "general", Author: "jonas", ClientID: cid(2),
		At: noon,
	})
	if err != nil {
		t.Error("a repeated client id with stale facts:", err)
	}
}
