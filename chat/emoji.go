package chat

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// EmojiUse says that somebody used an emoji on a message: in its text, or as a reaction.
type EmojiUse struct {
	User  string
	Room  string
	Seq   int64
	Emoji string // canonical
	At    time.Time
}

const (
	// EmojiUseLife is how long a use counts. By then it weighs a four-thousandth of a new one.
	EmojiUseLife = 365 * 24 * time.Hour
	// MaxEmojiUses is how many of a user's newest uses are weighed.
	MaxEmojiUses = 500

	emojiHalfLife = 30 * 24 * time.Hour
)

// EmojiUseStore holds who used which emoji. It is not part of Store: a follower of the commit feed fills it (package frequent), and
// it can be made anew from the messages.
type EmojiUseStore interface {
	// UseEmoji keeps uses by user, room, seq and emoji. The same again changes nothing. Those older than EmojiUseLife may be dropped.
	UseEmoji(ctx context.Context, uses []EmojiUse) error
	// EmojiUses are a user's newest, newest first, at most limit.
	EmojiUses(ctx context.Context, user string, limit int) ([]EmojiUse, error)
}

// FrequentEmoji are what the actor uses most, most first. Recent use weighs more: half after 30 days. What was posted within the last
// second may be missing.
func (c *Canteen) FrequentEmoji(ctx context.Context, a Actor) ([]string, error) {
	return perform(ctx, c, a, CmdFrequentEmoji, use[[]string]{do: func(at *attempt) ([]string, error) {
		uses, err := c.uses.EmojiUses(ctx, at.User.ID, MaxEmojiUses)
		if err != nil {
			return nil, err
		}
		uses, err = c.knownUses(ctx, uses)
		return mostUsed(uses, MaxFrequentEmoji), err
	}})
}

// knownUses leaves out those of custom emoji that there are not, or no longer.
func (c *Canteen) knownUses(ctx context.Context, uses []EmojiUse) ([]EmojiUse, error) {
	gone := map[string]bool{}
	var names []string
	for _, u := range uses {
		if name, custom := text.CustomEmoji(u.Emoji); custom && !gone[name] {
			gone[name] = true
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return uses, nil
	}
	known, err := c.emoji.CustomEmojiNamed(ctx, names)
	for _, e := range known {
		gone[e.Name] = e.Deleted
	}
	return slices.DeleteFunc(uses, func(u EmojiUse) bool {
		name, custom := text.CustomEmoji(u.Emoji)
		return custom && gone[name]
	}), err
}

// mostUsed are the emoji with the most weight, most first, at most limit.
func mostUsed(uses []EmojiUse, limit int) []string {
	if len(uses) == 0 {
		return nil
	}
	latest := slices.MaxFunc(uses, func(a, b EmojiUse) int { return a.At.Compare(b.At) }).At // any common moment orders them alike
	weights := map[string]float64{}
	for _, u := range uses {
		weights[u.Emoji] += math.Exp2(-float64(latest.Sub(u.At)) / float64(emojiHalfLife))
	}
	out := slices.SortedFunc(maps.Keys(weights), func(a, b string) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b))
	})
	return out[:min(limit, len(out))]
}
