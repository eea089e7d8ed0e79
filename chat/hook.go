package chat

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/text"
)

// Hook is an incoming webhook: whoever knows its address posts into one room, by its bot. Its id is the bot's.
type Hook struct {
	ID        string
	Room      string
	By        string // who made it
	Calls     bool   // it may call people together with @here and @room
	CreatedAt time.Time
	UsedAt    *time.Time // not written more often than every SessionTouch
	Epoch     int64      // of the bot; when it is another one, the hook was revoked
	Secret    SecretHash
	Bot       User // as of now; stores read it, and do not keep it with the hook
}

// lives says whether the hook still posts.
func (h Hook) lives() bool { return h.Bot.admits(h.Epoch) }

// HookStore holds hooks. They are made with their bot, see [AddUser], and revoked by deactivating it.
type HookStore interface {
	// Hook is NotFound for an unknown id.
	Hook(ctx context.Context, id string) (Hook, error)
	// Hooks are those of a room, revoked ones included, by created_at.
	Hooks(ctx context.Context, room string) ([]Hook, error)
	// TouchHook is NotFound for an unknown id.
	TouchHook(ctx context.Context, id string, used time.Time) error
}

// hooks are those of the room that still post, for who manages the room.
func (c *Canteen) hooks(ctx context.Context, at *attempt) ([]Hook, error) {
	if err := mayManage(at.Actor, at.room); err != nil {
		return nil, err
	}
	all, err := c.store.Hooks(ctx, at.room.ID)
	return slices.DeleteFunc(all, func(h Hook) bool { return !h.lives() }), err
}

// hook is one of them.
func (c *Canteen) hook(ctx context.Context, at *attempt, id string) (Hook, error) {
	all, err := c.hooks(ctx, at)
	if err != nil {
		return Hook{}, err
	}
	i := slices.IndexFunc(all, func(h Hook) bool { return h.ID == id })
	if i < 0 {
		return Hook{}, ErrNotFound()
	}
	return all[i], nil
}

// Hooks are those of a room, for who manages it.
func (c *Canteen) Hooks(ctx context.Context, a Actor, room string) ([]Hook, error) {
	return perform(ctx, c, a, CmdHooks, use[[]Hook]{room: room, do: func(at *attempt) ([]Hook, error) { return c.hooks(ctx, at) }})
}

// NewHookInput describes a hook.
type NewHookInput struct {
	Name  string
	Calls bool
}

// AddHook makes a hook and gives the secret of its address, once. Two at the same time may leave one hook more than MaxHooks.
func (c *Canteen) AddHook(ctx context.Context, a Actor, room string, in NewHookInput) (Hook, string, error) {
	name, err := newName(in.Name)
	if err != nil {
		return Hook{}, "", err
	}
	secret := newHookSecret()
	h, err := perform(ctx, c, a, CmdAddHook, use[Hook]{
		room: room,
		may:  func(at *attempt) error { return mayManage(at.Actor, at.room) },
		state: func(at *attempt) (bool, error) {
			all, err := c.hooks(ctx, at)
			if err == nil && len(all) >= MaxHooks {
				err = Errorf(Conflict, "A room can have at most %d webhooks. Revoke one first.", MaxHooks)
			}
			if err == nil {
				err = open(at.room.Room)
			}
			return false, err
		},
		do: func(at *attempt) (Hook, error) {
			id := NewID()
			bot := User{ID: id, Handle: "hook-" + id, Name: name, Role: Guest, Bot: true, Settings: settings.Default(), Epoch: 1}
			h := Hook{
				ID: id, Room: room, By: at.User.ID, Calls: in.Calls, CreatedAt: c.clock.Time(), Epoch: bot.Epoch, Secret: HashSecret(secret),
			}
			at.about = []any{"made", id}
			h.Bot, err = c.store.AddUser(ctx, AddUser{Facts: at.facts(), User: newBot(bot), Hook: &h, At: h.CreatedAt})
			return h, err
		},
	})
	if err != nil {
		return Hook{}, "", err
	}
	return h, secret, nil
}

// newBot is a bot to be made. No address has a space, as its place among the addresses has.
func newBot(u User) NewUser { return NewUser{User: u, EmailFold: "bot " + u.ID} }

// newHookSecret is a fresh secret of 256 random bits, since it stands in an address: 52 characters.
func newHookSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

// EndHook revokes a hook for good: its bot is deactivated.
func (c *Canteen) EndHook(ctx context.Context, a Actor, room, id string) error {
	var h Hook
	_, err := perform(ctx, c, a, CmdEndHook, use[struct{}]{
		room: room, about: []any{"revoked", id},
		may: func(at *attempt) (err error) { h, err = c.hook(ctx, at, id); return err },
		do: func(at *attempt) (struct{}, error) {
			yes := true
			return struct{}{}, second(c.store.UpdateUser(ctx, UpdateUser{
				Facts: at.facts(), User: id, Was: &UserFact{ID: id, Role: h.Bot.Role, Epoch: h.Epoch}, Deactivated: &yes, EndSessions: true,
				At: c.clock.Time(),
			}))
		},
	})
	return err
}

// HookPost is what a sender asks to be posted.
type HookPost struct {
	Text     string
	Cards    []card.Card
	Sender   card.Sender // without a name it is that of the hook
	Calls    bool        // the text calls people together
	Headline string      // of the text or the cards, in Markdown
	ClientID string      // a UUID, or ""
	Key      string      // the message that the hook posted or edited with this key within HookKeyLife is edited; "" for a new one
}

// input is the post by the hook's bot.
func (in HookPost) input(h Hook) PostInput {
	if in.Sender.Name == "" {
		in.Sender.Name = h.Bot.Name
	}
	sender := card.FitSender(in.Sender)
	if sender == nil {
		sender = card.FitSender(card.Sender{Name: h.Bot.Name, Icon: in.Sender.Icon})
	}
	return PostInput{ClientID: in.ClientID, Text: in.Text, Cards: in.Cards, Sender: sender}
}

// ByHook finds the hook of an address, whose bot then only posts by it: NotFound when it is none, or was revoked. Wrong addresses count
// against a rate of who asks.
func (c *Canteen) ByHook(ctx context.Context, from, id, secret string) (Actor, error) {
	a := Visitor(from)
	h, err := Hook{}, error(ErrNotFound())
	if IsID(id) {
		h, err = c.store.Hook(ctx, id)
	}
	if err == nil && (h.Secret != HashSecret(secret) || !h.lives()) {
		err = ErrNotFound()
	}
	if ErrorCode(err) == NotFound {
		if limited := c.take(ctx, c.rates.visit, a.key()); limited != nil {
			err = limited
		}
	}
	if err != nil {
		return Actor{}, err
	}
	now := c.clock.Time()
	if h.UsedAt == nil || now.Sub(*h.UsedAt) >= SessionTouch {
		if err := c.store.TouchHook(ctx, id, now); err != nil {
			c.log.WarnContext(ctx, "hook not touched", "hook", id, "error", err)
		}
	}
	a.User, a.hook = h.Bot, &h
	return a, nil
}

// PostByHook posts what a sender asks, or edits what it posted with the same key. The actor is one of ByHook. NotFound when the room is
// gone, Conflict when it is archived.
func (c *Canteen) PostByHook(ctx context.Context, a Actor, in HookPost) (Message, error) {
	if a.hook == nil {
		return Message{}, Errorf(Unauthenticated, "Only by the address of a webhook.")
	}
	h := *a.hook
	p, err := c.posting(ctx, a, h.Room, in.input(h))
	if err != nil {
		return Message{}, err
	}
	if !in.Calls || !h.Calls {
		p.broadcast = ""
	}
	u := p.use()
	u.may = nil // the address is the right to post
	u.see = func(at *attempt) (err error) { at.room, err = c.access(ctx, at.Actor, h.Room); return err }
	u.counts = func(at *attempt) error { // who calls too often calls nobody, and is heard all the same
		err := c.countBroadcast(ctx, at.Actor, p.broadcast)
		if ErrorCode(err) == RateLimited {
			p.broadcast, err = "", nil
		}
		return err
	}
	if in.Key != "" {
		u.performed = nil
		u.do = func(at *attempt) (Message, error) { return p.keyed(at, in) }
	}
	return perform(ctx, c, a, CmdPostByHook, u)
}

// TestHook posts an example by a hook, for who manages the room.
func (c *Canteen) TestHook(ctx context.Context, a Actor, room, id string) (Message, error) {
	var h Hook
	return perform(ctx, c, a, CmdTestHook, use[Message]{
		room: room, about: []any{"tested", id},
		may: func(at *attempt) (err error) {
			if h, err = c.hook(ctx, at, id); err == nil { // the store is told of the bot, not of who asks
				_, err = c.Still(ctx, at.Actor)
			}
			return err
		},
		state:  func(at *attempt) (bool, error) { return false, open(at.room.Room) },
		stores: func() int { return RowBytes },
		do: func(at *attempt) (m Message, err error) {
			bot := &attempt{Actor: Actor{User: h.Bot}}
			p, err := c.posting(ctx, bot.Actor, room, HookPost{Cards: []card.Card{testCard(c.clock.Time())}}.input(h))
			if err == nil {
				bot.room, err = c.access(ctx, bot.Actor, room)
			}
			if err != nil {
				return m, err
			}
			return p.store(bot)
		},
	})
}

// testCard is what a test shows.
func testCard(at time.Time) card.Card {
	return card.Card{
		Color: "good", Title: "Test of a webhook", Text: "This webhook works. Other systems can post here by its *address*.", At: &at,
		Fields: []card.Field{{Title: "Status", Value: "`ok`", Short: true}},
	}
}

// keyed edits the message that the hook posted with the key, or posts one. Each message with the key has a client id of its own, so that
// two posts at the same time make one message.
func (p *posting) keyed(at *attempt, in HookPost) (Message, error) {
	for n := range maxKeyed {
		p.in.ClientID = text.UUIDOf("key", in.Key, strconv.Itoa(n))
		m, err := p.c.store.PostedMessage(p.ctx, p.room, at.User.ID, p.in.ClientID)
		if ErrorCode(err) == NotFound {
			if m, err = p.store(at); err != nil || p.created {
				return m, err
			}
		}
		switch {
		case err != nil:
			return Message{}, err
		case m.DeletedAt == nil && p.c.clock.Time().Sub(m.Version().At) < HookKeyLife:
			return p.replace(at, m, in.Headline)
		}
	}
	return Message{}, Errorf(Conflict, "This key was used too often. Choose another one.")
}

// maxKeyed is how many messages with one key there can be.
const maxKeyed = 1000

// replace edits a message, and says so in its thread. What changes nothing is not said.
func (p *posting) replace(at *attempt, m Message, headline string) (Message, error) {
	ctx, c, k := p.ctx, p.c, &p.in.carried
	cmd := EditMessage{Facts: at.facts(), Room: p.room, Seq: m.Seq, By: at.User.ID, Text: p.body, At: c.clock.Time(), SetCards: true}
	cmd.Cards, cmd.CardPictures, cmd.Fallback = k.parts()
	if !cmd.Changes(m) {
		return m, nil
	}
	err := c.copyPictures(ctx, at, k)
	if err == nil && !k.fallback {
		cmd.Mentions, err = c.mentions(ctx, p.body)
	}
	if err != nil {
		return Message{}, err
	}
	cmd.Cards, cmd.CardPictures, cmd.Fallback = k.parts()
	if m, err = c.store.EditMessage(ctx, cmd); err != nil || headline == "" {
		return m, err
	}
	_, _, err = c.store.PostMessage(ctx, PostMessage{
		Facts: at.facts(), Room: p.room, Author: at.User.ID, ClientID: text.NewUUID(), Text: "Now: " + headline, Thread: m.Seq, At: cmd.At,
		Parts: Parts{Sender: p.in.Sender},
	})
	return m, err
}
