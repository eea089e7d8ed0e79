package rest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestGuestsDirectoryTag: the ETag of a guest's directory changes with all that the guest sees in it, and with nothing else.
func TestGuestsDirectoryTag(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	h.Add("gita", chat.Guest)
	room := h.Room("jonas", "private", "kitchen", "gita", "mira")
	jonas := h.As("jonas")
	get := func(tag string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/api/v1/users", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.Token["gita"])
		req.Header.Set("If-None-Match", tag)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header.Get("ETag")
	}
	_, tag := get("")
	title := func(who, title string) func() {
		return func() { world.Must[wire.Me](t)(h.As(who).UpdateMe(ctx, wire.UpdateMe{Title: &title})) }
	}
	for _, step := range []struct {
		what   string
		do     func()
		status int
	}{
		{"nothing", func() {}, http.StatusNotModified},
		{"a stranger's title", title("sam", "Cook"), http.StatusNotModified},
		{"a stranger comes", func() { h.Add("nils", chat.Member) }, http.StatusNotModified},
		{"a co-member's title", title("mira", "Cook"), http.StatusOK},
		{"a co-member exchanged for another", func() {
			if err := jonas.RemoveMember(ctx, room, h.ID["mira"]); err != nil {
				t.Fatal(err)
			}
			if status, body := h.Raw("jonas", "PUT", "/api/v1/rooms/"+room+"/members/"+h.ID["sam"], ""); status >= 300 {
				t.Fatal(status, body)
			}
		}, http.StatusOK},
		{"the title of one who was a co-member", title("mira", "Baker"), http.StatusNotModified},
	} {
		step.do()
		status, now := get(tag)
		if status != step.status || (now == tag) != (status == http.StatusNotModified) {
			t.Errorf("%s: %d, ETag %s, before %s; want %d", step.what, status, now, tag, step.status)
		}
		tag = now
	}
}
