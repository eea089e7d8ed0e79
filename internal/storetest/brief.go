package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
)

// units are each one character as people see it, of several code points.
var units = []string{
	"👨‍👩‍👧‍👦", "👍🏽", "☝️🏽", "❤️", "🇩🇪", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "1️⃣",
	"e\u0301\u0302", "\u1112\u1161\u11ab",
}

// longText draws a text that the list of rooms shortens, most often where a unit stands.
func longText(rt *rapid.T) string {
	text := strings.Repeat("x", rapid.IntRange(chat.LastMessageLength-9, chat.LastMessageLength).Draw(rt, "lead"))
	for range rapid.IntRange(1, 3).Draw(rt, "units") {
		text += rapid.SampledFrom(units).Draw(rt, "unit")
	}
	return text
}

// briefs checks that the text of a room's last message is never cut within a unit, however it came to be the last one: by a post, an edit
// or the deletion of a later one. Moves to other stores are checked with the same texts, which the walk draws.
func briefs(t *testing.T, open Open) {
	ctx := context.Background()
	s, _ := furnished(t, open)
	for n, unit := range units {
		size := utf8.RuneCountInString(unit)
		lead := strings.Repeat("x", chat.LastMessageLength+1-size) // the last code point of the unit is one too many
		is := func(how, want string) {
			t.Helper()
			one, err := s.MyRoom(ctx, general, "ujonas")
			if err != nil || one.LastMessage == nil || one.LastMessage.Text != want {
				t.Fatalf("%+q, %s: %+v, %v; want %q", unit, how, one.LastMessage, err, want)
			}
			all, err := s.MyRooms(ctx, "ujonas")
			if err != nil || len(all) != 1 || all[0].LastMessage == nil || all[0].LastMessage.Text != want {
				t.Fatalf("%+q, %s: the list has %+v, %v", unit, how, all, err)
			}
		}
		must := func(err error) {
			if t.Helper(); err != nil {
				t.Fatal(err)
			}
		}
		post := func(id, text string) int64 {
			m, _, err := s.PostMessage(ctx, chat.PostMessage{
				Room: general, Author: "umira", ClientID: fmt.Sprint(id, n), Text: text, At: began,
			})
			must(err)
			return m.Seq
		}
		seq := post("cut", lead+unit+unit)
		edit := func(text string) {
			_, err := s.EditMessage(ctx, chat.EditMessage{Room: general, Seq: seq, By: "umira", Text: text, At: began})
			must(err)
		}
		is("posted", lead)
		must(s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: post("later", "see you"), At: began}))
		is("after the later one is deleted", lead)
		edit(lead[1:] + unit + unit)
		is("edited to fit", lead[1:]+unit)
		edit(lead + unit)
		is("edited to be too long", lead)
	}
	hostile(ctx, t, s)
}

// hostile checks that a text of one character with marks without end has a short form.
func hostile(ctx context.Context, t *testing.T, s chat.Store) {
	text := "a" + strings.Repeat("\u0301", 2*chat.LastMessageLength)
	if _, _, err := s.PostMessage(ctx, chat.PostMessage{
		Room: general, Author: "umira", ClientID: "marks", Text: text, At: began,
	}); err != nil {
		t.Fatal(err)
	}
	r, err := s.MyRoom(ctx, general, "ujonas")
	if err != nil || r.LastMessage == nil || utf8.RuneCountInString(r.LastMessage.Text) != chat.LastMessageLength {
		t.Errorf("marks without end: %+v, %v", r.LastMessage, err)
	}
}
