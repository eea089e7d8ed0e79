package rest_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestInbox: a mention, a keyword, a reaction, a message to everybody and a thread reach the inbox of the real program, are read with the
// pointers, and can be cleared.
func TestInbox(t *testing.T) {
	h, ctx := world.Open(t), t.Context()
	jonas, sam := h.As("jonas"), h.As("sam")
	room := world.Must[[]wire.MyRoom](t)(sam.Rooms(ctx))[0].ID
	words := []string{"soup"}
	settings := wire.UpdateSettings{Attention: &wire.UpdateAttention{Keywords: &words}}
	world.Must[wire.Me](t)(sam.UpdateMe(ctx, wire.UpdateMe{Settings: &settings}))
	post := func(by *client.Client, n int, text string) wire.Message {
		return world.Must[wire.Message](t)(by.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(n), Text: text}))
	}
	own := post(sam, 1, "mine")
	world.Must[wire.Message](t)(jonas.React(ctx, room, own.Seq, "🎉", true))
	post(jonas, 2, "@sam, look")
	last := post(jonas, 3, "Soup today")
	await := func(want int) (in wire.Inbox) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); len(in.Items) != want; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d entries, want %d: %+v", len(in.Items), want, in.Items)
			}
			in = world.Must[wire.Inbox](t)(sam.Inbox(ctx, client.InboxPage{}))
		}
		return in
	}
	causes := map[string]wire.InboxItem{}
	in := await(3)
	for _, i := range in.Items {
		causes[i.Cause] = i
	}
	if in.Unread != 2 || causes["mention"].Reason != "This message mentions you." || causes["keyword"].Seq != last.Seq ||
		causes["reaction"].By[0] != h.ID["jonas"] || causes["mention"].Read {
		t.Errorf("%+v", in)
	}
	world.Must[wire.MyRoom](t)(sam.SetRead(ctx, room, last.Seq))
	if now := await(3); now.Unread != 0 || !now.Items[0].Read && now.Items[0].Cause != "reaction" {
		t.Errorf("after reading: %+v", now)
	}
	if err := sam.SeeInbox(ctx, causes["reaction"].At.Time); err != nil {
		t.Fatal(err)
	}
	unread := world.Must[wire.Inbox](t)(sam.Inbox(ctx, client.InboxPage{Filter: "unread", Limit: 10}))
	if len(unread.Items) != 0 {
		t.Errorf("unread after all was seen: %+v", unread)
	}
	if err := sam.ClearInbox(ctx, causes["mention"].Key); err != nil {
		t.Fatal(err)
	}
	await(2)
	if err := sam.ClearInboxBefore(ctx, time.Now()); err != nil {
		t.Fatal(err)
	}
	if left := world.Must[wire.Inbox](t)(sam.Inbox(ctx, client.InboxPage{})); len(left.Items) != 0 {
		t.Errorf("cleared: %+v", left)
	}

	world.Must[wire.Message](t)(jonas.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(4), Text: "@room, hello"}))
	reply := func(n int, text string) wire.Message {
		return world.Must[wire.Message](t)(jonas.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(n), Text: text, Thread: &own.Seq}))
	}
	reply(5, "one")
	reply(6, "two")
	in = await(2)
	thread := in.Items[0]
	if in.Unread != 2 || in.Items[1].Cause != "broadcast" || thread.Cause != "thread" || thread.Message.Text != "two" || thread.Read ||
		thread.Reason != "You follow this thread." {
		t.Errorf("a broadcast and a thread: %+v", in)
	}
	reply(7, "three")
	if err := sam.ClearInboxUntil(ctx, thread.Key, thread.At.Time); err != nil {
		t.Fatal(err)
	}
	if in = await(2); in.Items[0].Message.Text != "three" {
		t.Errorf("a newer reply was cleared: %+v", in)
	}
	if err := sam.ClearInbox(ctx, thread.Key); err != nil {
		t.Fatal(err)
	}
	if in = await(1); in.Unread != 1 {
		t.Errorf("the thread was cleared: %+v", in)
	}
}
