package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
)

func emojiRules() []rule {
	of := func(s *stage, by string) { // whatever the rates are
		s.must(s.pictures.Put(s.ctx, "picture", []byte("parrot")))
		s.must(s.store.AddCustomEmoji(s.ctx, chat.AddCustomEmoji{Emoji: emojiname.Emoji{
			Name: "partyparrot", Picture: "picture", By: s.id(by), At: s.clock(), MainAt: s.clock(),
		}, Revision: "first"}))
		s.take()
	}
	parrot := func(s *stage) { of(s, "mira") }
	const noGuests = "ok / ok / ok / 403" // nor who has become one since
	return []rule{
		{chat.CmdCustomEmoji, "the list", "", "read", everybody, "", func(s *stage) error {
			return third(s.rules.CustomEmoji(s.ctx, s.kim, func(string) bool { return false }))
		}},
		{chat.CmdEmojiPicture, "a picture", "", "read", everybody, "", func(s *stage) error {
			parrot(s)
			return second(s.rules.EmojiPicture(s.ctx, s.kim, "picture"))
		}},
		{chat.CmdAddCustomEmoji, "a picture", "", "write", noGuests, "CustomEmojiChanged", func(s *stage) error {
			return second(s.rules.AddCustomEmoji(s.ctx, s.kim, "partyparrot", []byte("parrot")))
		}},
		{chat.CmdAddCustomEmoji, "what is no picture", "", "write", with(noGuests, "400"), "", func(s *stage) error {
			return second(s.rules.AddCustomEmoji(s.ctx, s.kim, "partyparrot", []byte("no picture")))
		}},
		{chat.CmdAliasCustomEmoji, "an alias", "", "write", noGuests, "CustomEmojiChanged", func(s *stage) error {
			parrot(s)
			return second(s.rules.AddEmojiAlias(s.ctx, s.kim, "birdie", "partyparrot"))
		}},
		{chat.CmdAliasCustomEmoji, "an alias of nothing", "", "write", with(noGuests, "400"), "", func(s *stage) error {
			return second(s.rules.AddEmojiAlias(s.ctx, s.kim, "birdie", "partyparrot"))
		}},
		{chat.CmdRenameCustomEmoji, "another's", "", "write", admins, "CustomEmojiChanged", func(s *stage) error {
			parrot(s)
			return second(s.rules.RenameCustomEmoji(s.ctx, s.kim, "partyparrot", "birdie"))
		}},
		{chat.CmdRenameCustomEmoji, "to what it is", "", "write", "same / same / 403 / 403", "CustomEmojiChanged", func(s *stage) error {
			parrot(s)
			return second(s.rules.RenameCustomEmoji(s.ctx, s.kim, "partyparrot", "partyparrot"))
		}},
		{chat.CmdRenameCustomEmoji, "none", "", "write", with(everybody, "404"), "", func(s *stage) error {
			return second(s.rules.RenameCustomEmoji(s.ctx, s.kim, "partyparrot", "birdie"))
		}},
		{chat.CmdDeleteCustomEmoji, "another's", "", "write", admins, "CustomEmojiChanged", func(s *stage) error {
			parrot(s)
			return s.rules.DeleteCustomEmoji(s.ctx, s.kim, "partyparrot")
		}},
		{chat.CmdRenameCustomEmoji, "one's own", "", "write", noGuests, "CustomEmojiChanged", func(s *stage) error {
			of(s, "kim")
			return second(s.rules.RenameCustomEmoji(s.ctx, s.kim, "partyparrot", "birdie"))
		}},
		{chat.CmdDeleteCustomEmoji, "one's own", "", "write", noGuests, "CustomEmojiChanged", func(s *stage) error {
			of(s, "kim")
			return s.rules.DeleteCustomEmoji(s.ctx, s.kim, "partyparrot")
		}},
		{chat.CmdDeleteCustomEmoji, "none", "", "write", with(everybody, "404"), "", func(s *stage) error {
			return s.rules.DeleteCustomEmoji(s.ctx, s.kim, "partyparrot")
		}},
	}
}

// TestOwnEmoji: who made an emoji renames and deletes it and its aliases; who gave an alias deletes that alone.
func TestOwnEmoji(t *testing.T) {
	h := open(t, nil)
	ctx, mira, sam := t.Context(), h.people["mira"], h.people["sam"]
	h.must(second(h.rules.AddCustomEmoji(ctx, mira, "partyparrot", []byte("parrot"))))
	alias, err := h.rules.AddEmojiAlias(ctx, sam, "birdie", "partyparrot")
	h.must(err)
	if alias.AliasOf != "partyparrot" || alias.By != sam.User.ID {
		t.Errorf("an alias: %+v", alias)
	}
	for _, c := range []struct {
		what, want string
		do         func() error
	}{
		{"Sam renames Mira's", "403", func() error { return second(h.rules.RenameCustomEmoji(ctx, sam, "birdie", "bird2")) }},
		{"Sam deletes Mira's", "403", func() error { return h.rules.DeleteCustomEmoji(ctx, sam, "partyparrot") }},
		{"Sam deletes his alias", "ok", func() error { return h.rules.DeleteCustomEmoji(ctx, sam, "birdie") }},
		{"Sam gives it again", "ok", func() error { return second(h.rules.AddEmojiAlias(ctx, sam, "birdie", "partyparrot")) }},
		{"Mira renames hers by its alias", "ok", func() error { return second(h.rules.RenameCustomEmoji(ctx, mira, "birdie", "parrot2")) }},
		{"Mira deletes an alias", "ok", func() error { return h.rules.DeleteCustomEmoji(ctx, mira, "birdie") }},
	} {
		if got := outcome(c.do()); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	all := h.emoji()
	if want := []string{"parrot2 of ", "partyparrot of parrot2"}; !slices.Equal(all, want) {
		t.Errorf("the list is %q, want %q", all, want)
	}
	h.must(h.rules.DeleteCustomEmoji(ctx, mira, "parrot2"))
	if all := h.emoji(); len(all) > 0 || h.pictures.Len() > 0 {
		t.Errorf("left are %q, %d pictures", all, h.pictures.Len())
	}
}

// TestRenamedToAlias: an emoji that takes the name of an alias still belongs to who made it, not to who gave the alias.
func TestRenamedToAlias(t *testing.T) {
	h := open(t, nil)
	ctx, mira, sam := t.Context(), h.people["mira"], h.people["sam"]
	h.must(second(h.rules.AddCustomEmoji(ctx, mira, "partyparrot", []byte("parrot"))))
	h.must(second(h.rules.AddEmojiAlias(ctx, sam, "birdie", "partyparrot")))
	e, err := h.rules.RenameCustomEmoji(ctx, h.people["olga"], "partyparrot", "birdie")
	if err != nil || e.By != mira.User.ID {
		t.Errorf("renamed: %+v, %v", e, err)
	}
	for _, name := range []string{"birdie", "partyparrot"} {
		if got := outcome(h.rules.DeleteCustomEmoji(ctx, sam, name)); got != "403" {
			t.Errorf("Sam deletes %s: %s", name, got)
		}
	}
	h.must(second(h.rules.RenameCustomEmoji(ctx, mira, "birdie", "partyparrot")))
}

// TestEmojiNames: no name is that of a standard emoji, or one that another picture had.
func TestEmojiNames(t *testing.T) {
	h := open(t, nil)
	ctx, mira := t.Context(), h.people["mira"]
	add := func(name, picture string) string {
		return outcome(second(h.rules.AddCustomEmoji(ctx, mira, name, []byte(picture))))
	}
	for name, want := range map[string]string{"Parrot": "400", "tada": "400", "__proto__": "ok", "constructor": "ok", "a1": "ok"} {
		if got := add(name, "picture of "+name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	if got := add("big", strings.Repeat("x", chat.EmojiPictureBytes+1)); got != "400" {
		t.Errorf("too large a picture: %s", got)
	}
	h.must(h.rules.DeleteCustomEmoji(ctx, mira, "a1"))
	if got := add("a1", "another picture"); got != "409" {
		t.Errorf("a name that was deleted, for another picture: %s", got)
	}
	before := h.pictures.Len()
	if got := add("constructor", "another picture"); got != "409" || h.pictures.Len() != before {
		t.Errorf("a name that is taken: %s, %d pictures after %d", got, h.pictures.Len(), before)
	}
	if got := add("a1", "picture of a1"); got != "ok" {
		t.Errorf("a name that was deleted, for the same picture: %s", got)
	}
}

// TestCustomReactions: a reaction by any name of an emoji counts as one emoji; one that was deleted can be taken back and not be added.
func TestCustomReactions(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 0)
	ctx, mira, jonas := t.Context(), h.people["mira"], h.people["jonas"]
	m, _, err := h.rules.PostMessage(ctx, mira, h.room, chat.PostInput{Text: "soup is ready"})
	h.must(err)
	react := func(a chat.Actor, emoji string, added bool) string {
		m, err := h.rules.SetReaction(ctx, a, h.room, m.Seq, emoji, added)
		if err != nil {
			return outcome(err)
		}
		var out []string
		for _, r := range m.Reactions {
			out = append(out, fmt.Sprint(r.Emoji, r.Count))
		}
		return strings.Join(out, " ")
	}
	if got := react(mira, ":partyparrot:", true); got != "400" {
		t.Errorf("with an emoji that there is not: %s", got)
	}
	h.must(second(h.rules.AddCustomEmoji(ctx, mira, "partyparrot", []byte("parrot"))))
	h.must(second(h.rules.AddEmojiAlias(ctx, mira, "birdie", "partyparrot")))
	h.must(second(h.rules.AddCustomEmoji(ctx, mira, "blob", []byte("blob"))))
	for _, c := range []struct {
		by    chat.Actor
		emoji string
		added bool
		want  string
	}{
		{mira, ":partyparrot:", true, ":partyparrot:1"},
		{jonas, ":birdie:", true, ":partyparrot:2"},
		{jonas, ":birdie:", true, ":partyparrot:2"},
		{jonas, ":blob:", true, ":partyparrot:2 :blob:1"},
		{mira, ":birdie:", false, ":partyparrot:1 :blob:1"},
	} {
		if got := react(c.by, c.emoji, c.added); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.emoji, c.added, got, c.want)
		}
	}
	h.must(h.rules.DeleteCustomEmoji(ctx, mira, "blob"))
	h.must(second(h.rules.RenameCustomEmoji(ctx, mira, "partyparrot", "parrot2")))
	if got := react(mira, ":blob:", true); got != "400" {
		t.Errorf("with a deleted one: %s", got)
	}
	if got := react(mira, ":parrot2:", true); got != ":partyparrot:2 :blob:1" {
		t.Errorf("by the new name: %s", got)
	}
	if got := react(jonas, ":blob:", false); got != ":partyparrot:2" {
		t.Errorf("taking a deleted one back: %s", got)
	}
}

// TestCustomStatus: a status can have a custom emoji, if there is such a one.
func TestCustomStatus(t *testing.T) {
	h := open(t, nil)
	ctx, mira := t.Context(), h.people["mira"]
	set := func() error {
		in := &chat.StatusInput{Emoji: ":partyparrot:"}
		return third(h.rules.UpdateMe(ctx, mira, chat.UpdateMeInput{Status: &in}))
	}
	if got := outcome(set()); got != "400" {
		t.Errorf("with an emoji that there is not: %s", got)
	}
	h.must(second(h.rules.AddCustomEmoji(ctx, mira, "partyparrot", []byte("parrot"))))
	h.must(set())
	u, err := h.rules.User(ctx, mira, mira.User.ID)
	if err != nil || u.Status == nil || u.Status.Emoji != ":partyparrot:" {
		t.Errorf("the status is %+v, %v", u.Status, err)
	}
}

// TestFrequentCustomEmoji: custom emoji are among those that somebody uses most, unless they were deleted.
func TestFrequentCustomEmoji(t *testing.T) {
	h := open(t, nil)
	ctx, mira := t.Context(), h.people["mira"]
	for i, name := range []string{"partyparrot", "blob"} {
		h.must(second(h.rules.AddCustomEmoji(ctx, mira, name, []byte(name))))
		for n := range 2 - i {
			h.must(h.store.UseEmoji(ctx, []chat.EmojiUse{
				{User: mira.User.ID, Room: "r", Seq: int64(n), Emoji: ":" + name + ":", At: h.clock()},
				{User: mira.User.ID, Room: "r", Seq: int64(n), Emoji: ":never:", At: h.clock()},
			}))
		}
	}
	h.must(h.store.UseEmoji(ctx, []chat.EmojiUse{{User: mira.User.ID, Room: "r", Seq: 9, Emoji: "🎉", At: h.clock().Add(-time.Hour)}}))
	for _, want := range [][]string{{":partyparrot:", ":blob:", "🎉"}, {":partyparrot:", "🎉"}} {
		if got, err := h.rules.FrequentEmoji(ctx, mira); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
		if len(want) == 3 {
			h.must(h.rules.DeleteCustomEmoji(ctx, mira, "blob"))
		}
	}
}

// TestEmojiRows: what stores refuse at the commit, whatever was decided before.
func TestEmojiRows(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	cat := emojiname.Emoji{Name: "cat", Picture: "p1", Sum: "s1", By: "mira", At: now, MainAt: now}
	gone, kitty, other := cat, emojiname.Emoji{Name: "kitty"}, emojiname.Emoji{Name: "cat", Picture: "p2", Sum: "s2"}
	gone.Deleted = true
	for what, c := range map[string]struct {
		cmd   chat.AddCustomEmoji
		was   *emojiname.Emoji
		alike []emojiname.Emoji
		all   int
		want  chat.Code
		field string
	}{
		"one more name":           {chat.AddCustomEmoji{Emoji: kitty, From: "cat"}, nil, []emojiname.Emoji{cat}, 1, "", ""},
		"too many emoji":          {chat.AddCustomEmoji{Emoji: cat}, nil, nil, emojiname.Max, chat.Conflict, ""},
		"of nothing":              {chat.AddCustomEmoji{Emoji: kitty, From: "cat"}, nil, nil, 1, chat.NotFound, ""},
		"a name that was another": {chat.AddCustomEmoji{Emoji: other}, &gone, nil, 1, chat.Conflict, "name"},
	} {
		row, err := c.cmd.Row(c.was, c.alike, c.all)
		is(t, what, err, c.want, c.field)
		if err == nil && row.Picture != "p1" {
			t.Errorf("%s: %+v", what, row)
		}
	}
	del := chat.DeleteCustomEmoji{Was: []emojiname.Emoji{cat}, Names: []string{"cat"}}
	if rows, err := del.Rows([]emojiname.Emoji{cat}); err != nil || len(rows) != 1 || !rows[0].Deleted {
		t.Errorf("a deletion makes %+v, %v", rows, err)
	}
	if _, err := del.Rows([]emojiname.Emoji{cat, kitty}); !errors.Is(err, chat.ErrStale) {
		t.Errorf("somebody gave it another name meanwhile: %v", err)
	}
}

// TestGuestsAreNotToldWhoMadeEmoji: guests do not see all users.
func TestGuestsAreNotToldWhoMadeEmoji(t *testing.T) {
	h := open(t, nil)
	ctx, mira, kim := t.Context(), h.people["mira"], h.add("kim", chat.Guest)
	h.must(second(h.rules.AddCustomEmoji(ctx, mira, "partyparrot", []byte("parrot"))))
	for a, want := range map[*chat.Actor]string{&mira: mira.User.ID, &kim: ""} {
		all, _, err := h.rules.CustomEmoji(ctx, *a, func(string) bool { return false })
		if err != nil || len(all) != 1 || all[0].By != want {
			t.Errorf("%s is told %+v, %v", a.User.Handle, all, err)
		}
	}
}

// emoji is the list as Mira sees it: each name with what it is an alias of.
func (h *house) emoji() []string {
	h.t.Helper()
	all, _, err := h.rules.CustomEmoji(context.Background(), h.people["mira"], func(string) bool { return false })
	h.must(err)
	var out []string
	for _, e := range all {
		out = append(out, e.Name+" of "+e.AliasOf)
	}
	return out
}
