package dynamodb_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newUser(handle string, role canteen.Role) canteen.NewUser {
	return canteen.NewUser{
		User: canteen.User{
			ID: "u" + handle, Handle: handle, Name: handle, Role: role, Email: handle + "@example.com", Settings: canteen.DefaultSettings(), Epoch: 1,
		},
		NameFold: handle, EmailFold: handle + "@example.com", PasswordHash: "hash",
	}
}
