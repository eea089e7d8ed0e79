package chat

import (
	"context"
)

// MayOpen says whether the actor is a member of the room, so that a socket may have it open.
func (c *Canteen) MayOpen(ctx context.Context, a Actor, room string) (bool, error) {
	if err := a.mayRead(); err != nil || !IsID(room) {
		return false, err
	}
	r, err := c.store.RoomAccess(ctx, room, a.User.ID)
	if err != nil && ErrorCode(err) == NotFound {
		return false, nil
	}
	return r.Role != "", err
}

// Typing tells the room's members that the actor writes. Too often, or for a room one is not in: nothing happens.
func (c *Canteen) Typing(ctx context.Context, a Actor, room string) error {
	member, err := c.MayOpen(ctx, a, room)
	if err != nil || !member || a.mayWrite() != nil {
		return err
	}
	if wait, err := c.limiter.Take(ctx, rates().typing, a.User.ID); err != nil || wait > 0 {
		return err
	}
	c.live.Deliver([]Announcement{{Event: Typing{Room: room, User: a.User.ID}}})
	return nil
}
