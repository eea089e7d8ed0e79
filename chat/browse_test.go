package chat_test

import (
	"fmt"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestBrowsePages: a page has as many rooms as asked for and says how many there are. It begins after a public room; a private one is
// answered as one that does not exist. A guest learns nothing of either, nor how many rooms there are.
func TestBrowsePages(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	jonas, mira, gus := h.people["jonas"], h.people["mira"], h.add("gus", chat.Guest)
	ids := map[string]string{"none": "aaaaaaaaaaaa", "the start": ""}
	for name, kind := range map[string]chat.Kind{"hall-1": chat.Public, "hall-2": chat.Public, "hall-3": chat.Public, "hidden": chat.Private} {
		r, _, err := h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{Kind: kind, Name: name})
		h.must(err)
		ids[name] = r.ID
	}
	for _, c := range []struct {
		who   chat.Actor
		after string
		limit int // -1: none
		want  string
	}{
		{mira, "the start", -1, "ok hall-1 hall-2 hall-3 of 3"},
		{mira, "the start", 1, "ok hall-1 … of 3"},
		{mira, "hall-1", 1, "ok hall-2 … of 3"},
		{mira, "hall-2", 1, "ok hall-3 of 3"},
		{mira, "hall-3", chat.MaxBrowsed, "ok of 3"},
		{mira, "the start", 0, "400 of 0"},
		{mira, "the start", chat.MaxBrowsed + 1, "400 of 0"},
		{mira, "none", -1, "404 of 0"},
		{mira, "hidden", -1, "404 of 0"},
		{gus, "the start", -1, "ok of 0"},
		{gus, "hall-1", -1, "ok of 0"},
		{gus, "hidden", -1, "ok of 0"},
		{gus, "none", -1, "ok of 0"},
	} {
		limit := &c.limit
		if c.limit < 0 {
			limit = nil
		}
		p, err := h.rules.Browse(ctx, c.who, "h", ids[c.after], limit)
		got := outcome(err)
		for _, r := range p.Rooms {
			got += " " + r.Name
		}
		if p.More {
			got += " …"
		}
		if got += fmt.Sprint(" of ", p.Total); got != c.want {
			t.Errorf("%s, after %s, at most %d: %s, want %s", c.who.User.Handle, c.after, c.limit, got, c.want)
		}
	}
}
