package chat

import (
	"context"
	"slices"
)

// may is the permission for a change of a room. Guests make no public rooms and no private ones, not by a change of another either.
func (in UpdateRoomInput) may(at *attempt) error {
	if err := mayManage(at.Actor, at.room); err != nil {
		return err
	}
	if in.Kind != nil && *in.Kind != at.room.Kind && at.User.Role == Guest {
		return Errorf(Forbidden, "Guests cannot make a room public or private.")
	}
	return nil
}

// mayChangeKind checks a change of a room from public to private, or back. Back needs the name of the room, since everybody can then read
// all that was ever said in it.
func (c *Canteen) mayChangeKind(ctx context.Context, in UpdateRoomInput, r Room) error {
	switch {
	case in.Kind == nil:
		return nil
	case *in.Kind != Public && *in.Kind != Private:
		return InvalidField("kind", "One of public, private is needed.")
	case *in.Kind == r.Kind:
		return nil
	case *in.Kind == Public && in.Confirm != r.Name:
		return InvalidField("confirm", "Everybody will be able to read all of the room. Repeat its name to confirm this.")
	case *in.Kind == Public:
		return nil
	}
	w, err := c.store.Workspace(ctx)
	if err == nil && slices.Contains(w.DefaultRooms, r.ID) {
		err = Errorf(Conflict, "New people start in this room. It stays public.")
	}
	return err
}
