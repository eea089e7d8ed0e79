package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestSecretsAreNotInTheFile: who reads the database finds neither passwords nor the secrets of sessions, tokens and invites. Of secrets it
// holds the SHA-256 alone.
func TestSecretsAreNotInTheFile(t *testing.T) {
	w, ctx := world.Open(t), context.Background()
	session := w.Send(http.MethodPost, "/api/v1/session", signIn, nil).Cookies[0].Value
	_, body := w.Raw("ada", http.MethodPost, "/api/v1/invites", `{"role":"member"}`)
	var invite wire.MadeInvite
	if err := json.Unmarshal([]byte(body), &invite); err != nil || invite.Secret == "" {
		t.Fatalf("%v: %s", err, body)
	}
	if _, err := w.As("sam").Me(ctx); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(w.Dir, "canteen.db*"))
	if err != nil {
		t.Fatal(err)
	}
	var data []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, b...)
	}
	for what, secret := range map[string]string{"session": session, "token": w.Token["sam"], "invite": invite.Secret} {
		if h := chat.HashSecret(secret); !bytes.Contains(data, h[:]) {
			t.Errorf("%s: its hash is not in the file either: this test looks in the wrong place", what)
		}
		if bytes.Contains(data, []byte(secret)) || bytes.Contains(data, []byte(secret[len(secret)-32:])) {
			t.Errorf("%s: the secret is in the file", what)
		}
	}
	if bytes.Contains(data, []byte(world.Password)) {
		t.Error("a password is in the file")
	}
}
