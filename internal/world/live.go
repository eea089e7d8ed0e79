package world

import (
	"context"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/client"
)

// Live opens a socket as a user until the end of the test. It has read the events of earlier commits, which may be announced later
// than their acknowledgement.
func (w *World) Live(who string) *client.Live {
	w.t.Helper()
	l := Must[*client.Live](w.t)(w.As(who).Dial(context.Background()))
	w.t.Cleanup(func() { _ = l.Close() })
	if e, err := l.Next(); err != nil || e.Type != "hello" {
		w.t.Fatalf("first came %s, %v", e.JSON, err)
	}
	if err := l.Send(map[string]string{"type": "ping"}); err != nil {
		w.t.Fatal(err)
	}
	UpTo(w.t, l, "pong", "")
	return l
}

// UpTo reads events until one of a kind that contains a text, and gives the events before it.
func UpTo(t testing.TB, l *client.Live, kind, holds string) (before []client.Event) {
	t.Helper()
	// The server closes connections that send nothing.
	if err := l.Send(map[string]string{"type": "presence", "state": "active"}); err != nil {
		t.Fatal(err)
	}
	for {
		e, err := l.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == kind && strings.Contains(string(e.JSON), holds) {
			return before
		}
		before = append(before, e)
	}
}
