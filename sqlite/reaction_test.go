package sqlite

import (
	"context"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func TestReactionOrder(t *testing.T) {
	s, h, _ := testStore(t)
	ctx := context.Background()
	_, err := post(s, "mira", 1, "x")
	must(t, err)
	react := func(user, emoji string, added bool) chat.Message {
		m, err := s.SetReaction(ctx, chat.SetReaction{Room: "general", Seq: 1, User: user, Emoji: emoji, Added: added, At: noon})
		must(t, err)
		return m
	}
	react("mira", "a", true)
	react("mira", "b", true)
	react("jonas", "a", true)
	react("mira", "a", false)
	m := react("mira", "a", true)
	if m.Reactions[0].Emoji != "a" || !slices.Equal(m.Reactions[0].Users, []string{"jonas", "mira"}) || !m.Reactions[0].Me {
		t.Errorf("%+v", m.Reactions)
	}
	react("mira", "a", false)
	react("jonas", "a", false)
	m = react("jonas", "a", true)
	if m.Reactions[0].Emoji != "b" || m.Reactions[1].Emoji != "a" {
		t.Errorf("%+v", m.Reactions)
	}
	h.take()
	rev := m.Rev
	if m = react("jonas", "a", true); m.Rev != rev || len(h.take()) != 0 {
		t.Error("a repeated reaction changed the message or was announced")
	}
}
