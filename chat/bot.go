package chat

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/settings"
)

// holder returns the user whose tokens a command is about.
type holder func(context.Context, *attempt) (User, error)

func oneself(_ context.Context, at *attempt) (User, error) { return at.User, nil }

// ownBot is a bot of the actor: NotFound for all others.
func (c *Canteen) ownBot(id string) holder {
	return func(ctx context.Context, at *attempt) (User, error) {
		u, err := c.store.User(ctx, id)
		if err == nil && (u.Owner == "" || u.Owner != at.User.ID) {
			return User{}, ErrNotFound()
		}
		return u, err
	}
}

// Share names the share that the user has of what is divided among all: storage and uploads of a day, memory, and turns. All bots of an
// owner have one share together, so that whoever makes bots gets one more and not ten. It is not the owner's own: no bot keeps its owner
// from posting.
func (u User) Share() string {
	if u.Owner == "" {
		return u.ID
	}
	return "bots of " + u.Owner
}

// ownerOf returns the owner of a bot; "" for everybody else.
func (c *Canteen) ownerOf(ctx context.Context, user string) (string, error) {
	u, err := c.store.User(ctx, user)
	if ErrorCode(err) == NotFound {
		err = nil
	}
	return u.Owner, err
}

// Bots are those with an owner, by id: one's own; for administrators all, or those of owner.
func (c *Canteen) Bots(ctx context.Context, a Actor, owner string) ([]User, error) {
	return perform(ctx, c, a, CmdBots, use[[]User]{
		may: func(at *attempt) error {
			if owner != "" && owner != at.User.ID && !at.isAdmin() {
				return &Error{Code: Forbidden, Field: "owner", Message: "Only owners and admins of the workspace see bots of others."}
			}
			return nil
		},
		do: func(at *attempt) ([]User, error) {
			us, _, err := c.store.Users(ctx)
			of := owner
			if of == "" && !at.isAdmin() {
				of = at.User.ID
			}
			return slices.DeleteFunc(slices.Clone(us), func(u User) bool { return u.Owner == "" || of != "" && u.Owner != of }), err
		},
	})
}

// NewBotInput describes a bot.
type NewBotInput struct{ Name, Handle, Title string }

// AddBot makes a bot of the actor, who is no guest. It is in no room, and has no token.
func (c *Canteen) AddBot(ctx context.Context, a Actor, in NewBotInput) (User, error) {
	bot := User{ID: NewID(), Bot: true, Role: Guest, Settings: settings.Default(), Epoch: 1}
	return perform(ctx, c, a, CmdAddBot, use[User]{
		may: func(at *attempt) error {
			if at.User.Role == Guest || at.User.Bot {
				return Errorf(Forbidden, "Guests and bots cannot make bots.")
			}
			return nil
		},
		do: func(at *attempt) (User, error) {
			cmd := UpdateUser{}
			if err := profile(&cmd, User{}, &in.Name, &in.Handle, &in.Title); err != nil {
				return User{}, err
			}
			if cmd.Handle == nil {
				return User{}, handle(in.Handle)
			}
			bot.Owner, bot.Name, bot.Handle, bot.Title = at.User.ID, *cmd.Name, *cmd.Handle, *cmd.Title
			at.about = []any{"made", bot.ID, "name", bot.Name, "handle", bot.Handle}
			return c.store.AddUser(ctx, AddUser{Facts: at.facts(), User: newBot(bot), At: c.clock.Time()})
		},
	})
}

// UpdateBot is for the bot's owner, and for owners and admins of the workspace. A bot's role does not change.
func (c *Canteen) UpdateBot(ctx context.Context, a Actor, id string, in UpdateUserInput) (User, error) {
	var u User
	return perform(ctx, c, a, CmdUpdateBot, use[User]{
		about: []any{audit.Of, id},
		see: func(at *attempt) (err error) {
			if u, err = c.store.User(ctx, id); err == nil && (u.Owner == "" || u.Owner != at.User.ID && !at.isAdmin()) {
				err = ErrNotFound()
			}
			return err
		},
		do: func(at *attempt) (User, error) {
			cmd, err := c.changeUser(at, u, in)
			if err != nil {
				return User{}, err
			}
			return c.takeHandle(ctx, at, cmd)
		},
	})
}

// BotRooms are the ids of the rooms that a bot is in, direct ones apart. They are for its owner alone, who is in all of them.
func (c *Canteen) BotRooms(ctx context.Context, a Actor, bot string) ([]string, error) {
	return perform(ctx, c, a, CmdBotRooms, use[[]string]{do: func(at *attempt) ([]string, error) {
		u, err := c.ownBot(bot)(ctx, at)
		if err != nil {
			return nil, err
		}
		rooms, err := c.store.MyRooms(ctx, u.ID)
		ids := []string{}
		for _, r := range rooms {
			if r.Kind != Direct {
				ids = append(ids, r.ID)
			}
		}
		return ids, err
	}})
}

// BotTokens are those of a bot, for its owner alone: a token made by anybody else would let them into rooms that they do not see.
func (c *Canteen) BotTokens(ctx context.Context, a Actor, bot string) ([]Token, error) {
	return perform(ctx, c, a, CmdBotTokens, c.tokens(ctx, c.ownBot(bot)))
}

// AddBotToken is like [Canteen.AddToken], for a bot of the actor.
func (c *Canteen) AddBotToken(ctx context.Context, a Actor, bot string, in NewTokenInput) (Token, string, error) {
	var secret string
	u := c.addingToken(ctx, c.ownBot(bot), in, &secret)
	u.about = []any{audit.Of, bot}
	t, err := perform(ctx, c, a, CmdAddBotToken, u)
	return withSecret(t, secret, err)
}

// EndBotToken revokes a token of a bot of the actor.
func (c *Canteen) EndBotToken(ctx context.Context, a Actor, bot, id string) error {
	u := c.endingToken(ctx, c.ownBot(bot), id)
	u.about = append(u.about, audit.Of, bot)
	return second(perform(ctx, c, a, CmdEndBotToken, u))
}
