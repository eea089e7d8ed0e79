package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

func TestSessionsEndedHasNoRecipients(t *testing.T) {
	s, h, _ := testStore(t)
	ctx := context.Background()
	must(t, s.AddSession(ctx, chat.NewSession{
		Session: chat.Session{ID: "s1", User: "mira", UserEpoch: 1, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)},
		Secret:  chat.HashSecret("1"),
	}))
	h.take()
	must(t, s.EndSession(ctx, "mira", "s1"))
	as := h.take()
	if len(as) != 1 || len(as[0].To) != 0 {
		t.Errorf("%+v", as)
	}
}
