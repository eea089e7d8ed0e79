package model

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"
)

// halfLife is after how long a use of an emoji weighs half.
const halfLife = 30 * 24 * time.Hour

// use is how much somebody used an emoji, as of at.
type use struct {
	weight float64
	at     time.Time
}

// fade is the weight as of now.
func (u use) fade(now time.Time) float64 {
	return u.weight * math.Exp2(-float64(now.Sub(u.at))/float64(halfLife))
}

func (s *Store) useEmoji(user, emoji string, at time.Time) {
	if s.uses[user] == nil {
		s.uses[user] = map[string]use{}
	}
	s.uses[user][emoji] = use{s.uses[user][emoji].fade(at) + 1, at}
}

// FrequentEmoji implements chat.ReactionStore.
func (s *Store) FrequentEmoji(ctx context.Context, user string, limit int) ([]string, error) {
	return read(ctx, s, func() ([]string, error) {
		uses := s.uses[user]
		var now time.Time // all are compared as of the latest use
		for _, u := range uses {
			if u.at.After(now) {
				now = u.at
			}
		}
		out := slices.SortedFunc(maps.Keys(uses), func(a, b string) int {
			return cmp.Or(cmp.Compare(uses[b].fade(now), uses[a].fade(now)), cmp.Compare(a, b))
		})
		return out[:min(limit, len(out))], nil
	})
}
