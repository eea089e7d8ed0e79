package attention_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/settings"
)

// TestListens: a member listens to a room if and only if the table may alert them of any message in it.
func TestListens(t *testing.T) {
	for _, kind := range []chat.Kind{chat.Public, chat.Private, chat.Direct} {
		for _, level := range []chat.Notify{chat.NotifyAll, chat.NotifyMentions, chat.NotifyNothing} {
			for _, muted := range []bool{false, true} {
				e, _ := attention.Decide(attention.AnyMessage, attention.Wishes{Notify: level, Muted: muted, Direct: kind == chat.Direct})
				if got := chat.Listens(kind, level, muted); got != (e == attention.Alerting) {
					t.Errorf("%s, %s, muted: %t: %t, and the table says %s", kind, level, muted, got, e)
				}
			}
		}
	}
}

// crowd is a room of many members, of whom some have a connection. It counts whose settings are read.
type crowd struct {
	kind      chat.Kind
	members   []inbox.Hearer
	listeners []string
	online    map[string]bool
	away      string
	read      []string
}

func (c *crowd) Listeners(context.Context, string) ([]string, error) { return c.listeners, nil }

func (c *crowd) Hearers(_ context.Context, _ string, users []string) (chat.Kind, []inbox.Hearer, error) {
	c.read = append(c.read, users...)
	return c.kind, slices.DeleteFunc(slices.Clone(c.members), func(h inbox.Hearer) bool { return !slices.Contains(users, h.ID) }), nil
}

func (c *crowd) FollowersAt(context.Context, string, int64, int64) ([]string, error) {
	return []string{"u1", "u2"}, nil
}

func (c *crowd) Users() (out []string) {
	for u := range c.online {
		out = append(out, u)
	}
	return out
}

func (c *crowd) Connections(user string) []connection.Connection {
	if !c.online[user] {
		return nil
	}
	return []connection.Connection{{ID: "of " + user, User: user, Away: user == c.away}}
}

type directory []chat.User

func (d directory) Users(context.Context) ([]chat.User, int64, error) { return d, 1, nil }

// TestAlertsOf: whom a message alerts in a room of thousands, and that it reads the settings of those alone who may be alerted.
func TestAlertsOf(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	c := &crowd{kind: chat.Public, online: map[string]bool{}, away: "u7"}
	var people directory
	for n := range 5000 {
		h := inbox.Hearer{User: chat.User{ID: fmt.Sprint("u", n), Settings: settings.Default()}, Notify: chat.NotifyMentions}
		switch n {
		case 1:
			h.Notify = chat.NotifyAll
		case 2:
			h.Notify, h.Settings.Attention.ThreadAlerts = chat.NotifyAll, true
		case 3:
			h.Settings.Attention.Keywords = []string{"leek"}
		}
		if c.members, people = append(c.members, h), append(people, h.User); chat.Listens(c.kind, h.Notify, h.Muted) {
			c.listeners = append(c.listeners, h.ID)
		}
		c.online[h.ID] = n < 100
	}
	x := &attention.Alerts{Store: c, Keywords: &attention.Keywords{Store: people, Clock: func() time.Time { return now }},
		Clock: func() time.Time { return now }}
	deleted := now
	for _, m := range []struct {
		what string
		m    chat.Message
		want string // who, and why
		read int    // whose settings
	}{
		{"any message", chat.Message{Text: "hello"}, "u1 message, u2 message", 2},
		{"of who listens", chat.Message{Author: "u1", Text: "hello"}, "u2 message", 1},
		{"a mention", chat.Message{Text: "@u9", Mentions: []string{"u9", "u1", "u4000"}}, "u1 mention, u2 message, u9 mention", 3},
		{"a keyword", chat.Message{Text: "Leek!"}, "u1 message, u2 message, u3 keyword", 3},
		{"one's own keyword", chat.Message{Author: "u3", Text: "leek"}, "u1 message, u2 message", 2},
		{"a reply", chat.Message{Text: "hello", Thread: 5}, "u2 reply", 2},
		{"a reply in the room too", chat.Message{Text: "hello", Thread: 5, AlsoInRoom: true}, "u1 message, u2 reply", 2},
		{"a broadcast", chat.Message{Text: "@room", Broadcast: chat.BroadcastRoom}, "99 broadcast", 99},
		{"a call of who is there", chat.Message{Text: "@here", Broadcast: chat.BroadcastHere}, "98 broadcast", 99},
		{"a call that names who is away", chat.Message{Broadcast: chat.BroadcastHere, Mentions: []string{"u7"}}, "99 broadcast", 99},
		{"a system message", chat.Message{Text: "@u9", Mentions: []string{"u9"}, System: &chat.System{}}, "", 0},
		{"what was deleted", chat.Message{Text: "@u9", Mentions: []string{"u9"}, DeletedAt: &deleted}, "", 0},
		{"an old one", chat.Message{Text: "@u9", Mentions: []string{"u9"}, CreatedAt: now.Add(-6 * time.Minute)}, "", 0},
	} {
		c.read = nil
		if m.m.Author == "" {
			m.m.Author = "u0"
		}
		if m.m.CreatedAt.IsZero() {
			m.m.CreatedAt = now.Add(-4 * time.Minute)
		}
		m.m.Room, m.m.Seq = "general", 7
		out, err := x.Of(t.Context(), m.m, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range out {
			got = append(got, a.User+" "+a.Cause)
		}
		slices.Sort(got)
		said := strings.Join(got, ", ")
		if len(got) > 10 {
			said = fmt.Sprint(len(got), " ", out[0].Cause)
		}
		if said != m.want || len(c.read) != m.read {
			t.Errorf("%s: %s, %d read; want %s, %d", m.what, said, len(c.read), m.want, m.read)
		}
	}
}

// threads records which replies make people follow a thread.
type threads struct{ replies []int64 }

func (s *threads) FollowMentioned(_ context.Context, reply chat.Message) error {
	s.replies = append(s.replies, reply.Seq)
	return nil
}

// TestMentioned: a reply of today makes those follow its thread whom it names, also by an edit.
func TestMentioned(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s, old, edited := &threads{}, now.Add(-25*time.Hour), now.Add(-time.Hour)
	names := []string{"mira"}
	wrote, err := (&attention.Mentioned{Store: s, Clock: func() time.Time { return now }}).Apply(t.Context(), "soup", []chat.Message{
		{Seq: 2, Thread: 1, CreatedAt: now}, {Seq: 3, Mentions: names, CreatedAt: now},
		{Seq: 4, Thread: 1, Mentions: names, CreatedAt: old}, {Seq: 5, Thread: 1, Mentions: names, CreatedAt: now, DeletedAt: &now},
		{Seq: 6, Thread: 1, Mentions: names, CreatedAt: now}, {Seq: 7, Thread: 1, Mentions: names, CreatedAt: old, EditedAt: &edited},
	})
	if err != nil || !wrote || !slices.Equal(s.replies, []int64{6, 7}) {
		t.Errorf("%t, %v, by the replies %v", wrote, err, s.replies)
	}
}
