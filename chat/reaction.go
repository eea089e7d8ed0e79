package chat

import (
	"context"
	"slices"
	"time"
)

// Reaction is one emoji on a message. Emoji stand in the order in which each came to count 1, users in order of reacting.
type Reaction struct {
	Emoji string
	Count int
	Users []string // the first 20 ids, unless all were asked for
	Me    bool     // the viewer is among them; false where nobody in particular looks
}

// ReactionStore holds reactions.
type ReactionStore interface {
	// SetReaction adds or removes one user's emoji; what is so already changes nothing. Gone for a tombstone, Conflict when
	// it would be more than MaxEmojiOnMessage distinct ones, NotFound when there is no such message. The message is
	// returned in either case.
	SetReaction(ctx context.Context, c SetReaction) (Message, error)
	// Reactions are those of a message with all users.
	Reactions(ctx context.Context, room string, seq int64, viewer string) ([]Reaction, error)
}

// ErrTooManyEmoji is the answer to one distinct emoji more than a message can have.
func ErrTooManyEmoji() *Error {
	return Errorf(Conflict, "A message can have at most %d different emoji. Choose one that is already there.", MaxEmojiOnMessage)
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

// Apply is the message's reactions after the command, as every viewer sees them, and the one that changed (Count 0: its last
// user has left it). It is called for a command that changes something. Conflict when it would be more than MaxEmojiOnMessage
// distinct emoji. others gives, in order of reacting, the first MaxReactionUsers of all who use the emoji but cmd.User; it is
// called only when rs does not hold enough of them.
func (cmd SetReaction) Apply(rs []Reaction, others func() ([]string, error)) (all []Reaction, now Reaction, err error) {
	i := slices.IndexFunc(rs, func(r Reaction) bool { return r.Emoji == cmd.Emoji })
	if i < 0 {
		if len(rs) >= MaxEmojiOnMessage {
			return nil, now, ErrTooManyEmoji()
		}
		i, rs = len(rs), append(slices.Clip(rs), Reaction{Emoji: cmd.Emoji})
	}
	all = slices.Clone(rs)
	if now, err = cmd.sum(all[i], others); err != nil {
		return nil, now, err
	}
	if all[i] = now; now.Count == 0 {
		all = slices.Delete(all, i, i+1)
	}
	return all, now, nil
}

// sum adds the user to an emoji, or takes them out.
func (cmd SetReaction) sum(r Reaction, others func() ([]string, error)) (Reaction, error) {
	if cmd.Added {
		r.Count++
		if len(r.Users) < MaxReactionUsers {
			r.Users = append(slices.Clip(r.Users), cmd.User)
		}
		return r, nil
	}
	r.Count--
	i := slices.Index(r.Users, cmd.User)
	if i < 0 {
		return r, nil
	}
	r.Users = slices.Delete(slices.Clone(r.Users), i, i+1)
	if r.Count <= len(r.Users) {
		return r, nil
	}
	users, err := others() // who was not among the first moves up
	r.Users = users
	return r, err
}

// SetReaction adds or removes the actor's emoji on a message: any member's right.
func (c *Canteen) SetReaction(ctx context.Context, a Actor, room string, seq int64, emoji string, added bool) (Message, error) {
	canonical, ok := oneEmoji(emoji)
	if !ok {
		return Message{}, InvalidField("emoji", "Exactly one emoji is needed.")
	}
	var m Message
	return perform(ctx, c, a, CmdSetReaction, use[Message]{
		room: room, about: []any{"seq", seq},
		state: func(at *attempt) (unchanged bool, err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return false, err
			}
			if err := m.Changeable(); err != nil {
				return false, err
			}
			if canonical, err = c.joins(ctx, m.Reactions, canonical); err != nil {
				return false, err
			}
			has := slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == canonical && r.Me })
			if has == added {
				return true, nil
			}
			if err := open(at.room.Room); err != nil || !added {
				return false, err
			}
			return false, c.knownEmoji(ctx, "emoji", canonical)
		},
		same: func(*attempt) (Message, error) { return m, nil },
		stores: func() int {
			if !added {
				return 0
			}
			return RowBytes
		},
		do: func(at *attempt) (Message, error) {
			return c.store.SetReaction(ctx, SetReaction{
				Facts: at.facts(), Room: room, Seq: seq, User: at.User.ID, Emoji: canonical, Added: added, At: c.clock.Time(),
			})
		},
	})
}

// Reactions are those of a message with everyone who reacted.
func (c *Canteen) Reactions(ctx context.Context, a Actor, room string, seq int64) ([]Reaction, error) {
	return perform(ctx, c, a, CmdReactions, use[[]Reaction]{room: room, do: func(at *attempt) ([]Reaction, error) {
		return c.store.Reactions(ctx, room, seq, at.User.ID)
	}})
}
