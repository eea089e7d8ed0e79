package chat

import (
	"context"
	"errors"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/text"
)

// CommandLineUser is what `canteen user add` makes: no actor, since who reaches the data directory rules it.
type CommandLineUser struct {
	Email, Name, Handle string
	Role                Role
	Password            string
	Workspace           string // for the setup; Canteen unless said
	Bot                 bool   // has neither e-mail nor password: it comes by token alone
}

// AdminAddUser makes a user from the command line. On an empty data directory it does the setup, and only an owner can be
// made.
func (c *Canteen) AdminAddUser(ctx context.Context, in CommandLineUser) (string, error) {
	if in.Role.rank() == 0 {
		return "", InvalidField("role", "One of owner, admin, member, guest is needed.")
	}
	w, err := c.store.Workspace(ctx)
	if err != nil && ErrorCode(err) != NotFound {
		return "", err
	}
	empty := err != nil
	if empty && in.Role != Owner {
		return "", InvalidField("role", "The first user must be an owner.")
	}
	if !empty && in.Workspace != "" && in.Workspace != w.Name {
		return "", InvalidField("workspace", "The workspace is already set up, with the name %q.", w.Name)
	}
	if empty {
		if w.Name = in.Workspace; w.Name == "" {
			w.Name = "Canteen"
		}
	}
	u, err := c.commandLineUser(ctx, in, w.Name)
	if err != nil {
		return "", err
	}
	if empty {
		user, err := c.setUp(ctx, w.Name, u, nil)
		if err == nil {
			c.auditor.done(ctx, commandLine(), "workspace set up", []any{audit.Of, user.ID}, nil)
		}
		return user.ID, err
	}
	add := AddUser{User: u, At: c.clock.Time()}
	if in.Role != Guest {
		add.Rooms = w.DefaultRooms
	}
	user, err := c.store.AddUser(ctx, add)
	if err == nil {
		c.auditor.done(ctx, commandLine(), "user added", []any{audit.Of, user.ID, "role", user.Role}, nil)
	}
	return user.ID, err
}

// commandLine is who administers on the machine, in audit lines.
func commandLine() Actor { return Visitor("command line") }

func (c *Canteen) commandLineUser(ctx context.Context, in CommandLineUser, workspace string) (NewUser, error) {
	switch {
	case !in.Bot:
		return c.newUser(ctx, commandLine().sender(), userInput{in.Name, in.Handle, in.Email, in.Password, in.Role, workspace})
	case in.Email != "" || in.Password != "":
		return NewUser{}, InvalidField("bot", "A bot has no e-mail address and no password: make a token for it.")
	case in.Role == Owner:
		return NewUser{}, errBotOwner()
	}
	name, err := newName(in.Name)
	if err != nil {
		return NewUser{}, err
	}
	if in.Handle != text.AlarmsHandle {
		if err := handle(in.Handle); err != nil {
			return NewUser{}, err
		}
	}
	u := User{ID: NewID(), Handle: in.Handle, Name: name, Role: in.Role, Bot: true, Settings: settings.Default(), Epoch: 1}
	return newBot(u), nil
}

// errBotOwner refuses a bot as an owner, who could be the last one although nobody can sign in as it.
func errBotOwner() *Error { return InvalidField("role", "A bot cannot own the workspace.") }

// CommandLineToken is what `canteen token add` makes.
type CommandLineToken struct {
	Handle, Name string
	Days         *int // until it expires; 0: never; nil: TokenLife
}

// AdminAddToken makes a token from the command line, which may all that its user may.
func (c *Canteen) AdminAddToken(ctx context.Context, in CommandLineToken) (string, error) {
	handle := in.Handle
	found, err := c.store.UsersByHandle(ctx, []string{handle})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", InvalidField("user", "Nobody has the handle %q.", handle)
	}
	u := found[0]
	if u.Deactivated {
		return "", InvalidField("user", "%q is deactivated.", handle)
	}
	scopes := []Scope{ScopeRead, ScopeWrite}
	if u.Role.rank() >= Admin.rank() {
		scopes = append(scopes, ScopeAdmin)
	}
	t, secret, err := c.newToken(u, NewTokenInput{Name: in.Name, Scopes: scopes})
	if err != nil {
		return "", err
	}
	if in.Days != nil {
		most := int(MaxTokenLife / day)
		switch days := *in.Days; {
		case days < 0 || days > most:
			return "", InvalidField("days", "A number of days from 1 to %d is needed, or 0 for a token that never expires.", most)
		case days == 0:
			t.ExpiresAt = nil
		default:
			t.ExpiresAt = new(t.CreatedAt.Add(time.Duration(days) * day))
		}
	}
	err = c.store.AddToken(ctx, Facts{User: Actor{User: u}.fact()}, t, HashSecret(secret))
	if errors.Is(err, ErrStale) {
		return "", Errorf(Conflict, "%q has changed in the meantime. Try again.", handle)
	}
	if err == nil {
		c.auditor.done(ctx, commandLine(), "token made", []any{audit.Of, u.ID, "made", t.ID}, nil)
	}
	return secret, err
}
