package devices

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// atMost is the highest value of a count: it means more than 99.
const atMost = 100

// count fails unless the counts of a user's rooms, as the server gives them, are those that the rules make of all messages of the room.
func (w *World) count(rt *rapid.T, c *client.Client, me string, r wire.MyRoom) {
	var ms []wire.Message
	for since, more := int64(0), true; more; {
		var page wire.Changes
		if err := w.again(func() (err error) { page, err = c.Changes(w.ctx, r.ID, since); return err }); err != nil {
			rt.Fatal(err)
		}
		ms, since, more = append(ms, page.Messages...), page.Next, page.More
	}
	unread, mentions := 0, 0
	for _, m := range ms {
		if m.Seq <= r.ReadSeq || m.Author == me || m.DeletedAt != nil || m.System != nil {
			continue
		}
		if m.Thread == 0 || m.AlsoInRoom {
			unread++
		}
		if slices.Contains(m.Mentions, me) || m.Broadcast == "room" {
			mentions++
		}
	}
	if unread, mentions = min(unread, atMost), min(mentions, atMost); unread != r.Unread || mentions != r.MentionCount {
		rt.Fatalf("%d messages are unread and %d mention the user, not as in %s", unread, mentions, pretty(rt, r))
	}
	w.Did["rooms counted"]++
}
