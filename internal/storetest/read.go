package storetest

import (
	"context"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// ownPostsMoveThePointer checks that a post to the timeline moves its author's pointer and raises read_rev, that a reply does
// neither, and that only SetRead announces ReadMoved.
func ownPostsMoveThePointer(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	post := func(id string, thread int64, alsoInRoom bool) func() error {
		return func() error {
			_, _, err := s.PostMessage(ctx, chat.PostMessage{
				Room: general, Author: "umira", ClientID: id, Text: "hello", Thread: thread, AlsoInRoom: alsoInRoom, At: began,
			})
			return err
		}
	}
	read := func(seq int64) func() error {
		return func() error {
			_, err := s.SetRead(ctx, chat.SetRead{Room: general, User: "umira", Seq: seq})
			return err
		}
	}
	before, err := s.MyRoom(ctx, general, "umira")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		what     string
		do       func() error
		seq, rev int64 // rev counts from the beginning
		told     int   // ReadMoved
	}{
		{"a post", post("1", 0, false), 1, 1, 0},
		{"the same post again", post("1", 0, false), 1, 1, 0},
		{"a reply", post("2", 1, false), 1, 1, 0},
		{"a reply that is also in the room", post("3", 1, true), 3, 2, 0},
		{"marked unread", read(0), 0, 3, 1},
		{"the same seq", read(0), 0, 3, 0},
		{"another post", post("4", 0, false), 4, 4, 0},
	} {
		if err := step.do(); err != nil {
			t.Fatal(step.what, err)
		}
		r, err := s.MyRoom(ctx, general, "umira")
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, a := range h.take() {
			if moved, ok := a.Event.(chat.ReadMoved); ok {
				told++
				if moved.Read.ReadRev != r.ReadRev {
					t.Errorf("%s: the event has read_rev %d, the room %d", step.what, moved.Read.ReadRev, r.ReadRev)
				}
			}
		}
		if rev := r.ReadRev - before.ReadRev; r.ReadSeq != step.seq || rev != step.rev || told != step.told {
			t.Errorf("after %s: read_seq %d, read_rev +%d, %d events; want %d, +%d, %d", step.what, r.ReadSeq, rev, told, step.seq,
				step.rev, step.told)
		}
	}
}
