package dynamodb

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// use is how much a user used an emoji in a year. A use weighs twice what one 30 days before it weighs: on the scale of a year
// weights only grow, so that they are added to without being read.
type use struct {
	Emoji  string  `dynamodbav:"emoji"`
	Year   int     `dynamodbav:"year"`
	Weight float64 `dynamodbav:"weight"`          // of the uses here, as of the year's beginning
	At     int64   `dynamodbav:"at"`              // of the last one
	Moved  float64 `dynamodbav:"moved,omitempty"` // uses elsewhere, before the workspace was moved here …
	Since  int64   `dynamodbav:"since,omitempty"` // … as of then
}

// fade is what is left of weight when it is looked at after so long: half after every 30 days. Before, it is more.
func fade(weight float64, after time.Duration) float64 {
	return weight * math.Exp2(-after.Hours()/(30*24))
}

func beginning(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

// weight is what the uses weigh at a moment.
func (u use) weight(now time.Time) float64 {
	return fade(u.Weight, now.Sub(beginning(u.Year))) + fade(u.Moved, now.Sub(at(u.Since)))
}

func emojiPK(user string) string { return "emoji#" + user }

func useKey(user, emoji string, year int) key {
	return key{users, emojiPK(user), emoji + "#" + strconv.Itoa(year)}
}

func (t *tx) useEmoji(user, emoji string, now time.Time) {
	year := now.UTC().Year()
	weight := fade(1, -now.Sub(beginning(year)))
	t.upsert(useKey(user, emoji, year),
		item{"at": number(millis(now)), "emoji": text(emoji), "year": number(int64(year))},
		item{"weight": &types.AttributeValueMemberN{Value: strconv.FormatFloat(weight, 'E', 16, 64)}})
}

// uses are a user's of all years, by emoji, the last one's first.
func (s *Store) uses(ctx context.Context, user string) ([][]use, error) {
	items, err := s.query(ctx, stretch{table: users, pk: emojiPK(user)})
	if err != nil {
		return nil, err
	}
	of := map[string][]use{}
	for _, it := range items {
		u, err := decode[use](it)
		if err != nil {
			return nil, err
		}
		of[u.Emoji] = append(of[u.Emoji], u)
	}
	out := make([][]use, 0, len(of))
	for _, us := range of {
		slices.SortFunc(us, func(a, b use) int { return cmp.Compare(b.Year, a.Year) })
		out = append(out, us)
	}
	slices.SortFunc(out, func(a, b []use) int { return strings.Compare(a[0].Emoji, b[0].Emoji) })
	return out, nil
}

// weigh is what uses of one emoji weigh at a moment.
func weigh(us []use, now time.Time) (sum float64) {
	for _, u := range us {
		sum += u.weight(now)
	}
	return sum
}

// FrequentEmoji implements chat.ReactionStore.
func (s *Store) FrequentEmoji(ctx context.Context, user string, limit int) ([]string, error) {
	uses, err := s.uses(ctx, user)
	if err != nil {
		return nil, err
	}
	var now int64 // any common moment orders them alike
	for _, us := range uses {
		now = max(now, us[0].At)
	}
	slices.SortStableFunc(uses, func(a, b []use) int { return cmp.Compare(weigh(b, at(now)), weigh(a, at(now))) })
	var out []string
	for _, us := range uses[:min(limit, len(uses))] {
		out = append(out, us[0].Emoji)
	}
	return out, nil
}
