package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// settingsAreOnesOwn checks that a change of settings is announced to its user alone and leaves the version of the directory, so that
// nobody else fetches the directory again.
func settingsAreOnesOwn(t *testing.T, open Open) {
	ctx, h := context.Background(), &recorder{}
	s := opened(t, open, h)
	defer s.Close()
	if err := furnish(ctx, s, h.settle); err != nil {
		t.Fatal(err)
	}
	h.take()
	title := "Cook"
	for _, c := range []struct {
		what  string
		cmd   chat.UpdateUser
		to    []string
		grows bool
	}{
		{"a theme", chat.UpdateUser{Settings: &chat.Settings{Theme: "dark"}}, []string{"ujonas"}, false},
		{"a skin tone", chat.UpdateUser{Settings: &chat.Settings{Theme: "dark", SkinTone: 2}}, []string{"ujonas"}, false},
		{"the same", chat.UpdateUser{Settings: &chat.Settings{Theme: "dark", SkinTone: 2}}, nil, false},
		{"a title", chat.UpdateUser{Title: &title}, []string{"uada", "ugus", "ujonas", "umira"}, true},
	} {
		_, before, err := s.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		c.cmd.User, c.cmd.At = "ujonas", began
		if _, err := s.UpdateUser(ctx, c.cmd); err != nil {
			t.Fatal(err)
		}
		_, after, err := s.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if (after > before) != c.grows {
			t.Errorf("%s: the version of the directory goes from %d to %d", c.what, before, after)
		}
		var to []string
		for _, a := range h.take() {
			to = append(to, a.To...)
		}
		if !slices.Equal(to, c.to) {
			t.Errorf("%s is announced to %v, want %v", c.what, to, c.to)
		}
	}
}
