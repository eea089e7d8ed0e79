package rest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestAddressesAreForAdministration: whoever asks sees their own e-mail address, and those of others only as an owner or admin by a
// session or by a token with the scope admin. The
// directory's ETag tells the two from each other.
func TestAddressesAreForAdministration(t *testing.T) {
	h, ctx := world.OpenFast(t), context.Background()
	ada := h.SignIn("ada")
	if _, err := ada.AddInvite(ctx, wire.NewInviteBody{Email: "lee@example.com"}); err != nil {
		t.Fatal(err)
	}
	var secrets []string // of tokens to administer, to read, to write
	by := func(who *client.Client, scopes ...string) *client.Client {
		made := world.Must[wire.MadeToken](t)(who.AddToken(ctx, wire.NewTokenBody{Name: "test", Scopes: scopes}))
		secrets = append(secrets, made.Secret)
		return client.New(h.URL, made.Secret)
	}
	h.Add("gita", chat.Guest)
	tag := func(token string) string {
		req := world.Must[*http.Request](t)(http.NewRequest(http.MethodGet, h.URL+"/api/v1/users", nil))
		req.Header.Set("Authorization", "Bearer "+token)
		resp := world.Must[*http.Response](t)(http.DefaultClient.Do(req))
		defer resp.Body.Close()
		return resp.Header.Get("ETag")
	}
	admin, read, write := by(ada, "admin"), by(ada, "read"), by(ada, "write")
	for name, c := range map[string]struct {
		as   *client.Client
		own  string
		sees bool
	}{
		"an admin": {ada, "ada", true}, "her token to administer": {admin, "ada", true},
		"her token to read": {read, "ada", false}, "her token to write": {write, "ada", false},
		"a member": {h.SignIn("mira"), "mira", false}, "a guest": {h.SignIn("gita"), "gita", false},
	} {
		for _, path := range []string{"/me", "/users", "/users/" + h.ID[c.own], "/users/" + h.ID["jonas"], "/invites"} {
			var body json.RawMessage
			if err := c.as.Do(ctx, http.MethodGet, path, nil, &body); err != nil && client.Status(err) != http.StatusNotFound {
				t.Fatalf("%s, %s: %v", name, path, err)
			}
			others := strings.ReplaceAll(string(body), `"email":"`+c.own+"@", "")
			want := c.sees && path != "/me" && path != "/users/"+h.ID[c.own]
			if got := strings.Contains(others, `"email"`); got != want {
				t.Errorf("%s, %s: the addresses of others %t, want %t: %s", name, path, got, want, body)
			}
			if path == "/me" && len(others) == len(body) {
				t.Errorf("%s does not see the own address", name)
			}
		}
	}
	if admin, read, write := tag(secrets[0]), tag(secrets[1]), tag(secrets[2]); admin == "" || admin == read || read != write {
		t.Errorf("ETags by token to administer %s, to read %s, to write %s", admin, read, write)
	}
}
