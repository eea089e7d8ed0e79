package chat

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// Reaction is one emoji on a message. Emoji stand in the order in which each came to count 1, users in order of reacting.
type Reaction struct {
	Emoji string
	Count int
	Users []string // the first 20 ids, unless all were asked for
	Me    bool     // the viewer is among them; false where nobody in particular looks
}

// ReactionStore holds reactions and which emoji somebody uses.
type ReactionStore interface {
	// SetReaction adds or removes one user's emoji; what is so already changes nothing. Gone for a tombstone, Conflict when
	// it would be more than MaxEmojiOnMessage distinct ones, NotFound when there is no such message. An added one is counted
	// as used. The message is returned in either case.
	SetReaction(ctx context.Context, c SetReaction) (Message, error)
	// Reactions are those of a message with all users.
	Reactions(ctx context.Context, room string, seq int64, viewer string) ([]Reaction, error)
	// FrequentEmoji are what user used most, most first; recent use weighs more (half after 30 days).
	FrequentEmoji(ctx context.Context, user string, limit int) ([]string, error)
}

// SetReaction adds or removes a reaction.
type SetReaction struct {
	Facts Facts
	Room  string
	Seq   int64
	User  string
	Emoji string // canonical
	Added bool
	At    time.Time
}

// SetReaction adds or removes the actor's emoji on a message: any member's right.
func (c *Canteen) SetReaction(ctx context.Context, a Actor, room string, seq int64, emoji string, added bool) (Message, error) {
	canonical, ok := text.Emoji(emoji)
	if !ok {
		return Message{}, InvalidField("emoji", "Exactly one emoji is needed.")
	}
	return decide(ctx, c, a, func(a Actor) (Message, error) {
		r, facts, err := c.writer(ctx, a, room)
		if err != nil {
			return Message{}, err
		}
		m, err := c.store.Message(ctx, room, seq, a.User.ID)
		if err != nil {
			return Message{}, err
		}
		if m.DeletedAt != nil {
			return Message{}, errDeleted()
		}
		has := slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == canonical && r.Me })
		if has == added {
			return m, nil
		}
		if err := open(r.Room); err != nil {
			return Message{}, err
		}
		if err := c.take(ctx, rates().react, a.User.ID); err != nil {
			return Message{}, err
		}
		return c.store.SetReaction(ctx, SetReaction{
			Facts: facts, Room: room, Seq: seq, User: a.User.ID, Emoji: canonical, Added: added, At: c.clock.Time(),
		})
	})
}

// Reactions are those of a message with everyone who reacted.
func (c *Canteen) Reactions(ctx context.Context, a Actor, room string, seq int64) ([]Reaction, error) {
	if _, err := c.view(ctx, a, room); err != nil {
		return nil, err
	}
	return c.store.Reactions(ctx, room, seq, a.User.ID)
}

// FrequentEmoji are what the actor uses most, most first.
func (c *Canteen) FrequentEmoji(ctx context.Context, a Actor) ([]string, error) {
	if err := a.mayRead(); err != nil {
		return nil, err
	}
	return c.store.FrequentEmoji(ctx, a.User.ID, MaxFrequentEmoji)
}
