package chat

import (
	"context"
)

// MayOpen says whether the actor is a member of the room, so that a socket may have it open.
func (c *Canteen) MayOpen(ctx context.Context, a Actor, room string) (bool, error) {
	_, err := perform(ctx, c, a, CmdOpenRoom, use[struct{}]{room: room, do: func(*attempt) (struct{}, error) { return struct{}{}, nil }})
	if code := ErrorCode(err); err != nil && (code == NotFound || code == Forbidden) {
		return false, nil
	}
	return err == nil, err
}

// Typing tells the room's members that the actor writes. Too often, or for a room one is not in: nothing happens.
func (c *Canteen) Typing(ctx context.Context, a Actor, room string) error {
	_, err := perform(ctx, c, a, CmdTyping, use[struct{}]{room: room, do: func(at *attempt) (struct{}, error) {
		c.live.Deliver([]Announcement{{Event: Typing{Room: room, User: at.User.ID}}})
		return struct{}{}, nil
	}})
	if code := ErrorCode(err); err != nil && (code == NotFound || code == Forbidden || code == RateLimited) {
		return nil
	}
	return err
}
