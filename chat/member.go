package chat

import (
	"context"
	"slices"
	"time"
)

// RoomMembership is one member of a room.
type RoomMembership struct {
	User     string
	Role     RoomRole
	JoinedAt time.Time
}

// MemberStore holds who is in which room.
type MemberStore interface {
	// Members are the room's, by joined_at, then user.
	Members(ctx context.Context, room string) ([]RoomMembership, error)
	// AddMembers adds those of Users who are not members yet; read_seq = last_seq, nothing unread, read_rev beyond what anybody
	// who left had: it never goes back for who joins again. With System a message is
	// posted after. Announces RoomJoined for each, MembersChanged once, then the message. At most MaxMembersAtOnce users.
	AddMembers(ctx context.Context, c AddMembers) error
	// RemoveMember announces RoomLeft, then MembersChanged. NotFound when not a member.
	RemoveMember(ctx context.Context, c RemoveMember) error
	// SetMemberRole announces MyRoomChanged to the member, then MembersChanged. NotFound when not a member.
	SetMemberRole(ctx context.Context, f Facts, room, user string, role RoomRole) error
	// UpdateMyRoom changes what is not nil. Announces MyRoomChanged.
	UpdateMyRoom(ctx context.Context, c UpdateMyRoom) (MyRoom, error)
	// SetRead moves the read pointer to Seq; the same seq is no move. Announces ReadMoved.
	SetRead(ctx context.Context, c SetRead) (MyRoom, error)
}

// AddMembers adds users to a room as Role.
type AddMembers struct {
	Facts  Facts
	Room   string
	Users  []string
	Role   RoomRole
	System *SystemPost
	At     time.Time
}

// RemoveMember takes User out of Room.
type RemoveMember struct {
	Facts  Facts
	Room   string
	User   string
	Reason LeftReason
}

// Join makes the actor a member of a public room; who is one already stays as they are.
func (c *Canteen) Join(ctx context.Context, a Actor, id string) (MyRoom, error) {
	if err := a.mayWrite(); err != nil {
		return MyRoom{}, err
	}
	return decide(ctx, c, a, func(a Actor) (MyRoom, error) {
		r, err := c.view(ctx, a, id)
		if err != nil {
			return MyRoom{}, err
		}
		if r.Role == "" {
			if err := open(r.Room); err != nil {
				return MyRoom{}, err
			}
			err = c.store.AddMembers(ctx, AddMembers{Facts: r.facts(a), Room: id, Users: []string{a.User.ID}, Role: RoomMember, At: c.clock.Time()})
			if err != nil {
				return MyRoom{}, err
			}
		}
		return c.store.MyRoom(ctx, id, a.User.ID)
	})
}

// Members are those of a room the actor sees, by joined_at.
func (c *Canteen) Members(ctx context.Context, a Actor, id string) ([]RoomMembership, error) {
	if _, err := c.view(ctx, a, id); err != nil {
		return nil, err
	}
	return c.store.Members(ctx, id)
}

// PutMember adds a user to the room or, with a role, sets a member's. Members but guests add; those who manage the room
// set roles. An admin may enter a private room by adding herself, which is audited and told in the room.
func (c *Canteen) PutMember(ctx context.Context, a Actor, id, user string, role *RoomRole) (RoomMembership, error) {
	if err := a.mayWrite(); err != nil {
		return RoomMembership{}, err
	}
	if role != nil && *role != RoomOwner && *role != RoomMember {
		return RoomMembership{}, InvalidField("role", "One of owner, member is needed.")
	}
	err := act(ctx, c, a, func(a Actor) error {
		r, err := c.view(ctx, a, id)
		if err != nil && ErrorCode(err) == NotFound && user == a.User.ID && a.isAdmin() {
			return c.enter(ctx, a, id, role)
		} else if err != nil {
			return err
		}
		members, err := c.store.Members(ctx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(members, func(m RoomMembership) bool { return m.User == user })
		if i >= 0 {
			return c.setRole(ctx, a, r, members[i], role)
		}
		return c.addMember(ctx, a, r, user, role)
	})
	if err != nil {
		return RoomMembership{}, err
	}
	return c.membership(ctx, id, user)
}

func (c *Canteen) membership(ctx context.Context, room, user string) (RoomMembership, error) {
	members, err := c.store.Members(ctx, room)
	if err != nil {
		return RoomMembership{}, err
	}
	for _, m := range members {
		if m.User == user {
			return m, nil
		}
	}
	return RoomMembership{}, errNotFound() // removed meanwhile
}

// enter lets an admin into a private room, seen by all in it.
func (c *Canteen) enter(ctx context.Context, a Actor, id string, role *RoomRole) error {
	r, err := c.store.RoomAccess(ctx, id, a.User.ID)
	if err != nil && ErrorCode(err) != NotFound {
		return err
	}
	if err != nil || r.Kind != Private {
		return errNotFound()
	}
	if err := open(r.Room); err != nil {
		return err
	}
	add := AddMembers{
		Facts: r.facts(a), Room: id, Users: []string{a.User.ID}, Role: RoomMember, At: c.clock.Time(),
		System: &SystemPost{By: a.User.ID, System: System{What: AdminJoined}, Text: "entered the room as an admin"},
	}
	if role != nil {
		add.Role = *role
	}
	c.audit(ctx, a, "admin entered a private room", "room", id)
	return c.store.AddMembers(ctx, add)
}

func (c *Canteen) setRole(ctx context.Context, a Actor, r RoomAccess, m RoomMembership, role *RoomRole) error {
	if role == nil || *role == m.Role {
		if r.Role == "" && !a.isAdmin() {
			return Errorf(Forbidden, "Join the room first.")
		}
		return nil
	}
	if err := mayManage(a, r); err != nil {
		c.audit(ctx, a, "role change refused", "room", r.ID, "of", m.User)
		return err
	}
	if err := open(r.Room); err != nil {
		return err
	}
	return c.store.SetMemberRole(ctx, r.facts(a), r.ID, m.User, *role)
}

func (c *Canteen) addMember(ctx context.Context, a Actor, r RoomAccess, user string, role *RoomRole) error {
	if r.Kind == Direct {
		return Errorf(Conflict, "The people of a direct conversation are fixed. Start another one.")
	}
	self := user == a.User.ID // joining a public room by its other door
	if r.Role == "" && !self && !a.isAdmin() || a.User.Role == Guest {
		c.audit(ctx, a, "adding a member refused", "room", r.ID)
		return Errorf(Forbidden, "Members of the room who are not guests may add people to it.")
	}
	add := AddMembers{Facts: r.facts(a), Room: r.ID, Users: []string{user}, Role: RoomMember, At: c.clock.Time()}
	if role != nil && *role == RoomOwner {
		if err := mayManage(a, r); err != nil {
			return err
		}
		add.Role = RoomOwner
	}
	if err := open(r.Room); err != nil {
		return err
	}
	if err := c.addable(ctx, a, "user", []string{user}); err != nil {
		return errNotFound()
	}
	return c.store.AddMembers(ctx, add)
}

// RemoveMember takes a user out of the room: oneself always, others as who manages it.
func (c *Canteen) RemoveMember(ctx context.Context, a Actor, id, user string) error {
	if err := a.mayWrite(); err != nil {
		return err
	}
	return act(ctx, c, a, func(a Actor) error {
		r, err := c.view(ctx, a, id)
		if err != nil {
			return err
		}
		cmd := RemoveMember{Facts: r.facts(a), Room: id, User: user, Reason: Left}
		if r.Kind == Direct {
			return Errorf(Conflict, "The people of a direct conversation are fixed.")
		}
		if user != a.User.ID {
			cmd.Reason = Removed
			if err := mayManage(a, r); err != nil {
				c.audit(ctx, a, "removal refused", "room", id, "of", user)
				return err
			}
			if err := open(r.Room); err != nil {
				return err
			}
			c.audit(ctx, a, "member removed", "room", id, "of", user)
		}
		return c.store.RemoveMember(ctx, cmd)
	})
}
