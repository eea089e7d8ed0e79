package chat

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/text"
)

// Broadcast is whom a message calls together, besides those whom it mentions. The word stands in its text, outside code, as a mention
// does.
type Broadcast string

// Broadcasts.
const (
	BroadcastHere Broadcast = "here" // the members who are there now: it is never counted, since presence is no fact
	BroadcastRoom Broadcast = "room" // all members: the message counts as a mention of everybody but its author
)

// BroadcastOf is the broadcast that the text asks for: the wider one if it has both words.
func BroadcastOf(body string) Broadcast {
	words := text.Broadcasts(body)
	switch {
	case slices.Contains(words, string(BroadcastRoom)):
		return BroadcastRoom
	case len(words) > 0:
		return BroadcastHere
	}
	return ""
}

// stays is the broadcast of a message whose text was edited: as it was while the word stands there. An edit never makes one, for an edit
// calls nobody.
func (b Broadcast) stays(body string) Broadcast {
	if !slices.Contains(text.Broadcasts(body), string(b)) {
		return ""
	}
	return b
}

// MayBroadcast says whether a member may call the others together: everybody where the room lets everyone, and its owners; guests and
// bots only as owners.
func MayBroadcast(a Actor, r RoomAccess) bool {
	return r.Role == RoomOwner || !r.OwnersBroadcast && a.User.Role != Guest && !a.User.Bot
}

func mayBroadcast(a Actor, r RoomAccess, b Broadcast) error {
	if b == "" || MayBroadcast(a, r) {
		return nil
	}
	who := "Guests and bots can notify people with @here and @room only in rooms that they own."
	if r.OwnersBroadcast {
		who = "Only owners of this room can notify people with @here and @room."
	}
	return Errorf(Forbidden, "%s Take the word out, or write it as code: `@%s`.", who, b)
}

// countBroadcast takes one of the rate of broadcasts, which is that of a person in all rooms together.
func (c *Canteen) countBroadcast(ctx context.Context, a Actor, b Broadcast) error {
	if b == "" {
		return nil
	}
	wait, err := c.limiter.Take(ctx, c.rates.broadcast, a.key())
	if err == nil && wait > 0 {
		return tooSoon("You can post @here and @room once a minute.", wait)
	}
	return err
}
