package chat

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// Invite lets somebody sign up. It gives no more than its maker could give now.
type Invite struct {
	ID        string
	By        string
	Epoch     int64  // of its maker, when it was made
	Email     string // this address alone, once; empty: anyone who has the link
	Role      Role
	Rooms     []string
	CreatedAt time.Time
	ExpiresAt time.Time
	Uses      int
	MaxUses   int // 0: no bound
}

// Open says whether the invite lets anybody in at now.
func (i Invite) Open(now time.Time) bool {
	return now.Before(i.ExpiresAt) && !i.UsedUp()
}

// Usable is NotFound, for every reason alike, when the invite does not let the owner of a folded e-mail address in at now.
func (i Invite) Usable(now time.Time, emailFold string) error {
	if !i.Open(now) || i.Email != "" && text.Fold(i.Email) != emailFold {
		return ErrNotFound()
	}
	return nil
}

// Stands is NotFound, for every reason alike, unless its maker could make the invite now: they may still invite to its role, are in all
// of its rooms, and were not deactivated since, nor ended everything of theirs. in says whether the maker is in a room.
func (i Invite) Stands(maker User, in func(room string) (bool, error)) error {
	if maker.Deactivated || i.Epoch < maker.Reset || maker.Role.rank() < max(Admin.rank(), i.Role.rank()) {
		return ErrNotFound()
	}
	for _, room := range i.Rooms {
		if is, err := in(room); err != nil {
			return err
		} else if !is {
			return ErrNotFound()
		}
	}
	return nil
}

// UsedUp says whether nobody can use the invite any more, however soon.
func (i Invite) UsedUp() bool { return i.MaxUses > 0 && i.Uses >= i.MaxUses }

// Of says whether the invite is one of user's; every invite is one of "".
func (i Invite) Of(user string) bool { return user == "" || i.By == user }

// InviteInput describes an invite. Without Email anyone who has the link may use it until it expires (ExpiresIn, in
// seconds, 7 days unless said) or MaxUses is reached; with one, that address, once.
type InviteInput struct {
	Email     string
	Role      Role // member unless said
	Rooms     []string
	ExpiresIn *int64
	MaxUses   *int
}

// InviteStore holds invites by the hash of their secret. It deletes those that are used up, and in time those that expired.
type InviteStore interface {
	AddInvite(ctx context.Context, f Facts, i Invite, h SecretHash) error
	// InviteBySecret is NotFound unless it lets somebody in at now: it is [Invite.Open], and [Invite.Stands]. One that does not is
	// given with the error, to be named in the log.
	InviteBySecret(ctx context.Context, h SecretHash, now time.Time) (Invite, error)
	// Invites are those of by (all when by is "") that let somebody in at now, newest first.
	Invites(ctx context.Context, by string, now time.Time) ([]Invite, error)
	// EndInvite is NotFound when there is no such invite of by (of anyone when by is "").
	EndInvite(ctx context.Context, f Facts, by, id string) error
}

// Invites are one's own; owners and admins see all, and they alone the addresses. Only those that can still be used.
func (c *Canteen) Invites(ctx context.Context, a Actor) ([]Invite, error) {
	return perform(ctx, c, a, CmdInvites, use[[]Invite]{do: func(at *attempt) ([]Invite, error) {
		is, err := c.store.Invites(ctx, at.invitesOf(), c.clock.Time())
		for n := range is {
			if !at.isAdmin() {
				is[n].Email = ""
			}
		}
		return is, err
	}})
}

// invitesOf is whose invites the actor sees and ends: their own, or "" for everyone's.
func (a Actor) invitesOf() string {
	if a.isAdmin() {
		return ""
	}
	return a.User.ID
}

// AddInvite is for owners and admins: to a role not above one's own and rooms one is in; guests need at least one room.
func (c *Canteen) AddInvite(ctx context.Context, a Actor, in InviteInput) (Invite, string, error) {
	secret := NewSecret()
	var i Invite
	i, err := perform(ctx, c, a, CmdAddInvite, use[Invite]{
		may: func(at *attempt) (err error) {
			if err := at.administers(); err != nil {
				return err
			}
			i, err = c.invite(ctx, at.Actor, in)
			at.about = []any{"invite", i.ID, "role", i.Role, "uses", i.MaxUses, "rooms", len(i.Rooms), "ends", i.ExpiresAt.Format(time.RFC3339)}
			return err
		},
		do: func(at *attempt) (Invite, error) { return i, c.store.AddInvite(ctx, at.facts(), i, HashSecret(secret)) },
	})
	if err != nil {
		return Invite{}, "", err
	}
	return i, secret, nil
}

func (c *Canteen) invite(ctx context.Context, a Actor, in InviteInput) (Invite, error) {
	now := c.clock.Time()
	i := Invite{
		ID: NewID(), By: a.User.ID, Epoch: a.User.Epoch, Role: in.Role, Rooms: union(in.Rooms, nil), CreatedAt: now,
		ExpiresAt: now.Add(InviteLife),
	}
	if i.Role == "" {
		i.Role = Member
	}
	if i.Role.rank() == 0 {
		return i, InvalidField("role", "One of owner, admin, member, guest is needed.")
	}
	if i.Role.rank() > a.User.Role.rank() {
		return i, &Error{Code: Forbidden, Field: "role", Message: "You cannot invite somebody to a role above your own."}
	}
	if err := c.inviteRooms(ctx, a, i); err != nil {
		return i, err
	}
	if in.ExpiresIn != nil {
		life, err := lifetime(*in.ExpiresIn, MaxInviteLife)
		if err != nil {
			return i, err
		}
		i.ExpiresAt = now.Add(life)
	}
	if in.MaxUses != nil {
		if *in.MaxUses < 1 || *in.MaxUses > MaxInviteUses {
			return i, InvalidField("max_uses", "A number from 1 to %d is needed.", MaxInviteUses)
		}
		i.MaxUses = *in.MaxUses
	}
	if in.Email != "" {
		email, why := text.Email(in.Email)
		if err := reason("email", why); err != nil {
			return i, err
		}
		if i.MaxUses > 1 {
			return i, InvalidField("max_uses", "An invite for one e-mail address can be used only once.")
		}
		i.Email, i.MaxUses = email, 1
	}
	return i, nil
}

func (c *Canteen) inviteRooms(ctx context.Context, a Actor, i Invite) error {
	if len(i.Rooms) > MaxInviteRooms {
		return InvalidField("rooms", "At most %d rooms are allowed.", MaxInviteRooms)
	}
	if i.Role == Guest && len(i.Rooms) == 0 {
		return InvalidField("rooms", "A guest needs at least one room.")
	}
	for _, id := range i.Rooms {
		r, err := c.access(ctx, a, id)
		if err != nil && ErrorCode(err) != NotFound {
			return err
		}
		if err != nil || r.Role == "" || r.Kind == Direct || r.Archived {
			return InvalidField("rooms", "Choose rooms that you are in. Archived rooms and direct conversations are not allowed.")
		}
	}
	return nil
}

// EndInvite deletes an invite: one's own; owners and admins any.
func (c *Canteen) EndInvite(ctx context.Context, a Actor, id string) error {
	_, err := perform(ctx, c, a, CmdEndInvite, use[struct{}]{
		about: []any{"invite", id},
		do: func(at *attempt) (struct{}, error) {
			return struct{}{}, c.store.EndInvite(ctx, at.facts(), at.invitesOf(), id)
		},
	})
	return err
}
