package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestLinksAreChecked: a visitor learns whether a link works before filling in the form. Every dead invite gets the answer of an unknown
// one, and the answer names nobody.
func TestLinksAreChecked(t *testing.T) {
	w, ctx := world.Open(t), context.Background()
	once := 1
	made := world.Must[wire.MadeInvite](t)(w.As("ada").AddInvite(ctx, wire.NewInviteBody{Email: "new@example.com", MaxUses: &once}))
	visitor := client.New(w.URL, "")
	check := func(path, body string) (int, string) {
		r := w.Send(http.MethodPost, "/api/v1"+path, body, nil)
		answer, _, _ := strings.Cut(r.Body, `"request_id"`)
		return r.StatusCode, answer
	}
	if status, body := check("/signup/check", `{"invite":"`+made.Secret+`"}`); status != http.StatusNoContent || body != "" {
		t.Errorf("a link that works: %d %s", status, body)
	}
	if err := visitor.CheckInvite(ctx, made.Secret); err != nil {
		t.Errorf("by the Go client: %v", err)
	}
	world.Must[wire.Me](t)(visitor.SignUp(ctx, wire.SignUp{Invite: made.Secret, Name: "Kim", Handle: "newcomer", Password: world.Password}))
	status, used := check("/signup/check", `{"invite":"`+made.Secret+`"}`)
	if _, unknown := check("/signup/check", `{"invite":"unknown"}`); status != http.StatusNotFound || used != unknown {
		t.Errorf("a used link: %d %s, an unknown one: %s", status, used, unknown)
	}
	if err := visitor.CheckInvite(ctx, made.Secret); client.Code(err) != client.NotFound {
		t.Errorf("by the Go client, used: %v", err)
	}
	if err := visitor.CheckSetup(ctx, "guess"); client.Code(err) != client.NotFound {
		t.Errorf("a guessed setup link: %v", err)
	}
}
