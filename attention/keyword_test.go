package attention_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/settings"
)

// TestPopularKeyword: a message that repeats a keyword of everybody costs no more than one that has it once. It still finds longer keywords
// that begin the same.
func TestPopularKeyword(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	c := &crowd{kind: chat.Public, online: map[string]bool{}}
	var people directory
	for n := range 5000 {
		h := inbox.Hearer{User: chat.User{ID: fmt.Sprint("u", n), Settings: settings.Default()}, Notify: chat.NotifyMentions}
		if h.Settings.Attention.Keywords = []string{"Go", "go."}; n == 0 {
			h.Settings.Attention.Keywords = []string{"go on"}
		}
		c.members, people = append(c.members, h), append(people, h.User)
	}
	c.online["u0"], c.online["u4999"] = true, true
	x := &attention.Alerts{Store: c, Keywords: &attention.Keywords{Store: people, Clock: func() time.Time { return now }},
		Clock: func() time.Time { return now }}
	m := chat.Message{Author: "u1", Room: "general", Seq: 7, CreatedAt: now, Text: strings.Repeat("go ", 6000) + "on"}
	began := time.Now()
	for range 5 {
		out, err := x.Of(t.Context(), m, c)
		if err != nil || len(out) != 2 {
			t.Fatalf("%v, %v", out, err)
		}
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("five messages take %v", d)
	}
}
