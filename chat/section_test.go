package chat_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func arrange(h *house, in ...chat.Section) ([]chat.Section, error) {
	u, _, err := h.rules.UpdateMe(h.t.Context(), h.people["mira"], chat.UpdateMeInput{Settings: &chat.SettingsInput{Sections: &in}})
	return u.Settings.Sections, err
}

// ids are as many different ids of rooms.
func ids(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("aaaaaaaa%c%c%c%c", 'a'+i/676%26, 'a'+i/26%26, 'a'+i%26, 'b'))
	}
	return out
}

// TestSections: sections are kept in order, each room in one of them.
func TestSections(t *testing.T) {
	h := open(t, nil)
	many := make([]chat.Section, chat.MaxSections)
	for i := range many {
		many[i].Name = fmt.Sprint("Section ", i)
	}
	many[3].Rooms = ids(chat.MaxSectionRooms)
	for _, c := range []struct {
		what     string
		in, want []chat.Section
	}{
		{"two", []chat.Section{{Name: " Work ", Folded: true, Rooms: ids(2)}, {Name: "Play"}}, []chat.Section{
			{Name: "Work", Folded: true, Rooms: ids(2)}, {Name: "Play"},
		}},
		{"a room in two", []chat.Section{{Name: "Work", Rooms: ids(2)}, {Name: "Play", Rooms: ids(3)}}, []chat.Section{
			{Name: "Work", Rooms: ids(2)}, {Name: "Play", Rooms: ids(3)[2:]},
		}},
		{"a room twice, and no room", []chat.Section{{Name: "Work", Rooms: []string{ids(1)[0], "#general", "", ids(1)[0]}}},
			[]chat.Section{{Name: "Work", Rooms: ids(1)}}},
		{"as many as may be", many, many},
		{"none", []chat.Section{}, nil},
	} {
		if got, err := arrange(h, c.in...); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v, want %+v", c.what, got, err, c.want)
		}
	}
	h.must(second(arrange(h, chat.Section{Name: "Work"})))
	for _, c := range []struct {
		what string
		in   []chat.Section
	}{
		{"21", append(many, chat.Section{Name: "One more"})},
		{"501 rooms", []chat.Section{{Name: "a", Rooms: ids(500)}, {Name: "b", Rooms: ids(501)}}},
		{"no name", []chat.Section{{Name: " "}}},
		{"a long name", []chat.Section{{Name: strings.Repeat("a", 41)}}},
		{"a name of two lines", []chat.Section{{Name: "a\nb"}}},
		{"one name twice", []chat.Section{{Name: "Straße"}, {Name: "STRASSE"}}},
	} {
		_, err := arrange(h, c.in...)
		is(t, c.what, err, chat.Invalid, "settings.sections")
	}
	if u, _, err := h.rules.Me(t.Context(), h.people["mira"]); err != nil || len(u.Settings.Sections) != 1 {
		t.Errorf("a refusal changed %+v, %v", u.Settings.Sections, err)
	}
}
