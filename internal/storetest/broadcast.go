package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// broadcastsCount: a message to the whole room counts as a mention of every member but its author, once, exactly to 99, as long as it
// calls the room. It counts as those do that name somebody, with which it is counted together.
func broadcastsCount(t *testing.T, open Open) {
	ctx := context.Background()
	s, _ := furnished(t, open)
	n := 0
	post := func(cmd chat.PostMessage) {
		t.Helper()
		n++
		cmd.Room, cmd.Author, cmd.ClientID, cmd.Text, cmd.At = general, "umira", fmt.Sprint(n), "@room, lunch", began
		if _, _, err := s.PostMessage(ctx, cmd); err != nil {
			t.Fatal(err)
		}
	}
	counts := func(what string, jonas, ada int) {
		t.Helper()
		for user, want := range map[string]int{"ujonas": jonas, "uada": ada, "umira": 0} {
			r, err := s.MyRoom(ctx, general, user)
			if err != nil || r.MentionCount != want {
				t.Errorf("%s: %s counts %d mentions, want %d (%v)", what, user, r.MentionCount, want, err)
			}
			all, err := s.MyRooms(ctx, user)
			if err != nil || len(all) != 1 || all[0].MentionCount != r.MentionCount {
				t.Errorf("%s: the list of %s counts otherwise: %v (%v)", what, user, all, err)
			}
			thread, err := s.MyThread(ctx, general, 1, user)
			if err != nil || thread.MentionCount != want {
				t.Errorf("%s: %s counts %d mentions in the thread, want %d (%v)", what, user, thread.MentionCount, want, err)
			}
		}
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	jonas := []string{"ujonas"}
	post(chat.PostMessage{}) // the root of a thread: replies do not move their author's pointer
	for _, user := range []string{"ujonas", "uada"} {
		must(s.FollowThread(ctx, chat.FollowThread{Room: general, Root: 1, User: user, On: true}))
	}
	for i := range 99 {
		of := []chat.PostMessage{
			{Mentions: jonas}, {Broadcast: chat.BroadcastRoom}, {Mentions: jonas, Broadcast: chat.BroadcastRoom},
		}[i%3]
		of.Thread, of.AlsoInRoom = 1, i == 1
		post(of)
	}
	post(chat.PostMessage{Broadcast: chat.BroadcastHere, Thread: 1})
	counts("99", 99, 66)
	must(s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: 4, By: "umira", Text: "@room at noon", Mentions: jonas, At: began}))
	counts("an edit that calls the room as before", 99, 66)
	must(s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: 4, By: "umira", Text: "@jonas at noon", Mentions: jonas, At: began}))
	counts("an edit that calls the room no more", 99, 65)
	must(s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: 4, By: "umira", Text: "@room again", At: began}))
	counts("an edit that names nobody", 98, 65)
	must(nil, s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: 6, At: began}))
	counts("a deletion", 97, 64)
	for range 3 {
		post(chat.PostMessage{Broadcast: chat.BroadcastRoom, Thread: 1})
	}
	counts("as many as are counted", 100, 67)
	for range 2 {
		post(chat.PostMessage{Broadcast: chat.BroadcastRoom, Thread: 1})
	}
	counts("more", 100, 69)
	r, err := s.SetRead(ctx, chat.SetRead{Room: general, User: "ujonas", Seq: 98})
	if must(nil, err); r.MentionCount != 7 { // messages 99 and 100, and the five of the end
		t.Errorf("read to 98, %d mentions are left", r.MentionCount)
	}
}
