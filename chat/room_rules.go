package chat

import (
	"context"
)

// RoomView is a room and, to its members, how they have it.
type RoomView struct {
	Room Room
	Mine *MyRoom // nil for who sees a public room without being in it
}

// RoomAccess is a room and what somebody is in it: all that permission rests on.
type RoomAccess struct {
	Room
	Role RoomRole // "" for who is not a member
}

// view is the only way to a room: NotFound unless the actor may see it, with one answer for all that may not.
func (c *Canteen) view(ctx context.Context, a Actor, id string) (RoomAccess, error) {
	if err := a.mayRead(); err != nil {
		return RoomAccess{}, err
	}
	r, err := c.store.RoomAccess(ctx, id, a.User.ID)
	if err != nil && ErrorCode(err) != NotFound {
		return RoomAccess{}, err
	}
	if err != nil || r.Role == "" && (r.Kind != Public || a.User.Role == Guest) {
		return RoomAccess{}, errNotFound()
	}
	return r, nil
}

// member is view for what only members do: who sees the room without being in it is told to join.
func (c *Canteen) member(ctx context.Context, a Actor, id string) (RoomAccess, error) {
	r, err := c.view(ctx, a, id)
	if err != nil {
		return RoomAccess{}, err
	}
	if r.Role == "" {
		return RoomAccess{}, Errorf(Forbidden, "Join the room first.")
	}
	return r, nil
}

// writer is member for an actor that may write, with the facts of it.
func (c *Canteen) writer(ctx context.Context, a Actor, id string) (RoomAccess, Facts, error) {
	if err := a.mayWrite(); err != nil {
		return RoomAccess{}, Facts{}, err
	}
	r, err := c.member(ctx, a, id)
	if err != nil {
		return RoomAccess{}, Facts{}, err
	}
	return r, r.facts(a), nil
}

// facts are what a decision about the room as seen rests on.
func (r RoomAccess) facts(a Actor) Facts {
	return Facts{
		User:   a.fact(),
		Room:   &RoomFact{r.ID, r.Kind, r.Posting, r.Archived},
		Member: &MemberFact{Room: r.ID, User: a.User.ID, Role: r.Role},
	}
}

// MayManage says whether the actor may rename, archive, set posting and roles, and remove members: owners of the room,
// and admins who see it. Direct rooms have no owner.
func MayManage(a Actor, r RoomAccess) bool {
	return r.Kind != Direct && (a.isAdmin() || r.Role == RoomOwner)
}

// MayPost says whether a member may post to the timeline.
func MayPost(r RoomAccess) bool { return r.Posting == PostingEveryone || r.Role == RoomOwner }

// MayDelete says whether the actor may delete a message of author: one's own; any, as MayManage, but for guests.
func MayDelete(a Actor, r RoomAccess, author string) bool {
	return r.Role != "" && author == a.User.ID || a.User.Role != Guest && MayManage(a, r)
}

func mayManage(a Actor, r RoomAccess) error {
	if err := a.mayWrite(); err != nil {
		return err
	}
	if r.Kind == Direct {
		return Errorf(Conflict, "A direct conversation has no name, topic, owner or archive, and its people are fixed.")
	}
	if !MayManage(a, r) {
		return Errorf(Forbidden, "Only owners of the room and admins may do this.")
	}
	return nil
}

// open refuses changes of an archived room.
func open(r Room) error {
	if r.Archived {
		return Errorf(Conflict, "The room is archived. Un-archive it first.")
	}
	return nil
}
