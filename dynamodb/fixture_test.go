package dynamodb_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

var noon = time.Date(2099, 11, 24, 12, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newUser(handle string, role chat.Role) chat.NewUser {
	return chat.NewUser{
		User: chat.User{
			ID: "u" + handle, Handle: handle, Name: handle, Role: role, Email: handle + "@example.com", Settings: settings.Default(),
			Epoch: 1,
		},
		EmailFold: handle + "@example.com", PasswordHash: "hash",
	}
}
