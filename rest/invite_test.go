package rest_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestInviteOfADemotedMaker: it lets nobody in, answers as an unknown one does, is not listed, and the log names it.
func TestInviteOfADemotedMaker(t *testing.T) {
	log := &world.Log{}
	h := world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(log, nil)), NoRates: true})
	h.Add("gus", chat.Admin)
	made := world.Must[wire.MadeInvite](t)(h.As("gus").AddInvite(context.Background(), wire.NewInviteBody{Role: "admin"}))
	signUp := func(secret, handle string) world.Response {
		return h.Send(http.MethodPost, "/api/v1/signup", `{"invite":"`+secret+`","name":"New","handle":"`+handle+`","email":"`+handle+
			`@example.com","password":"`+world.Password+`"}`, nil)
	}
	title := func(r world.Response) string { before, _, _ := strings.Cut(r.Body, `"request_id"`); return before }
	listed := func() bool {
		_, body := h.Raw("ada", http.MethodGet, "/api/v1/invites", "")
		return strings.Contains(body, made.Invite.ID)
	}
	if r := signUp(made.Secret, "before"); r.StatusCode != http.StatusCreated || !listed() {
		t.Fatalf("while the maker is an admin: %d %s", r.StatusCode, r.Body)
	}
	if err := h.Patch("ada", "gus", wire.UpdateUser{Role: new("member")}); err != nil {
		t.Fatal(err)
	}
	dead, unknown := signUp(made.Secret, "after"), signUp("unknown", "after")
	if dead.StatusCode != http.StatusNotFound || title(dead) != title(unknown) || listed() {
		t.Errorf("after the demotion: %d %s; an unknown one: %s; listed: %t", dead.StatusCode, dead.Body, unknown.Body, listed())
	}
	if lines := log.String(); !strings.Contains(lines, "code=not_found") || strings.Count(lines, "invite="+made.Invite.ID) != 3 {
		t.Errorf("the log does not name the invite when made, used and refused: %s", lines)
	}
}
