package chat

import (
	"context"
	"errors"
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

// broadcastOf is the broadcast that the text asks for: the wider one if it has both words.
func broadcastOf(body string) Broadcast {
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
	who := "Guests and bots"
	if r.OwnersBroadcast {
		who = "In this room, only its owners may notify people with @here and @room. Others"
	}
	return Errorf(Forbidden, "%s cannot post @%s here. As code, `@%s`, it notifies nobody.", who, b, b)
}

// countBroadcast takes one of the rate of broadcasts, which is that of a person in all rooms together.
func (c *Canteen) countBroadcast(ctx context.Context, a Actor, b Broadcast) error {
	if b == "" {
		return nil
	}
	err := c.take(ctx, c.rates.broadcast, a.key())
	if e, ok := errors.AsType[*Error](err); ok && e.Code == RateLimited {
		e.Message = "You can post @here and @room once a minute. Wait " + e.RetryAfter.String() + " and try again."
	}
	return err
}
