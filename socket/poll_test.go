package socket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestPolls: a poll by the real program. Everybody hears of each vote in the order of revisions, only the voter of their own choice, and
// nobody of who voted in an anonymous poll, whether by the API or by the socket.
func TestPolls(t *testing.T) {
	for _, anonymous := range []bool{false, true} {
		t.Run(fmt.Sprint("anonymous ", anonymous), func(t *testing.T) {
			h, ctx := world.Open(t), context.Background()
			mira, jonas := h.As("mira"), h.As("jonas")
			room := h.Room("jonas", "private", "lunch", "mira", "sam")
			m := world.Must[wire.Message](t)(jonas.Post(ctx, room, wire.PostMessage{
				Poll: &wire.NewPoll{Question: "Where?", Options: []string{"soup", "salad"}, Several: true, Anonymous: anonymous},
			}))
			if m.Text != "Where?" || m.Poll == nil || m.Poll.Question != "" || len(m.Poll.Options) != 2 || len(*m.Poll.Mine) != 0 {
				t.Fatalf("%+v", m)
			}
			lives := map[string]*client.Live{"mira": h.Live("mira"), "sam": h.Live("sam")}
			voted := world.Must[wire.Message](t)(mira.Vote(ctx, room, m.Seq, 0, 1))
			if voted.Rev != m.Rev+1 || !slices.Equal(*voted.Poll.Mine, []int{0, 1}) || voted.Poll.Voters != 1 {
				t.Errorf("mira's vote: %+v", voted.Poll)
			}
			again := world.Must[wire.Message](t)(mira.Vote(ctx, room, m.Seq, 1, 0, 1))
			edited := world.Must[wire.Message](t)(jonas.Edit(ctx, room, m.Seq, "Where to?"))
			closed := world.Must[wire.Message](t)(jonas.ClosePoll(ctx, room, m.Seq))
			if again.Rev != voted.Rev || edited.Poll == nil || edited.Poll.Voters != 1 || !closed.Poll.Closed || closed.Rev != m.Rev+3 {
				t.Errorf("%+v, %+v, %+v", again, edited, closed)
			}
			if _, err := mira.Vote(ctx, room, m.Seq, 1); client.Status(err) != 409 {
				t.Errorf("a vote after the end: %v", err)
			}
			votes, err := jonas.Votes(ctx, room, m.Seq)
			if anonymous && client.Status(err) != 403 || !anonymous && !slices.Equal(*votes.Options[1].Users, []string{h.ID["mira"]}) {
				t.Errorf("who voted: %+v, %v", votes, err)
			}
			h.Say("jonas", room, 2, "the end of it")
			for who, live := range lives {
				heardOfPoll(t, who, world.UpTo(t, live, "message", "the end of it"), m.Rev, h.ID["mira"], anonymous)
			}
			seen := world.Must[json.RawMessage](t)(world.Get[json.RawMessage](ctx, jonas, fmt.Sprintf("/rooms/%s/messages/%d", room, m.Seq)))
			if bytes.Contains(seen, []byte(h.ID["mira"])) == anonymous {
				t.Errorf("jonas reads %s", seen)
			}
		})
	}
}

// heardOfPoll checks the events of one who was there: a vote, an edit and the end.
func heardOfPoll(t *testing.T, who string, events []client.Event, rev int64, voter string, anonymous bool) {
	t.Helper()
	var kinds []string
	for _, e := range events {
		if e.Type != "poll" && e.Type != "message" {
			continue
		}
		var p wire.PollEvent
		if err := json.Unmarshal(e.JSON, &p); err != nil {
			t.Fatal(err)
		}
		if rev++; p.Rev != rev {
			t.Errorf("%s hears of rev %d after %d", who, p.Rev, rev-1)
		}
		if kinds = append(kinds, e.Type); anonymous && bytes.Contains(e.JSON, []byte(voter)) {
			t.Errorf("%s hears who voted: %s", who, e.JSON)
		}
		if vote := len(kinds) == 1; (p.Poll.Mine != nil) != (vote && who == "mira") {
			t.Errorf("%s hears of a choice: %s", who, e.JSON)
		}
	}
	if !slices.Equal(kinds, []string{"poll", "message", "poll"}) {
		t.Errorf("%s hears %v", who, kinds)
	}
}
