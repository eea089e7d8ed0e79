package section_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/section"
)

// ids are as many different ids of rooms.
func ids(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("room %d", i))
	}
	return out
}

func isID(s string) bool { return strings.HasPrefix(s, "room ") || strings.HasPrefix(s, "id ") }

// made are sections with these ids.
func made(ss ...section.Section) []section.Section {
	for i := range ss {
		ss[i].ID = fmt.Sprint("id ", i)
	}
	return ss
}

func check(in []section.Section) ([]section.Section, string) {
	fresh := -1
	return section.Checked(in, section.IDs{Is: isID, New: func() string {
		fresh++
		return fmt.Sprint("id ", fresh)
	}})
}

// TestChecked: sections are kept in order, each with an id of its own, and each room in one of them.
func TestChecked(t *testing.T) {
	many := make([]section.Section, section.Max)
	for i := range many {
		many[i].Name = fmt.Sprint("Section ", i)
	}
	many[3].Rooms = ids(section.MaxRooms)
	for _, c := range []struct {
		what     string
		in, want []section.Section
	}{
		{"two", []section.Section{{Name: " Work ", Folded: true, Rooms: ids(2)}, {Name: "Play"}}, made([]section.Section{
			{Name: "Work", Folded: true, Rooms: ids(2)}, {Name: "Play"},
		}...)},
		{"with its id", []section.Section{{ID: "id 7", Name: "Work"}}, []section.Section{{ID: "id 7", Name: "Work"}}},
		{"a room in two", []section.Section{{Name: "Work", Rooms: ids(2)}, {Name: "Play", Rooms: ids(3)}}, made([]section.Section{
			{Name: "Work", Rooms: ids(2)}, {Name: "Play", Rooms: ids(3)[2:]},
		}...)},
		{"a room twice, and no room", []section.Section{{Name: "Work", Rooms: []string{ids(1)[0], "#general", "", ids(1)[0]}}},
			made(section.Section{Name: "Work", Rooms: ids(1)})},
		{"as many as are allowed", many, made(append([]section.Section(nil), many...)...)},
		{"none", nil, nil},
	} {
		if got, why := check(c.in); why != "" || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %q, want %+v", c.what, got, why, c.want)
		}
	}
	for what, in := range map[string][]section.Section{
		"21": append(many, section.Section{Name: "One more"}), "501 rooms": {{Name: "a", Rooms: ids(250)}, {Name: "b", Rooms: ids(501)}},
		"no name": {{Name: " "}}, "a long name": {{Name: strings.Repeat("a", 41)}}, "a name of two lines": {{Name: "a\nb"}},
		"one name twice": {{Name: "Straße"}, {Name: "STRASSE"}},
		"an id twice":    {{ID: "id 1", Name: "a"}, {ID: "id 1", Name: "b"}}, "no id": {{ID: "work", Name: "a"}},
	} {
		if got, why := check(in); why == "" || got != nil {
			t.Errorf("%s: %+v, %q", what, got, why)
		}
	}
}

// TestVersion: other sections have another version; an empty list of rooms is the same as none.
func TestVersion(t *testing.T) {
	a := section.Section{ID: "a", Name: "Work", Rooms: ids(1)}
	b := section.Section{ID: "b", Name: "Play"}
	unfolded, renamed, fuller, another := a, a, a, a
	unfolded.Folded, renamed.Name, fuller.Rooms, another.ID = true, "Jobs", ids(2), "c"
	seen := map[string]int{}
	for i, ss := range [][]section.Section{nil, {a}, {a, b}, {b, a}, {unfolded, b}, {renamed, b}, {fuller, b}, {another, b}} {
		v := section.Version(ss)
		if was, ok := seen[v]; ok || len(v) != section.VersionLength {
			t.Errorf("%d has the version %q of %d", i, v, was)
		}
		seen[v] = i
	}
	empty := b
	empty.Rooms = []string{}
	if section.Version([]section.Section{b}) != section.Version([]section.Section{empty}) {
		t.Error("an empty list of rooms has another version")
	}
}
