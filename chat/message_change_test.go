package chat_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

func TestAnswerable(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what  string
		root  chat.Message
		code  chat.Code
		field string
	}{
		{"a message", chat.Message{Seq: 1}, "", ""},
		{"a reply", chat.Message{Seq: 2, Thread: 1}, chat.Invalid, "thread"},
		{"a reply sent also to the room", chat.Message{Seq: 2, Thread: 1, AlsoInRoom: true}, chat.Invalid, "thread"},
		{"a system message", chat.Message{Seq: 1, System: &chat.System{What: chat.Renamed}}, chat.Invalid, "thread"},
		{"a tombstone", chat.Message{Seq: 1, DeletedAt: &at}, chat.Gone, ""},
		{"a tombstone of a reply", chat.Message{Seq: 2, Thread: 1, DeletedAt: &at}, chat.Invalid, "thread"},
	} {
		is(t, c.what, c.root.Answerable(), c.code, c.field)
	}
	is(t, "a message", chat.Message{}.Changeable(), "", "")
	is(t, "a tombstone", chat.Message{DeletedAt: &at}.Changeable(), chat.Gone, "")
	is(t, "a revision that is there", chat.KnowsRev(4, 4), "", "")
	is(t, "a revision that is not there yet", chat.KnowsRev(5, 4), chat.Gone, "")
}

func TestThreadInfo(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var info thread.Info
	for i, author := range []string{"mira", "ada", "mira", "jonas", "gus", "eve", "ida"} {
		when := at.Add(time.Duration(i) * time.Minute)
		if author == "ida" {
			when = at // her server's clock is behind
		}
		info = info.Add(author, when)
	}
	want := thread.Info{Replies: 7, LastReplyAt: at.Add(5 * time.Minute), Repliers: []string{"mira", "ada", "jonas", "gus", "eve"}}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("%+v, want %+v", info, want)
	}
	short := thread.Info{Repliers: make([]string, 1, 4)}
	a, b := short.Add("a", at), short.Add("b", at)
	if a.Repliers[1] != "a" || b.Repliers[1] != "b" {
		t.Error("two sums made from one share their lists")
	}
}

func TestTombstone(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	m := chat.Message{
		Room: "r", Seq: 3, Rev: 5, Author: "mira", ClientID: "c", Text: "secret", CreatedAt: at, EditedAt: &at, Thread: 1, AlsoInRoom: true,
		ThreadInfo: &thread.Info{Replies: 1}, Mentions: []string{"ada"}, System: &chat.System{What: chat.Renamed, Value: "secret"},
		Reactions: []chat.Reaction{{Emoji: "🎉"}},
		Parts:     chat.Parts{Files: []chat.File{{ID: "f", Name: "secret.png"}}},
	}
	want := m
	want.Text, want.Mentions, want.System, want.Reactions, want.DeletedAt, want.Parts = "", nil, nil, nil, &at, chat.Parts{}
	if got := m.Tombstone(at); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := fmt.Sprintf("%+v", m.Tombstone(at)); strings.Contains(got, "secret") {
		t.Errorf("a tombstone tells: %s", got)
	}
}

func TestPostAndEdit(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	member := func(u string) bool { return u != "gus" }
	post := chat.PostMessage{
		Room: "r", Author: "mira", ClientID: "c", Text: "hello", Thread: 1, AlsoInRoom: true, Mentions: []string{"ada", "gus", "mira", "ada"}, At: at,
	}
	m := post.Message(member)
	want := chat.Message{
		Room: "r", Author: "mira", ClientID: "c", Text: "hello", CreatedAt: at, Thread: 1, AlsoInRoom: true, Mentions: []string{"ada", "mira"},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("%+v, want %+v", m, want)
	}
	if got := m.Counted(); !reflect.DeepEqual(got, []string{"ada"}) {
		t.Errorf("counted as mentioned: %v", got)
	}
	if got := m.Version(); got != (chat.Version{Text: "hello", At: at}) {
		t.Errorf("%+v", got)
	}
	later := at.Add(time.Minute)
	edited := chat.EditMessage{Text: "bye", Mentions: []string{"gus", "jonas"}, At: later}.Apply(m, member)
	want.Text, want.EditedAt, want.Edits, want.Mentions = "bye", &later, 1, []string{"jonas"}
	if !reflect.DeepEqual(edited, want) {
		t.Errorf("%+v, want %+v", edited, want)
	}
	if got := edited.Version(); got != (chat.Version{N: 1, Text: "bye", At: later}) {
		t.Errorf("%+v", got)
	}
}

// TestBriefCutsBetweenCharacters: what looks like one character to people is shown whole or not at all.
func TestBriefCutsBetweenCharacters(t *testing.T) {
	const family, flag, accent = "👨‍👩‍👧‍👦", "🇩🇪", "e\u0301"
	fill := func(n int) string { return strings.Repeat("x", n) }
	for in, want := range map[string]string{
		"hello":            "hello",
		fill(200) + "y":    fill(200),
		fill(193) + family: fill(193) + family,
		fill(194) + family: fill(194),
		fill(199) + flag:   fill(199),
		fill(199) + accent: fill(199),
	} {
		got := chat.Message{Seq: 7, Author: "mira", Text: in}.Brief()
		if got.Text != want || got.Seq != 7 || got.Author != "mira" {
			t.Errorf("%q is cut to %q, want %q", in, got.Text, want)
		}
	}
}

func TestReactionsAreSummedUp(t *testing.T) {
	users := make([]string, chat.MaxReactionUsers)
	for i := range users {
		users[i] = fmt.Sprint("u", i)
	}
	next := append(append([]string{}, users[1:]...), "late")
	many := chat.Reaction{Emoji: "🎉", Count: len(users) + 1, Users: users}
	one := chat.Reaction{Emoji: "👍", Count: 1, Users: []string{"ada"}}
	for _, c := range []struct {
		what string
		cmd  chat.SetReaction
		was  []chat.Reaction
		now  chat.Reaction
		all  []chat.Reaction
	}{
		{"the first", chat.SetReaction{Emoji: "👍", User: "ada", Added: true}, nil, one, []chat.Reaction{one}},
		{
			"another user", chat.SetReaction{Emoji: "👍", User: "mira", Added: true}, []chat.Reaction{one, many},
			chat.Reaction{Emoji: "👍", Count: 2, Users: []string{"ada", "mira"}},
			[]chat.Reaction{{Emoji: "👍", Count: 2, Users: []string{"ada", "mira"}}, many},
		},
		{"one whose user is not shown", chat.SetReaction{Emoji: "🎉", User: "ada", Added: true}, []chat.Reaction{many},
			chat.Reaction{Emoji: "🎉", Count: many.Count + 1, Users: users}, []chat.Reaction{{Emoji: "🎉", Count: many.Count + 1, Users: users}}},
		{"the last leaves", chat.SetReaction{Emoji: "👍", User: "ada"}, []chat.Reaction{one, many}, chat.Reaction{Emoji: "👍", Users: []string{}}, []chat.Reaction{many}},
		{"a shown one leaves", chat.SetReaction{Emoji: "🎉", User: "u0"}, []chat.Reaction{many},
			chat.Reaction{Emoji: "🎉", Count: len(users), Users: next}, []chat.Reaction{{Emoji: "🎉", Count: len(users), Users: next}}},
		{"one who is not shown leaves", chat.SetReaction{Emoji: "🎉", User: "late"}, []chat.Reaction{many},
			chat.Reaction{Emoji: "🎉", Count: len(users), Users: users}, []chat.Reaction{{Emoji: "🎉", Count: len(users), Users: users}}},
	} {
		before := fmt.Sprint(c.was)
		all, now, err := c.cmd.Apply(c.was, func() ([]string, error) { return next, nil })
		if err != nil || !reflect.DeepEqual(all, c.all) || !reflect.DeepEqual(now, c.now) {
			t.Errorf("%s: %v, %v, %v; want %v, %v", c.what, all, now, err, c.all, c.now)
		}
		if after := fmt.Sprint(c.was); after != before {
			t.Errorf("%s: what was given changed to %s", c.what, after)
		}
	}
	full := make([]chat.Reaction, chat.MaxEmojiOnMessage)
	for i := range full {
		full[i] = chat.Reaction{Emoji: fmt.Sprint(i), Count: 1, Users: []string{"ada"}}
	}
	_, _, err := chat.SetReaction{Emoji: "👍", User: "mira", Added: true}.Apply(full, nil)
	is(t, "one emoji too many", err, chat.Conflict, "")
	_, now, err := chat.SetReaction{Emoji: "3", User: "mira", Added: true}.Apply(full, nil)
	if is(t, "joining one that is there", err, "", ""); now.Count != 2 {
		t.Errorf("%+v", now)
	}
	broken := errors.New("broken")
	if _, _, err := (chat.SetReaction{Emoji: "🎉", User: "u0"}).Apply([]chat.Reaction{many}, func() ([]string, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("%v, want the error of the store", err)
	}
}
