package client

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/wire"
)

// story is the recorded history of one device in the model test (TestModel). The tests of the web client replay the same files.
// Each kept file is named after the rule in docs/tests.md whose violation it detects.
type story struct {
	Me    string
	Steps []struct {
		Ask         int
		Take, Room  string
		Since, Edge int64
		Body, Event json.RawMessage
		Needs       []Need
	}
	End any
}

func TestInterleavings(t *testing.T) {
	kept := must(t, filepath.Glob, "../web/src/core/interleavings/*.json")
	if len(kept) < 10 {
		t.Fatalf("only %d histories were found, which cannot be all", len(kept))
	}
	if dir := os.Getenv("STORIES"); dir != "" { // make mutants records more
		kept = append(kept, must(t, filepath.Glob, dir+"/*.json")...)
	}
	for _, path := range kept {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			var s story
			if err := json.Unmarshal(must(t, os.ReadFile, path), &s); err != nil {
				t.Fatal(err)
			}
			s.replay(t)
		})
	}
}

func must[A, B any](t *testing.T, f func(A) (B, error), a A) B {
	t.Helper()
	b, err := f(a)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// replay checks that every step gives the recorded needs, that no event lowers a revision, and that the end is the recorded one.
func (s story) replay(t *testing.T) {
	state, asked := NewState(s.Me), map[int]Asked{}
	for i, step := range s.Steps {
		var needs []Need
		switch {
		case step.Ask > 0 && step.Take == "":
			asked[step.Ask] = state.Asking()
			continue
		case step.Event != nil:
			before := revisions(state)
			var head struct{ Type string }
			read(t, step.Event, &head)
			var err error
			if needs, err = state.Apply(Event{Type: head.Type, JSON: step.Event}); err != nil {
				t.Fatal(err)
			}
			for at, rev := range revisions(state) {
				if rev < before[at] {
					t.Fatalf("step %d takes %v back from revision %d to %d", i+1, at, before[at], rev)
				}
			}
		default:
			needs = take(t, state, step.Take, step.Room, step.Since, step.Edge, step.Body, asked[step.Ask])
		}
		if !reflect.DeepEqual(sorted(needs), sorted(step.Needs)) {
			t.Fatalf("step %d, %s%s: needs %v, want %v", i+1, step.Take, step.Event, needs, step.Needs)
		}
	}
	rooms := map[string]any{}
	for id, r := range state.Rooms {
		rooms[id] = map[string]any{
			"room": r.Room, "held": r.Held, "loaded": r.Loaded, "messages": append([]wire.Message{}, r.Messages...),
			"moreBefore": r.MoreBefore, "moreAfter": r.MoreAfter,
		}
	}
	end, err := json.Marshal(map[string]any{"rooms": rooms, "users": state.Users})
	if err != nil {
		t.Fatal(err)
	}
	if got := as[any](t, end); !reflect.DeepEqual(got, s.End) {
		t.Fatalf("ends with\n%v\nwant\n%v", got, s.End)
	}
}

func take(t *testing.T, s *State, what, room string, since, edge int64, body json.RawMessage, asked Asked) []Need {
	switch what {
	case "room":
		return s.TakeRoom(as[wire.MyRoom](t, body), asked)
	case "message":
		s.TakeMessage(as[wire.Message](t, body))
		return nil
	case "gone":
		return s.TakeGone(room, asked)
	case "rooms":
		return s.TakeRooms(as[wire.MyRooms](t, body).Rooms, asked)
	case "users":
		return s.TakeUsers(as[wire.Users](t, body).Users, asked)
	case "page":
		return s.TakePage(room, as[wire.Page](t, body))
	case "older", "newer":
		return s.TakeMore(room, as[wire.Page](t, body), what == "older", edge)
	case "changes":
		return s.TakeChanges(room, since, as[wire.Changes](t, body))
	}
	t.Fatalf("unknown answer %q", what)
	return nil
}

type place struct {
	room string
	seq  int64
}

// revisions are the revisions of the messages held; seq 0 stands for the read pointer.
func revisions(s *State) map[place]int64 {
	revs := map[place]int64{}
	for id, r := range s.Rooms {
		revs[place{id, 0}] = r.Room.ReadRev
		for _, m := range r.Messages {
			revs[place{id, m.Seq}] = m.Rev
		}
	}
	return revs
}

func sorted(needs []Need) []Need {
	return slices.SortedFunc(slices.Values(needs), func(a, b Need) int { return strings.Compare(a.What+a.Room, b.What+b.Room) })
}

func as[T any](t *testing.T, b []byte) (v T) {
	read(t, b, &v)
	return v
}

func read(t *testing.T, b []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}
