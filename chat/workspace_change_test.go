package chat_test

import (
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestCallURL: the template of calls is an https address whose host no room chooses, and it is kept.
func TestCallURL(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	olga := h.people["olga"]
	for _, good := range []string{"https://meet.jit.si/{room}", "https://meet.example.com:8443/call?to={room}#x", ""} {
		w, err := h.rules.UpdateWorkspace(ctx, olga, chat.UpdateWorkspaceInput{CallURL: &good})
		if err != nil || w.CallURL != good {
			t.Errorf("%q: %q, %v", good, w.CallURL, err)
		}
	}
	kept := "https://meet.jit.si/{room}"
	h.must(h.rules.UpdateWorkspace(ctx, olga, chat.UpdateWorkspaceInput{CallURL: &kept}))
	for _, bad := range []string{
		"http://meet.jit.si/{room}", "meet.jit.si/{room}", "https://meet.jit.si/", "https:///{room}", "https://{room}.example.com/",
		"https://example.com{room}/", "HTTPS://{room}.example.com/", "https://a@example.com/{room}", "https://example.com/{room}/{room}",
		"javascript:alert('{room}')", "https://example.com/ {room}", "https://example.com/\"{room}", "https://example.com/" + strings.Repeat("x", 300) + "{room}",
	} {
		_, err := h.rules.UpdateWorkspace(ctx, olga, chat.UpdateWorkspaceInput{CallURL: &bad})
		is(t, bad, err, chat.Invalid, "call_url")
	}
	h.must(h.rules.UpdateWorkspace(ctx, olga, chat.UpdateWorkspaceInput{}))
	if _, w, err := h.rules.Me(ctx, h.people["mira"]); err != nil || w.CallURL != kept {
		t.Errorf("mira reads %q, %v", w.CallURL, err)
	}
}
