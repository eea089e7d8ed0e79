package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// workspace checks that settings of the workspace are kept one by one, and that each change is announced to everybody.
func workspace(t *testing.T, open Open) {
	s, h := furnished(t, open)
	ctx := context.Background()
	calls, on, off := "https://meet.example.com/{room}", false, true
	h.take()
	for _, c := range []struct {
		cmd   chat.UpdateWorkspace
		calls string
		off   bool
	}{
		{chat.UpdateWorkspace{}, "", false},
		{chat.UpdateWorkspace{PreviewsOff: &off}, "", true},
		{chat.UpdateWorkspace{CallURL: &calls}, calls, true},
		{chat.UpdateWorkspace{PreviewsOff: &on}, calls, false},
	} {
		if err := s.UpdateWorkspace(ctx, c.cmd); err != nil {
			t.Fatal(err)
		}
		if w, err := s.Workspace(ctx); err != nil || w.CallURL != c.calls || w.PreviewsOff != c.off {
			t.Errorf("after %+v: %+v, %v", c.cmd, w, err)
		}
		as := h.take()
		if c.cmd.None() {
			if len(as) > 0 {
				t.Errorf("nothing was changed, and announced %+v", as)
			}
			continue
		}
		if len(as) != 1 || as[0].Event != (chat.WorkspaceChanged{}) || !slices.Equal(as[0].To, slices.Sorted(slices.Values(people))) {
			t.Errorf("after %+v, announced %+v", c.cmd, as)
		}
	}
}
