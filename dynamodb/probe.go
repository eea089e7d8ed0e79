package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
)

// AnnounceProbe writes an event that only the connections of user hear. It takes the way of all events, through the stream. The user
// exists for one probe and is in no table, and neither is the room of the event, which has the same id.
func (s *Store) AnnounceProbe(ctx context.Context, user string) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.addEvent(chat.RoomLeft{User: user, Room: user}, 0); err != nil {
			return err
		}
		err := t.putEvents() // no command changes anything else
		t.events = nil
		return err
	})
}
