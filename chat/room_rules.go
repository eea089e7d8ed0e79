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

// see is the only way to a room: NotFound unless the actor may see it, with one answer for all that may not.
func (c *Canteen) see(ctx context.Context, a Actor, id string) (RoomAccess, error) {
	r, err := c.access(ctx, a, id)
	if err != nil && ErrorCode(err) != NotFound {
		return RoomAccess{}, err
	}
	if err != nil || !MaySee(a, r) {
		return RoomAccess{}, ErrNotFound()
	}
	return r, nil
}

// access is the room as the store has it for the actor. No store is asked for what is no id: a frame of a socket may hold anything.
func (c *Canteen) access(ctx context.Context, a Actor, id string) (RoomAccess, error) {
	if !IsID(id) {
		return RoomAccess{}, ErrNotFound()
	}
	return c.store.RoomAccess(ctx, id, a.User.ID)
}

// facts are what a decision about the room as seen rests on.
func (r RoomAccess) facts(a Actor) Facts {
	return Facts{
		User:   a.fact(),
		Room:   &RoomFact{r.ID, r.Kind, r.Posting, r.OwnersBroadcast, r.Archived},
		Member: &MemberFact{Room: r.ID, User: a.User.ID, Role: r.Role},
	}
}

// MaySee says whether the actor sees the room: its members do and, of public rooms, everybody but guests.
func MaySee(a Actor, r RoomAccess) bool {
	return r.Role != "" || r.Kind == Public && a.User.Role != Guest
}

// MayManage says whether the actor may rename, archive, set posting and roles, and remove members: owners of the room,
// and admins who see it. Direct rooms have no owner.
func MayManage(a Actor, r RoomAccess) bool {
	return r.Kind != Direct && (a.isAdmin() || r.Role == RoomOwner)
}

// MayAdd says whether the actor may add the user to the room: members of the room who are not guests, admins, and everybody
// but guests themselves.
func MayAdd(a Actor, r RoomAccess, user string) bool {
	return a.User.Role != Guest && (r.Role != "" || user == a.User.ID || a.isAdmin())
}

// MayPost says whether a member may post to the timeline.
func MayPost(r RoomAccess) bool { return r.Posting == PostingEveryone || r.Role == RoomOwner }

// MayAskToConfirm says whether a member may ask all others to confirm that they have read a message: an owner of the room.
func MayAskToConfirm(r RoomAccess) bool { return r.Role == RoomOwner }

// MaySeeConfirmed says whether a member sees who has confirmed a message of author, and who has not: its author, and owners of the room.
func MaySeeConfirmed(a Actor, r RoomAccess, author string) bool {
	return r.Role == RoomOwner || r.Role != "" && author == a.User.ID
}

// MayEdit says whether a member may edit a message: one's own, and in the timeline only where one may still post.
func MayEdit(a Actor, r RoomAccess, m Message) bool {
	return m.System == nil && m.Author == a.User.ID && (!m.InTimeline() || MayPost(r))
}

// MayDelete says whether the actor may delete a message of author: one's own; any, as MayManage, but for guests.
func MayDelete(a Actor, r RoomAccess, author string) bool {
	return r.Role != "" && author == a.User.ID || a.User.Role != Guest && MayManage(a, r)
}

func mayManage(a Actor, r RoomAccess) error {
	if r.Kind == Direct {
		return Errorf(Conflict, "A direct conversation has no name, topic or owner. It cannot be archived, and nobody can be added or removed.")
	}
	if !MayManage(a, r) {
		return Errorf(Forbidden, "Only owners of the room and admins may do this.")
	}
	return nil
}

// open refuses changes of an archived room.
func open(r Room) error { return openIf(true, r) }

// openIf refuses, if the command changes something for others, changes of an archived room.
func openIf(changes bool, r Room) error {
	if changes && r.Archived {
		return Errorf(Conflict, "The room is archived. Unarchive it first.")
	}
	return nil
}
