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

// A use of an emoji weighs twice what one 30 days before it weighs. So weights are kept as sums of powers of two that only
// grow, which can be added to without being read; they stay in DynamoDB's range of numbers until the year 2060.
func scale(now time.Time) float64 {
	return math.Exp2(now.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / (30 * 24))
}

// use is how much a user used an emoji; sk is the emoji.
type use struct {
	Emoji  string  `dynamodbav:"sk"`
	Weight float64 `dynamodbav:"weight"`          // of the uses here, each on the scale of its time
	At     int64   `dynamodbav:"at"`              // of the last one
	Moved  float64 `dynamodbav:"moved,omitempty"` // uses elsewhere, before the workspace was moved here …
	Since  int64   `dynamodbav:"since,omitempty"` // … as of then
}

func (u use) weight() float64 { return u.Weight + u.Moved*scale(at(u.Since)) }

func emojiPK(user string) string { return "emoji#" + user }

func (t *tx) useEmoji(user, emoji string, now time.Time) {
	weight := scale(now)
	n := &types.AttributeValueMemberN{Value: strconv.FormatFloat(weight, 'E', 16, 64)}
	t.upsert(key{users, emojiPK(user), emoji}, item{"at": number(millis(now))}, item{"weight": n})
}

// uses are a user's, by emoji.
func (s *Store) uses(ctx context.Context, user string) ([]use, error) {
	items, err := s.query(ctx, stretch{table: users, pk: emojiPK(user)})
	if err != nil {
		return nil, err
	}
	out := make([]use, len(items))
	for i, it := range items {
		if out[i], err = decode[use](it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FrequentEmoji implements canteen.ReactionStore.
func (s *Store) FrequentEmoji(ctx context.Context, user string, limit int) ([]string, error) {
	uses, err := s.uses(ctx, user)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(uses, func(a, b use) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), strings.Compare(a.Emoji, b.Emoji))
	})
	var out []string
	for _, u := range uses[:min(limit, len(uses))] {
		out = append(out, u.Emoji)
	}
	return out, nil
}
