package rest_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// TestResetByLink: the command line makes the link while the server runs; whoever opens it chooses a password and is signed in. Open
// sessions are over.
func TestResetByLink(t *testing.T) {
	w, ctx := world.Open(t), context.Background()
	before := client.New(w.URL, "")
	world.Must[wire.Me](t)(before.SignIn(ctx, "mira@example.com", world.Password))
	admin, done, err := server.OpenAdmin(ctx, w.Dir, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if url := server.URLOf(admin); url == "" {
		t.Error("the running server's URL is unknown")
	}
	path := world.Must[string](t)(admin.ResetPassword(ctx, "mira"))
	if err := done(); err != nil {
		t.Error(err)
	}
	if _, err := before.Me(ctx); client.Code(err) != client.Unauthenticated {
		t.Errorf("the session before: %v", err)
	}
	visitor, secret := client.New(w.URL, ""), path[len("/reset#"):]
	r := w.Send(http.MethodPost, "/api/v1/reset/check", `{"token":"`+secret+`"}`, nil)
	if r.StatusCode != http.StatusNoContent || r.Body != "" {
		t.Errorf("the check: %d %s", r.StatusCode, r.Body)
	}
	if err := visitor.CheckReset(ctx, "unknown"); client.Code(err) != client.NotFound {
		t.Errorf("an unknown link: %v", err)
	}
	in := wire.ResetPassword{Token: secret, Password: "another quiet place"}
	if me := world.Must[wire.Me](t)(visitor.ResetPassword(ctx, in)); me.Handle != "mira" {
		t.Errorf("signed in as %s", me.Handle)
	}
	world.Must[wire.Me](t)(visitor.Me(ctx))
	world.Must[wire.Me](t)(client.New(w.URL, "").SignIn(ctx, "mira@example.com", in.Password))
	if _, err := visitor.ResetPassword(ctx, in); client.Code(err) != client.NotFound {
		t.Errorf("the link again: %v", err)
	}
	if _, err := client.New(w.URL, "").SignIn(ctx, "mira@example.com", world.Password); client.Code(err) != client.Unauthenticated {
		t.Errorf("the old password: %v", err)
	}
}
