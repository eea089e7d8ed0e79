package apigateway

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// alertsFor alerts a user of every message.
type alertsFor struct {
	user  string
	asked int
	fail  error
}

func (a *alertsFor) Alerts(_ context.Context, m chat.Message, _ Online) ([]chat.Alerted, error) {
	if a.asked++; a.fail != nil {
		return nil, a.fail
	}
	return []chat.Alerted{chat.AlertOf(m, a.user)}, nil
}

// TestAlertOnce: an alert goes to one connection after its message, and to the next one only if that is gone: one that gave no answer may
// have it. A connection that has sent nothing yet gets none.
func TestAlertOnce(t *testing.T) {
	for what, c := range map[string]struct {
		answer error // to the notification on the latest connection
		want   []int // how many notifications were heard, oldest connection first
	}{
		"taken":        {nil, []int{0, 1, 0}},
		"gone":         {StatusError(410), []int{1, 0, 0}},
		"5xx":          {StatusError(500), []int{0, 0, 0}},
		"a full queue": {StatusError(429), []int{0, 0, 0}},
		"no answer":    {context.DeadlineExceeded, []int{0, 0, 0}},
	} {
		t.Run(what, func(t *testing.T) {
			f := open(t)
			f.gateway.o.Alerter = &alertsFor{user: f.id("bob")}
			var ids []string
			for range 2 {
				ids = append(ids, f.live("bob", ""))
				f.clock.advance(time.Second)
			}
			ids = append(ids, f.connect("bob"))
			f.lines.answer = func(id string, _ int, frame []byte) error {
				if id == ids[1] && strings.Contains(string(frame), `"notify"`) {
					return c.answer
				}
				return nil
			}
			f.post("ada", "soup")
			f.fanOut()
			var got []int
			for _, id := range ids {
				heard := types(t, f.lines.heard(id))
				if n := slices.Index(heard, "notify"); n >= 0 && !slices.Equal(heard[:n], []string{"message"}) {
					t.Errorf("%s heard %v", id, heard)
				}
				got = append(got, len(slices.DeleteFunc(heard, func(e string) bool { return e != "notify" })))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v notifications, want %v", got, c.want)
			}
		})
	}
}

// TestAlertFails: what goes wrong with an alert costs no message, and an edit alerts nobody.
func TestAlertFails(t *testing.T) {
	f := open(t)
	bob, alerts := f.live("bob", ""), &alertsFor{user: f.id("bob"), fail: errors.New("the table is gone")}
	f.gateway.o.Alerter = alerts
	f.post("ada", "soup")
	f.fanOut()
	if _, err := f.rules.EditMessage(t.Context(), f.actor["ada"], f.general, 1, chat.EditInput{Text: "salad"}); err != nil {
		t.Fatal(err)
	}
	f.fanOut()
	if heard := types(t, f.lines.heard(bob)); !slices.Equal(heard, []string{"message", "message"}) || alerts.asked != 1 {
		t.Errorf("heard %v, asked %d times", heard, alerts.asked)
	}
}
