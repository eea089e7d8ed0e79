package devices

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

const (
	// atMost is the highest value of a count: it means more than 99.
	atMost = 100
	// followed is how long a follower of the feed may take until an inbox has what was posted.
	followed = 10 * time.Second
)

// count fails unless the counts of a user's rooms and inbox, as the server gives them, are those that the rules make of all messages.
func (w *World) count(rt *rapid.T, c *client.Client, me string, rooms []wire.MyRoom) {
	messages := make([][]wire.Message, len(rooms))
	for i, r := range rooms {
		messages[i] = w.messages(rt, c, r.ID)
		unread, mentions := 0, 0
		for _, m := range messages[i] {
			if m.Seq <= r.ReadSeq || m.Author == me || m.DeletedAt != nil || m.System != nil {
				continue
			}
			if m.Thread == 0 || m.AlsoInRoom {
				unread++
			}
			if concerns(m, me) {
				mentions++
			}
		}
		if unread, mentions = min(unread, atMost), min(mentions, atMost); unread != r.Unread || mentions != r.MentionCount {
			rt.Fatalf("%d messages are unread and %d mention the user, not as in %s", unread, mentions, pretty(rt, r))
		}
		w.Did["rooms counted"]++
	}
	// It is not known what is in the inbox of somebody who has left a room in between: a follower may not have seen a message in time.
	if w.out[me] || slices.ContainsFunc(rooms, func(r wire.MyRoom) bool { return w.left[place{r.ID, me}] }) {
		return
	}
	w.inbox(rt, c, func() (unread int) {
		for i, r := range rooms {
			unread += w.waiting(rt, c, me, r, messages[i])
		}
		return min(unread, atMost)
	})
}

// concerns says whether a message mentions a user, by name or with everybody.
func concerns(m wire.Message, user string) bool {
	return slices.Contains(m.Mentions, user) || m.Broadcast == "room"
}

// messages are all of a room, in their present state.
func (w *World) messages(rt *rapid.T, c *client.Client, room string) (ms []wire.Message) {
	for since, more := int64(0), true; more; {
		var page wire.Changes
		if err := w.again(func() (err error) { page, err = c.Changes(w.ctx, room, since); return err }); err != nil {
			rt.Fatal(err)
		}
		ms, since, more = append(ms, page.Messages...), page.Next, page.More
	}
	return ms
}

// waiting is how many entries of a user's inbox the room makes that are unread: messages to the user, and threads that the user follows now.
func (w *World) waiting(rt *rapid.T, c *client.Client, me string, r wire.MyRoom, ms []wire.Message) (n int) {
	pointers := map[int64]int64{} // of the threads that the user follows
	for _, m := range ms {
		if m.ThreadInfo == nil {
			continue
		}
		var t wire.MyThread
		if err := w.again(func() (err error) { t, err = c.Thread(w.ctx, r.ID, m.Seq); return err }); err != nil {
			rt.Fatal(err)
		}
		if t.Follow == "off" {
			continue
		}
		if pointers[m.Seq] = t.ReadSeq; t.Unread > 0 {
			n++
		}
	}
	heard := !r.Muted && r.Notify != "nothing"
	for _, m := range ms {
		if r.Kind == "direct" {
			break // its messages are shown as those of the room; its threads are in the inbox
		}
		read := m.Seq <= r.ReadSeq || m.Thread > 0 && m.Seq <= pointers[m.Thread]
		if !read && m.Author != me && m.DeletedAt == nil && (slices.Contains(m.Mentions, me) || m.Broadcast == "room" && heard) {
			n++
		}
	}
	return n
}

// inbox fails unless so many entries of the user's inbox are unread, at the latest when the followers have seen what was posted: one writes
// rows, and another makes people follow threads. So the number is asked for anew each time.
func (w *World) inbox(rt *rapid.T, c *client.Client, wanted func() int) {
	var got wire.Inbox
	unread := 0
	for end := time.Now().Add(followed); ; time.Sleep(20 * time.Millisecond) {
		if err := w.again(func() (err error) {
			got, err = c.Inbox(w.ctx, client.InboxPage{Filter: "unread", Limit: 100})
			return err
		}); err != nil {
			rt.Fatal(err)
		}
		if unread = wanted(); got.Unread == unread {
			break
		}
		if time.Now().After(end) {
			rt.Fatalf("%d entries of the inbox should be unread, not %d; with the unread reactions it has %s\n%s",
				unread, got.Unread, entries(got), pretty(rt, got))
		}
	}
	listed := 0
	for _, i := range got.Items {
		if i.Cause != "reaction" {
			listed++
		}
	}
	if got.Next == "" && listed != unread {
		rt.Fatalf("%d entries are listed as unread, %d are counted", listed, unread)
	}
	w.Did["inboxes counted"]++
}

// entries are those of an inbox, in few words.
func entries(in wire.Inbox) (out []string) {
	for _, i := range in.Items {
		out = append(out, i.Cause+" "+i.Key)
	}
	return out
}
