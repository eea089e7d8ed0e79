package chat_test

import (
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestFrequentEmoji: a use weighs half after 30 days, whoever else used what; of equal weight the order is by code point.
func TestFrequentEmoji(t *testing.T) {
	h := open(t, nil)
	mira, now := h.people["mira"], h.clock()
	n := int64(0)
	used := func(user, emoji string, days, times int) {
		for range times {
			n++
			h.must(h.store.UseEmoji(t.Context(), []chat.EmojiUse{
				{User: user, Room: "r", Seq: n, Emoji: emoji, At: now.Add(-time.Duration(days) * 24 * time.Hour)},
			}))
		}
	}
	used(mira.User.ID, "🎉", 0, 2)  // 2
	used(mira.User.ID, "🚀", 30, 5) // 2.5
	used(mira.User.ID, "🐛", 90, 9) // a little more than 1
	used(mira.User.ID, "👍", 0, 1)
	used(mira.User.ID, "👀", 0, 1)
	used(h.people["sam"].User.ID, "🍜", 0, 50)
	got, err := h.rules.FrequentEmoji(t.Context(), mira)
	h.must(err)
	if want := []string{"🚀", "🎉", "🐛", "👀", "👍"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if none, err := h.rules.FrequentEmoji(t.Context(), h.people["jonas"]); err != nil || len(none) != 0 {
		t.Errorf("of who used none: %v, %v", none, err)
	}
}
