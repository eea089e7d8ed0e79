package chat_test

import (
	"reflect"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/section"
	"github.com/canteen-chat/canteen/settings"
)

// TestSectionsOfTwoDevices: a section keeps its id, and a change that rests on other sections than there are changes nothing.
func TestSectionsOfTwoDevices(t *testing.T) {
	h := open(t, nil)
	change := func(were string, in ...chat.Section) ([]chat.Section, error) {
		u, _, err := h.rules.UpdateMe(t.Context(), h.people["mira"], chat.UpdateMeInput{
			Settings: &settings.Input{Sections: &in, SectionsWere: &were},
		})
		return u.Settings.Sections, err
	}
	room := chat.NewID()
	none := section.Version(nil)
	first, err := change(none, chat.Section{Name: "Work"})
	if err != nil || len(first) != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	is(t, "on none", second(change(none, chat.Section{Name: "Play"})), chat.Conflict, "settings.sections")
	work := first[0]
	work.Name, work.Folded = "Jobs", true
	now, err := change(section.Version(first), work, chat.Section{Name: "Play", Rooms: []string{room}})
	if err != nil || len(now) != 2 || !reflect.DeepEqual(now[0], work) {
		t.Errorf("%+v, %v", now, err)
	}
	for what, in := range map[string][]chat.Section{
		"the first": first, "another order": {now[1], now[0]}, "another id": {now[0], {ID: room, Name: "Play", Rooms: []string{room}}},
		"another name": {{ID: work.ID, Name: "Work", Folded: true}, now[1]}, "unfolded": {{ID: work.ID, Name: "Jobs"}, now[1]},
		"another room": {now[0], {ID: now[1].ID, Name: "Play", Rooms: []string{room, chat.NewID()}}},
	} {
		is(t, what, second(change(section.Version(in), now...)), chat.Conflict, "settings.sections")
	}
	h.must(second(change(section.Version(now))))
	is(t, "two of one name", second(change(none, chat.Section{Name: "a"}, chat.Section{Name: "A"})), chat.Invalid, "settings.sections")
	u, _, err := h.rules.Me(t.Context(), h.people["mira"])
	if err != nil || section.Version(u.Settings.Sections) != none {
		t.Errorf("without sections the version is that of none: %+v, %v", u.Settings.Sections, err)
	}
}
