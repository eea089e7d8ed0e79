package server_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestRCVotes: somebody votes from two devices at once, votes while the poll is closed, and while its message is deleted. The votes are
// counted once for each person (see the invariants), and whoever got an answer voted.
func TestRCVotes(t *testing.T) {
	h, n := racing(t)
	ctx, room := context.Background(), h.General()
	mira, jonas := h.As("mira"), h.As("jonas")
	for i := range n {
		post := wire.PostMessage{ClientID: world.UUID(1000 + i), Text: "Where?", Poll: &wire.NewPoll{Options: []string{"soup", "salad"}}}
		m := world.Must[wire.Message](t)(jonas.Post(ctx, room, post))
		vote := func(option int) func() error {
			return func() error { _, err := mira.Vote(ctx, room, m.Seq, option); return err }
		}
		a, b := both(t, vote(0), vote(1))
		twice := world.Must[wire.Message](t)(world.Get[wire.Message](ctx, mira, fmt.Sprintf("/rooms/%s/messages/%d", room, m.Seq)))
		if a != 0 || b != 0 || twice.Poll.Voters != 1 || len(*twice.Poll.Mine) != 1 || twice.Rev != m.Rev+2 {
			t.Errorf("two votes of one person: %d, %d, %+v", a, b, twice.Poll)
		}
		other := 1 - (*twice.Poll.Mine)[0]
		end, want := func() error { _, err := jonas.ClosePoll(ctx, room, m.Seq); return err }, http.StatusConflict
		if i%2 > 0 {
			end, want = func() error { return jonas.Delete(ctx, room, m.Seq) }, http.StatusGone
		}
		status, closed := both(t, vote(other), end)
		oneOf(t, fmt.Sprint("a vote beside the end, round ", i), status, 0, want)
		now := world.Must[wire.Message](t)(world.Get[wire.Message](ctx, mira, fmt.Sprintf("/rooms/%s/messages/%d", room, m.Seq)))
		if i%2 == 0 && (closed != 0 || !now.Poll.Closed || slices.Contains(*now.Poll.Mine, other) != (status == 0)) || i%2 > 0 && now.Poll != nil {
			t.Errorf("round %d: the vote %d, the end %d: %+v", i, status, closed, now.Poll)
		}
	}
}
