package chat

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/proof"
	"github.com/canteen-chat/canteen/settings"
)

// Role is what somebody is in the workspace.
type Role string

// Workspace roles, highest first.
const (
	Owner  Role = "owner"
	Admin  Role = "admin"
	Member Role = "member"
	Guest  Role = "guest"
)

// User is a person or bot. Email, Settings and Epoch are for the rules; wire shows them only to whom they belong.
type User struct {
	ID          string
	Handle      string
	Name        string
	Title       string
	TimeZone    string // IANA name; may be empty
	Bot         bool
	Owner       string // who made the bot, if somebody did; see package bot
	Role        Role
	Deactivated bool
	Ambiguous   bool // Deceptive, or another shares a key of NameKeys
	Status      *Status
	Email       string // as typed; compared after case folding
	Settings    settings.Settings
	Epoch       int64 // sessions and tokens carry it: one write that raises it ends them all
	Reset       int64 // the epoch from which on the user's invites are good
	// HandleChanges are the times of the latest changes of the handle, MaxHandleChanges at most, oldest first. For the rules.
	HandleChanges []time.Time
}

// Status is what somebody says of themselves beside their name.
type Status struct {
	Emoji string // canonical, may be empty
	Text  string
	Until *time.Time
}

// NewUser is a user to be made.
type NewUser struct {
	User         User // Epoch 1; Ambiguous is the store's to find
	EmailFold    string
	PasswordHash string
}

// UserStore holds users. Handles and e-mails (folded) are unique for ever; a handle once one's own stays so.
type UserStore interface {
	User(ctx context.Context, id string) (User, error)
	// UsersByHandle are the users, by id, whose present handle is one of handles. It reads them all at once.
	UsersByHandle(ctx context.Context, handles []string) ([]User, error)
	// Credentials finds by folded e-mail the user and the password hash ("" for none).
	Credentials(ctx context.Context, emailFold string) (User, string, error)
	// CredentialsOf is like Credentials, by id.
	CredentialsOf(ctx context.Context, id string) (User, string, error)
	// Users is the whole directory, deactivated included, by id, and a version that grows with each change of it.
	Users(ctx context.Context) ([]User, int64, error)
	// CoMembers are the ids of all who share a room with user, user included.
	CoMembers(ctx context.Context, user string) ([]string, error)
	// AddUser makes a user, in the rooms given as RoomMember with nothing unread (rooms that are gone, direct or archived
	// are left out), uses up one use of the invite, which goes with its last one, and makes a session. NotFound when the invite is
	// unknown, for another e-mail, or lets nobody in at At, of which InviteBySecret speaks; Conflict with field "handle" or "email"
	// when taken. Of a bot with an owner, what package bot refuses.
	// Announces UserChanged, RoomJoined per room, MembersChanged per room, UserChanged of those it made ambiguous.
	AddUser(ctx context.Context, c AddUser) (User, error)
	// UpdateUser changes what is not nil. It refuses what [UpdateUser.Check] refuses; Conflict with field "handle" when that is taken,
	// with field "role" when it would leave the workspace without an active owner. Raising the epoch ends sessions and tokens:
	// SessionsEnded is announced first. With a user, that user's active bots are deactivated: SessionsEnded and UserChanged of each, by
	// id, are announced last. A bot becomes active as package bot allows.
	// Announces what [User.Told] says, and UserChanged of those it made ambiguous, or no longer so. The version of the directory
	// grows with each UserChanged, and with nothing else.
	UpdateUser(ctx context.Context, c UpdateUser) (User, error)
}

// AddUser makes a user; Invite, Rooms, Session and Hook are optional.
type AddUser struct {
	Facts   Facts
	User    NewUser
	Invite  *SecretHash
	Rooms   []string
	Session *NewSession
	Hook    *Hook // of the user, who is a bot
	At      time.Time
}

// UpdateUser changes a user. Only fields that are not nil change.
type UpdateUser struct {
	Facts       Facts
	User        string
	Was         *UserFact // a fact about User, who may be deactivated, besides those about the actor
	Name        *string
	Handle      *string
	Title       *string
	TimeZone    *string
	Status      **Status // pointer to nil clears it
	Settings    *settings.Input
	Role        *Role
	Deactivated *bool
	Password    *string      // a hash
	EndSessions bool         // raise the epoch, ending all sessions and tokens of the user …
	KeepSession *KeptSession // … but this session, which takes the new epoch …
	KeepTokens  bool         // … and, if so, the tokens, which take it too
	At          time.Time
}

// KeptSession is a session that lives on with another secret: whoever else knew the old one is out.
type KeptSession struct {
	ID     string
	Secret SecretHash
}

// Me is the actor as of now, and the workspace.
func (c *Canteen) Me(ctx context.Context, a Actor) (User, Workspace, error) {
	me, err := perform(ctx, c, a, CmdMe, use[me]{do: func(at *attempt) (me, error) {
		u, err := c.store.User(ctx, at.User.ID)
		if err != nil {
			return me{}, err
		}
		return c.me(ctx, at.Actor, u)
	}})
	return me.User, me.Workspace, err
}

type me struct {
	User
	Workspace
}

func (c *Canteen) me(ctx context.Context, a Actor, u User) (me, error) {
	w, err := c.store.Workspace(ctx)
	if w.Feedback = w.FeedbackRoom != ""; !a.isAdmin() {
		w.FeedbackRoom = ""
	}
	w.Mail, w.MaxFile, w.CanPreview = c.mail, c.maxFile, c.previews != nil
	w.Previews, w.Vitals = w.CanPreview && !w.PreviewsOff, c.vitals != nil
	return me{u, w}, err
}

// Users is the directory as the actor may see it, by id, and its version. Guests see those they share a room with.
func (c *Canteen) Users(ctx context.Context, a Actor) ([]User, int64, error) {
	var version int64
	us, err := perform(ctx, c, a, CmdUsers, use[[]User]{do: func(at *attempt) (us []User, err error) {
		if us, version, err = c.store.Users(ctx); err != nil || at.User.Role != Guest {
			return us, err
		}
		seen, err := c.coMembers(ctx, at.Actor)
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(slices.Clone(us), func(u User) bool { return !seen[u.ID] }), nil
	}})
	return us, version, err
}

func (c *Canteen) coMembers(ctx context.Context, a Actor) (map[string]bool, error) {
	ids, err := c.store.CoMembers(ctx, a.User.ID)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{a.User.ID: true}
	for _, id := range ids {
		seen[id] = true
	}
	return seen, nil
}

// VisibleUsers are those of ids whom the actor may see. Guests see those they share a room with, all others everybody: for them
// what has the form of an id counts, since whether there is such a user tells them nothing that they may not know.
func (c *Canteen) VisibleUsers(ctx context.Context, a Actor, ids []string) ([]string, error) {
	return perform(ctx, c, a, CmdWatchUsers, use[[]string]{do: func(at *attempt) ([]string, error) {
		return c.visible(ctx, at.Actor, ids)
	}})
}

// StillVisible is VisibleUsers for an actor as of now, who asked to watch ids before. Presence is told to nobody without asking it.
func (c *Canteen) StillVisible(ctx context.Context, a Actor, ids []string) (_ []string, err error) {
	if a.User, err = c.store.User(ctx, a.User.ID); err != nil {
		return nil, err
	}
	return c.visible(ctx, a, ids)
}

func (c *Canteen) visible(ctx context.Context, a Actor, ids []string) ([]string, error) {
	if a.User.Role != Guest {
		return slices.DeleteFunc(union(ids, nil), func(id string) bool { return !IsID(id) }), nil
	}
	seen, err := c.coMembers(ctx, a)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(union(ids, nil), func(id string) bool { return !seen[id] }), nil
}

// User is one user the actor may see.
func (c *Canteen) User(ctx context.Context, a Actor, id string) (User, error) {
	return perform(ctx, c, a, CmdUser, use[User]{do: func(at *attempt) (User, error) { return c.seeUser(ctx, at.Actor, id) }})
}

// seeUser is the only way to a user: NotFound unless the actor may see them. Guests see those they share a room with.
func (c *Canteen) seeUser(ctx context.Context, a Actor, id string) (User, error) {
	if a.User.Role == Guest {
		seen, err := c.coMembers(ctx, a)
		if err != nil {
			return User{}, err
		}
		if !seen[id] {
			return User{}, ErrNotFound()
		}
	}
	return c.store.User(ctx, id)
}

// UpdateMeInput changes oneself; what is nil stays.
type UpdateMeInput struct {
	Name, Handle, Title, TimeZone *string
	Status                        **StatusInput // pointer to nil clears it
	Settings                      *settings.Input
}

// StatusInput is a new status.
type StatusInput struct {
	Emoji, Text string
	Until       *time.Time
}

// UpdateMe changes the actor's own profile and settings.
func (c *Canteen) UpdateMe(ctx context.Context, a Actor, in UpdateMeInput) (User, Workspace, error) {
	me, err := perform(ctx, c, a, CmdUpdateMe, use[me]{do: func(at *attempt) (me, error) {
		cmd := UpdateUser{User: at.User.ID, Facts: at.facts(), At: c.clock.Time()}
		if err := profile(&cmd, at.User, in.Name, in.Handle, in.Title); err != nil {
			return me{}, err
		}
		if err := in.rest(&cmd); err != nil {
			return me{}, err
		}
		if cmd.Status != nil && *cmd.Status != nil {
			if err := c.knownEmoji(ctx, "status.emoji", (*cmd.Status).Emoji); err != nil {
				return me{}, err
			}
		}
		u, err := c.takeHandle(ctx, at, cmd)
		if err != nil {
			return me{}, err
		}
		return c.me(ctx, at.Actor, u)
	}})
	return me.User, me.Workspace, err
}

// takeHandle is the store's command. It counts handles that were taken already: each refusal tells that somebody has the handle, also
// a guest who does not see them.
func (c *Canteen) takeHandle(ctx context.Context, at *attempt, cmd UpdateUser) (User, error) {
	if cmd.Handle == nil {
		return c.store.UpdateUser(ctx, cmd)
	}
	if err := c.take(ctx, c.rates.takenHandle, at.key()); err != nil {
		return User{}, err
	}
	u, err := c.store.UpdateUser(ctx, cmd)
	if ErrorCode(err) == Conflict {
		return u, err
	}
	c.give(ctx, c.rates.takenHandle, at.key())
	return u, err
}

// profile puts into cmd what becomes different of the user as it was. Whoever has a reserved handle keeps it.
func profile(cmd *UpdateUser, was User, name, handleIn, title *string) error {
	if name != nil {
		n, err := newName(*name)
		if err != nil {
			return err
		}
		cmd.Name = &n
	}
	if handleIn != nil && *handleIn != was.Handle {
		if err := handle(*handleIn); err != nil {
			return err
		}
		cmd.Handle = handleIn
	}
	if title != nil {
		if err := shortText("title", *title, TitleLength, false); err != nil {
			return err
		}
		cmd.Title = title
	}
	return nil
}

// rest checks what only oneself can change.
func (in UpdateMeInput) rest(cmd *UpdateUser) error {
	if in.TimeZone != nil {
		if _, err := time.LoadLocation(*in.TimeZone); err != nil || *in.TimeZone == "Local" || len(*in.TimeZone) > TimeZoneLength {
			return InvalidField("time_zone", "An IANA time zone is needed, such as Europe/Berlin.")
		}
		cmd.TimeZone = in.TimeZone
	}
	if in.Status != nil {
		s, err := (*in.Status).status()
		if err != nil {
			return err
		}
		cmd.Status = &s
	}
	if in.Settings != nil {
		s, err := keptSettings(*in.Settings)
		if err != nil {
			return err
		}
		cmd.Settings = &s
	}
	return nil
}

func (in *StatusInput) status() (*Status, error) {
	if in == nil || *in == (StatusInput{}) {
		return nil, nil
	}
	s := &Status{Text: in.Text, Until: in.Until}
	if in.Emoji != "" {
		e, ok := oneEmoji(in.Emoji)
		if !ok {
			return nil, InvalidField("status.emoji", "Exactly one emoji is needed.")
		}
		s.Emoji = e
	}
	if in.Until != nil {
		if err := someday("status.until", *in.Until); err != nil {
			return nil, err
		}
	}
	return s, shortText("status.text", s.Text, StatusLength, false)
}

// ChangePassword needs the current one and ends the actor's other sessions. The actor's own session goes on with a new secret, which
// is given, with the device cookie by which the browser stays known. Only failures count against its rate.
func (c *Canteen) ChangePassword(ctx context.Context, a Actor, current, next string) (SignedIn, error) {
	return perform(ctx, c, a, CmdChangePassword, use[SignedIn]{do: func(at *attempt) (SignedIn, error) {
		hash, err := c.newPassword(ctx, at.Actor, current, next)
		if ErrorCode(err) == Unavailable { // no guess was judged
			c.give(ctx, c.rates.password, at.key())
		}
		if err != nil {
			return SignedIn{}, err
		}
		keep, secret := at.renewed()
		if _, err := c.store.UpdateUser(ctx, UpdateUser{
			User: at.User.ID, Facts: at.facts(), Password: &hash,
			EndSessions: true, KeepSession: keep, KeepTokens: true, At: c.clock.Time(),
		}); err != nil {
			return SignedIn{}, err
		}
		c.give(ctx, c.rates.password, at.key())
		return SignedIn{at.Actor, secret, at.remember(at.User, hash)}, nil
	}})
}

// newPassword is the hash of next, for who knows the current password.
func (c *Canteen) newPassword(ctx context.Context, a Actor, current, next string) (string, error) {
	_, hash, err := c.store.CredentialsOf(ctx, a.User.ID)
	if err != nil {
		return "", err
	}
	if len(current) > PasswordMax {
		current = ""
	}
	ok, err := c.hasher.Verify(ctx, a.sender(), proof.PasswordHash(hash), current)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", InvalidField("current", "That is not your current password.")
	}
	if err := c.password("new", next, a.User.Name, a.User.Handle); err != nil {
		return "", err
	}
	return c.hasher.Hash(ctx, a.sender(), next)
}

// UpdateUserInput is what administrators change of others; what is nil stays.
type UpdateUserInput struct {
	Role                *Role
	Deactivated         *bool
	Name, Handle, Title *string
}

// UpdateUser is for owners and admins: of users not above themselves, to roles not above their own, and never leaving
// the workspace without an owner. Deactivation ends sessions and revokes tokens for good.
func (c *Canteen) UpdateUser(ctx context.Context, a Actor, id string, in UpdateUserInput) (User, error) {
	var u User // as seen before the change
	return perform(ctx, c, a, CmdUpdateUser, use[User]{
		about: []any{audit.Of, id},
		see:   func(at *attempt) (err error) { u, err = c.seeUser(ctx, at.Actor, id); return err },
		may: func(at *attempt) error {
			if err := at.administers(); err != nil {
				return err
			}
			if u.Bot && in.Role != nil && *in.Role == Owner {
				return errBotOwner()
			}
			return MayChange(at.User.Role, u.Role, in.Role)
		},
		do: func(at *attempt) (User, error) {
			cmd, err := c.changeUser(at, u, in)
			if err != nil {
				return User{}, err
			}
			return c.store.UpdateUser(ctx, cmd)
		},
	})
}

// changeUser is the store's command that changes u as in says.
func (c *Canteen) changeUser(at *attempt, u User, in UpdateUserInput) (UpdateUser, error) {
	cmd := UpdateUser{User: u.ID, Facts: at.facts(), Role: in.Role, Deactivated: in.Deactivated, At: c.clock.Time()}
	err := profile(&cmd, u, in.Name, in.Handle, in.Title)
	cmd.EndSessions = in.Deactivated != nil && *in.Deactivated && !u.Deactivated
	cmd.Was = &UserFact{ID: u.ID, Role: u.Role, Epoch: u.Epoch}
	at.about = slices.Concat(audit.Changed("role", u.Role, in.Role), audit.Changed("deactivated", u.Deactivated, in.Deactivated),
		audit.Changed("name", u.Name, cmd.Name), audit.Changed("handle", u.Handle, cmd.Handle), audit.Redacted("title", u.Title, cmd.Title))
	return cmd, err
}

// MayChange says whether an administrator with role by may change somebody whose role is of, and give them the role to (nil: it
// stays): nobody above oneself, and no role above one's own.
func MayChange(by, of Role, to *Role) error {
	switch {
	case of.rank() > by.rank():
		return Errorf(Forbidden, "You cannot change somebody whose role is above yours.")
	case to != nil && to.rank() == 0:
		return InvalidField("role", "One of owner, admin, member, guest is needed.")
	case to != nil && to.rank() > by.rank():
		return &Error{Code: Forbidden, Field: "role", Message: "You cannot give a role above your own."}
	}
	return nil
}
