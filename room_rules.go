package canteen

import (
	"context"
)

// RoomView is a room and, to its members, how they have it.
type RoomView struct {
	Room Room
	Mine *MyRoom // nil for who sees a public room without being in it
}

// view is the only way to a room: NotFound unless the actor may see it, with one answer for all that may not.
func (c *Canteen) view(ctx context.Context, a Actor, id string) (RoomView, error) {
	if err := a.mayRead(); err != nil {
		return RoomView{}, err
	}
	mine, err := c.store.MyRoom(ctx, id, a.User.ID)
	if err == nil {
		return RoomView{mine.Room, &mine}, nil
	}
	if ErrorCode(err) != NotFound {
		return RoomView{}, err
	}
	r, err := c.store.Room(ctx, id)
	if err != nil && ErrorCode(err) != NotFound {
		return RoomView{}, err
	}
	if err != nil || r.Kind != Public || a.User.Role == Guest {
		return RoomView{}, errNotFound()
	}
	return RoomView{Room: r}, nil
}

// member is view for what only members do: who sees the room without being in it is told to join.
func (c *Canteen) member(ctx context.Context, a Actor, id string) (MyRoom, error) {
	v, err := c.view(ctx, a, id)
	if err != nil {
		return MyRoom{}, err
	}
	if v.Mine == nil {
		return MyRoom{}, Errorf(Forbidden, "Join the room first.")
	}
	return *v.Mine, nil
}

// writer is member for an actor that may write, with the facts of it.
func (c *Canteen) writer(ctx context.Context, a Actor, id string) (MyRoom, Facts, error) {
	if err := a.mayWrite(); err != nil {
		return MyRoom{}, Facts{}, err
	}
	r, err := c.member(ctx, a, id)
	if err != nil {
		return MyRoom{}, Facts{}, err
	}
	return r, RoomView{r.Room, &r}.facts(a), nil
}

// facts are what a decision about the room as seen rests on.
func (v RoomView) facts(a Actor) Facts {
	m := &MemberFact{Room: v.Room.ID, User: a.User.ID}
	if v.Mine != nil {
		m.Role = v.Mine.Role
	}
	return Facts{
		User:   a.fact(),
		Room:   &RoomFact{v.Room.ID, v.Room.Kind, v.Room.Posting, v.Room.Archived},
		Member: m,
	}
}

// MayManage says whether the actor may rename, archive, set posting and roles, and remove members: owners of the room,
// and admins who see it. Direct rooms have no owner.
func MayManage(a Actor, v RoomView) bool {
	if v.Room.Kind == Direct {
		return false
	}
	return a.isAdmin() || v.Mine != nil && v.Mine.Role == RoomOwner
}

// MayPost says whether a member may post to the timeline.
func MayPost(r MyRoom) bool { return r.Posting == PostingEveryone || r.Role == RoomOwner }

// MayDelete says whether the actor may delete a message of author: one's own; any, as MayManage, but for guests.
func MayDelete(a Actor, v RoomView, author string) bool {
	return v.Mine != nil && author == a.User.ID || a.User.Role != Guest && MayManage(a, v)
}

func mayManage(a Actor, v RoomView) error {
	if err := a.mayWrite(); err != nil {
		return err
	}
	if v.Room.Kind == Direct {
		return Errorf(Conflict, "A direct conversation has no name, topic, owner or archive, and its people are fixed.")
	}
	if !MayManage(a, v) {
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
