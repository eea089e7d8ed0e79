package emojiname_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/emojiname"
)

var (
	now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	cat = emojiname.Emoji{Name: "cat", Picture: "p1", Sum: "s1", By: "mira", At: now, MainAt: now}
)

// TestCheck: no name is that of a standard emoji.
func TestCheck(t *testing.T) {
	for _, name := range []string{
		"", "a", "Parrot", "party parrot", "pärrot", ":parrot:", "tada", "thumbsup", "wave_tone3", "par\u202erot", "constructor\n",
		strings.Repeat("a", 33), strings.Repeat("a", 10_000),
	} {
		if emojiname.Check(name) == "" {
			t.Errorf("%.20q is allowed", name)
		}
	}
	for _, name := range []string{"__proto__", "constructor", "a1", strings.Repeat("a", 32), "1-2"} {
		if why := emojiname.Check(name); why != "" {
			t.Errorf("%q: %s", name, why)
		}
	}
}

// TestAdded: what is refused when a name is stored, and what a rename to an alias makes of it.
func TestAdded(t *testing.T) {
	gone, kitty := cat, cat
	gone.Deleted = true
	kitty.Name, kitty.By, kitty.MainAt = "kitty", "sam", time.Time{}
	renamed := emojiname.Emoji{Name: "kitty", Picture: "p1", Sum: "s1", By: "mira", MainAt: now.Add(time.Hour)}
	other := emojiname.Emoji{Name: "cat", Picture: "p2", Sum: "s2", MainAt: now}
	for what, c := range map[string]struct {
		e          emojiname.Emoji
		was        *emojiname.Emoji
		alike, all int
		field, why string // a part of it; "" for none
	}{
		"one more name":               {kitty, nil, emojiname.MaxOfPicture - 1, 1, "", ""},
		"too many names":              {kitty, nil, emojiname.MaxOfPicture, 1, "", "at most 20 names"},
		"the last emoji":              {cat, nil, 0, emojiname.Max - 1, "", ""},
		"too many emoji":              {cat, nil, 0, emojiname.Max, "", "at most 2000"},
		"too many, but it is one":     {cat, new(cat), 1, emojiname.Max, "", ""},
		"a name that was another's":   {other, new(gone), 0, 1, "name", "another picture"},
		"the name of the same before": {cat, new(gone), 0, 1, "", ""},
		"a name that is another's":    {other, new(cat), 0, 1, "name", "already"},
		"an alias that is there":      {kitty, new(kitty), 1, 2, "name", "already"},
		"a rename to an alias":        {renamed, new(kitty), 2, 2, "", ""},
	} {
		row, field, why := c.e.Added(c.was, c.alike, c.all)
		if field != c.field || (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q, %q, want %q, %q", what, field, why, c.field, c.why)
		}
		if c.why == "" && (row.Name != c.e.Name || row.Deleted || row.By != c.e.By || !row.MainAt.Equal(c.e.MainAt)) {
			t.Errorf("%s makes %+v of %+v", what, row, c.e)
		}
	}
	if e, ok := (emojiname.Emoji{Name: "kitty"}).Of([]emojiname.Emoji{cat}, "cat"); !ok || e.Picture != "p1" || e.Sum != "s1" {
		t.Errorf("a name of the cat: %+v, %t", e, ok)
	}
	if e, ok := (emojiname.Emoji{Name: "kitty"}).Of([]emojiname.Emoji{cat}, "dog"); ok {
		t.Errorf("a name of nothing: %+v", e)
	}
}

// TestMain: the main name of a picture is the one that became it last. It belongs to who made the emoji, and the picture ends with it.
func TestMain(t *testing.T) {
	kitty := emojiname.Emoji{Name: "kitty", Picture: "p1", By: "sam", At: now}
	tiger := cat.Renamed("tiger", now.Add(-time.Hour))
	tiger.Picture = "p1"
	if tiger.By != "mira" || !tiger.MainAt.After(cat.MainAt) {
		t.Errorf("renamed by a clock that was set back: %+v", tiger)
	}
	dog := emojiname.New("dog", "p2", []byte("dog"), "mira", now)
	if want := "cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944"; dog.Sum != want || !dog.MainAt.Equal(now) {
		t.Errorf("a new one: %+v", dog)
	}
	all := emojiname.WithMain([]emojiname.Emoji{cat, dog, kitty, tiger})
	var got []string
	for _, e := range all {
		got = append(got, e.Name+" of "+e.AliasOf)
	}
	if want := []string{"cat of tiger", "dog of ", "kitty of tiger", "tiger of "}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	alike := emojiname.Alike(all, "kitty")
	if len(alike) != 3 || emojiname.Main(alike).Name != "tiger" || emojiname.Alike(all, "bird") != nil {
		t.Errorf("alike are %+v", alike)
	}
	for _, c := range []struct {
		name, user string
		want       bool
	}{
		{"kitty", "sam", true}, {"tiger", "sam", false}, {"cat", "sam", false}, {"kitty", "mira", true}, {"tiger", "mira", true},
		{"kitty", "jonas", false},
	} {
		if got := emojiname.Gave(alike, c.name, c.user); got != c.want {
			t.Errorf("%s gave %s: %t", c.user, c.name, got)
		}
	}
	for name, want := range map[string][]string{"kitty": {"kitty"}, "tiger": {"cat", "kitty", "tiger"}} {
		if got := emojiname.Ends(alike, name); !slices.Equal(got, want) {
			t.Errorf("with %s end %q, want %q", name, got, want)
		}
	}
}

// TestDeleted: nothing is deleted if the names are not those on which the decision rested.
func TestDeleted(t *testing.T) {
	kitty := emojiname.Emoji{Name: "kitty", Picture: "p1", By: "sam", At: now}
	gone := kitty
	gone.Deleted = true
	was := []emojiname.Emoji{cat, kitty}
	rows, ok := emojiname.Deleted([]emojiname.Emoji{kitty, cat}, was, []string{"kitty"})
	if !ok || !reflect.DeepEqual(rows, []emojiname.Emoji{gone}) {
		t.Errorf("%+v, %t", rows, ok)
	}
	another, moved := cat, cat
	another.By, moved.MainAt = "sam", now.Add(time.Second)
	for i, alike := range [][]emojiname.Emoji{{cat}, {cat, kitty, {Name: "tiger"}}, {another, kitty}, {moved, kitty}} {
		if rows, ok := emojiname.Deleted(alike, was, []string{"kitty"}); ok {
			t.Errorf("%d: %s", i, fmt.Sprint(rows))
		}
	}
}
