package chat

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/audit"
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
	// posted after. Announces RoomJoined for each, MembersChanged once, then the message. At most MaxMembersAtOnce users. It refuses what
	// package bot refuses.
	AddMembers(ctx context.Context, c AddMembers) error
	// RemoveMember removes the user, and the user's bots. It announces RoomLeft of the user, of each bot by id, then MembersChanged. NotFound
	// when not a member. Whoever leaves follows no thread of the room any more, also after coming back.
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
	By     string // who removes User; empty when User leaves
}

// Join makes the actor a member of a public room; who is one already stays as they are.
func (c *Canteen) Join(ctx context.Context, a Actor, id string) (MyRoom, error) {
	mine := func(at *attempt) (MyRoom, error) { return c.store.MyRoom(ctx, id, at.User.ID) }
	return perform(ctx, c, a, CmdJoin, use[MyRoom]{
		room:  id,
		state: func(at *attempt) (bool, error) { return at.room.Role != "", openIf(at.room.Role == "", at.room.Room) },
		same:  mine,
		do: func(at *attempt) (MyRoom, error) {
			err := c.store.AddMembers(ctx, AddMembers{
				Facts: at.facts(), Room: id, Users: []string{at.User.ID}, Role: RoomMember, At: c.clock.Time(),
			})
			if err != nil {
				return MyRoom{}, err
			}
			return mine(at)
		},
	})
}

// Members are those of a room the actor sees, by joined_at.
func (c *Canteen) Members(ctx context.Context, a Actor, id string) ([]RoomMembership, error) {
	return perform(ctx, c, a, CmdMembers, use[[]RoomMembership]{room: id, do: func(*attempt) ([]RoomMembership, error) {
		return c.store.Members(ctx, id)
	}})
}

// PutMember adds a user to the room or, with a role, sets a member's. Members but guests add; those who manage the room
// set roles. An admin may enter a private room by adding herself, which is audited and told in the room.
func (c *Canteen) PutMember(ctx context.Context, a Actor, id, user string, role *RoomRole) (RoomMembership, error) {
	if role != nil && *role != RoomOwner && *role != RoomMember {
		return RoomMembership{}, InvalidField("role", "One of owner, member is needed.")
	}
	p := putMember{c: c, room: id, user: user, role: role}
	return perform(ctx, c, a, CmdPutMember, use[RoomMembership]{
		room: id, about: []any{audit.Of, user},
		see:   func(at *attempt) error { return p.see(ctx, at) },
		may:   func(at *attempt) error { return p.may(at) },
		state: func(at *attempt) (bool, error) { return p.state(ctx, at) },
		same:  func(*attempt) (RoomMembership, error) { return *p.was, nil },
		do:    func(at *attempt) (RoomMembership, error) { return p.do(ctx, at) },
	})
}

// putMember is one use of PutMember: who is to be added, or given a role.
type putMember struct {
	c          *Canteen
	room, user string
	role       *RoomRole
	was        *RoomMembership // nil when not a member yet
	enters     bool            // an admin adds herself to a private room that she is not in
}

// see is the sight of the room. A private room can be entered by an admin who knows its id.
func (p *putMember) see(ctx context.Context, at *attempt) (err error) {
	at.room, err = p.c.see(ctx, at.Actor, p.room)
	p.enters = false
	if err != nil && ErrorCode(err) == NotFound && p.user == at.User.ID && at.isAdmin() {
		at.room, err = p.c.access(ctx, at.Actor, p.room)
		p.enters = err == nil && at.room.Kind == Private
		if err == nil && !p.enters {
			return ErrNotFound()
		}
	}
	if err != nil || p.enters {
		return err
	}
	p.was, err = p.c.member(ctx, p.room, p.user)
	return err
}

// member is the user's membership, or nil.
func (c *Canteen) member(ctx context.Context, room, user string) (*RoomMembership, error) {
	members, err := c.store.Members(ctx, room)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(members, func(m RoomMembership) bool { return m.User == user }); i >= 0 {
		return &members[i], nil
	}
	return nil, nil
}

// changesRole says whether a member's role is to become another one.
func (p *putMember) changesRole() bool { return p.was != nil && p.role != nil && *p.role != p.was.Role }

func (p *putMember) may(at *attempt) error {
	switch {
	case p.enters:
		return nil
	case p.changesRole():
		return mayManage(at.Actor, at.room)
	case p.was != nil:
		if at.room.Role == "" && !at.isAdmin() {
			return Errorf(Forbidden, "Join the room first.")
		}
		return nil
	case at.room.Kind == Direct:
		return Errorf(Conflict, "Nobody can be added to a direct conversation or removed from it. Start a new one.")
	case !MayAdd(at.Actor, at.room, p.user):
		return Errorf(Forbidden, "Only members of the room may add people to it, and guests may not.")
	case p.role != nil && *p.role == RoomOwner:
		return mayManage(at.Actor, at.room)
	}
	return nil
}

func (p *putMember) state(ctx context.Context, at *attempt) (unchanged bool, err error) {
	if p.was != nil && !p.changesRole() {
		return true, nil
	}
	if err := open(at.room.Room); err != nil {
		return false, err
	}
	if p.role != nil && *p.role == RoomOwner {
		if owner, err := p.c.ownerOf(ctx, p.user); err != nil || owner != "" {
			return false, cmp.Or(err, error(InvalidField("role", "A bot of somebody cannot own a room.")))
		}
	}
	if p.was == nil && !p.enters && p.c.addable(ctx, at.Actor, "user", []string{p.user}) != nil {
		return false, ErrNotFound()
	}
	return false, nil
}

func (p *putMember) do(ctx context.Context, at *attempt) (RoomMembership, error) {
	var err error
	if p.was != nil {
		at.about = audit.Changed("role", p.was.Role, p.role)
		err = p.c.store.SetMemberRole(ctx, at.facts(), p.room, p.user, *p.role)
	} else {
		err = p.c.store.AddMembers(ctx, p.addition(at))
	}
	if err != nil {
		return RoomMembership{}, err
	}
	m, err := p.c.member(ctx, p.room, p.user)
	if err == nil && m == nil { // removed meanwhile
		return RoomMembership{}, ErrNotFound()
	}
	if err != nil {
		return RoomMembership{}, err
	}
	return *m, nil
}

// addition is the store's command that adds the user. An admin's entry is told in the room.
func (p *putMember) addition(at *attempt) AddMembers {
	add := AddMembers{Facts: at.facts(), Room: p.room, Users: []string{p.user}, Role: RoomMember, At: p.c.clock.Time()}
	if p.role != nil {
		add.Role = *p.role
	}
	if at.about = []any{"role", add.Role}; p.enters {
		at.about = []any{"entered", "as admin"}
		add.System = &SystemPost{By: at.User.ID, System: System{What: AdminJoined}, Text: "entered the room as an admin"}
	}
	return add
}

// RemoveMember removes a user from the room, with that user's bots. Everybody may remove themselves and their own bots; only who manages
// the room may remove others.
func (c *Canteen) RemoveMember(ctx context.Context, a Actor, id, user string) error {
	_, err := perform(ctx, c, a, CmdRemoveMember, use[struct{}]{
		room: id, about: []any{audit.Of, user},
		may: func(at *attempt) error {
			if at.room.Kind == Direct {
				return Errorf(Conflict, "Nobody can be added to a direct conversation or removed from it.")
			}
			if user == at.User.ID {
				return nil
			}
			err := mayManage(at.Actor, at.room)
			if err == nil {
				return nil
			}
			if owner, failed := c.ownerOf(ctx, user); failed != nil || owner == at.User.ID {
				return failed
			}
			return err
		},
		state: func(at *attempt) (bool, error) { return false, openIf(user != at.User.ID, at.room.Room) },
		do: func(at *attempt) (struct{}, error) {
			cmd := RemoveMember{Facts: at.facts(), Room: id, User: user, Reason: Removed, By: at.User.ID}
			if at.quiet = user == at.User.ID; at.quiet {
				cmd.Reason, cmd.By = Left, ""
			}
			return struct{}{}, c.store.RemoveMember(ctx, cmd)
		},
	})
	return err
}
