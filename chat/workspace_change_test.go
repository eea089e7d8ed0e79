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
		"javascript:alert('{room}')", "https://example.com/ {room}", "https://example.com/\"{room}",
		"https://example.com/" + strings.Repeat("x", 300) + "{room}",
	} {
		_, err := h.rules.UpdateWorkspace(ctx, olga, chat.UpdateWorkspaceInput{CallURL: &bad})
		is(t, bad, err, chat.Invalid, "call_url")
	}
	h.must(h.rules.UpdateWorkspace(ctx, olga, chat.UpdateWorkspaceInput{}))
	if _, w, err := h.rules.Me(ctx, h.people["mira"]); err != nil || w.CallURL != kept {
		t.Errorf("mira reads %q, %v", w.CallURL, err)
	}
}

// TestPreviewsAreASetting: an admin turns previews of links off and on again for everybody. What was posted stays.
func TestPreviewsAreASetting(t *testing.T) {
	h, ctx := previewHouse(t), t.Context()
	olga, mira := h.people["olga"], h.people["mira"]
	id, _, err := h.rules.Preview(ctx, mira, travel)
	h.must(err)
	seq := h.post("mira", chat.PostInput{Text: travel, Preview: id})
	set := func(on bool) {
		t.Helper()
		if w, err := h.rules.UpdateWorkspace(ctx, olga, chat.UpdateWorkspaceInput{Previews: &on}); err != nil ||
			w.Previews != on || !w.CanPreview {
			t.Errorf("set to %v: %+v, %v", on, w, err)
		}
		if _, w, err := h.rules.Me(ctx, mira); err != nil || w.Previews != on {
			t.Errorf("mira reads %v, %v", w.Previews, err)
		}
	}
	set(false)
	if _, _, err := h.rules.Preview(ctx, mira, travel); outcome(err) != "404" {
		t.Errorf("off, asked: %v", err)
	}
	if m, _, err := h.rules.PostMessage(ctx, mira, h.room, chat.PostInput{Text: travel, Preview: id}); err != nil || m.Preview != nil {
		t.Errorf("off, posted: %+v, %v", m.Preview, err)
	}
	if m, err := h.rules.Message(ctx, mira, h.room, seq); err != nil || m.Preview == nil {
		t.Errorf("what was posted: %+v, %v", m.Preview, err)
	}
	set(true)
	if m, _, err := h.rules.PostMessage(ctx, mira, h.room, chat.PostInput{Text: travel, Preview: id}); err != nil || m.Preview == nil {
		t.Errorf("on again: %+v, %v", m.Preview, err)
	}
}
