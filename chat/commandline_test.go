package chat_test

import (
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestBots: a bot has neither address nor password, and cannot own the workspace, where it could be the last owner.
func TestBots(t *testing.T) {
	h := open(t, nil)
	add := func(in chat.CommandLineUser) (string, error) {
		in.Name, in.Bot = "Builds", true
		return h.rules.AdminAddUser(t.Context(), in)
	}
	id, err := add(chat.CommandLineUser{Handle: "builds", Role: chat.Member})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := add(chat.CommandLineUser{Handle: "lunch", Role: chat.Member}); err != nil {
		t.Errorf("a second bot: %v", err)
	}
	for name, in := range map[string]chat.CommandLineUser{
		"an owner":      {Handle: "deploys", Role: chat.Owner},
		"an address":    {Handle: "deploys", Role: chat.Member, Email: "deploys@example.com"},
		"a password":    {Handle: "deploys", Role: chat.Member, Password: password},
		"a bad handle":  {Handle: "Deploys!", Role: chat.Member},
		"a used handle": {Handle: "builds", Role: chat.Member},
	} {
		if _, err := add(in); chat.ErrorCode(err) != chat.Invalid && chat.ErrorCode(err) != chat.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	owner := chat.Owner
	_, err = h.rules.UpdateUser(t.Context(), h.people["olga"], id, chat.UpdateUserInput{Role: &owner})
	if outcome(err) != "400" {
		t.Errorf("made an owner: %v", err)
	}
	for _, address := range []string{"", "bot " + id, "builds"} {
		if _, err := h.rules.SignIn(t.Context(), chat.Visitor("198.51.100.9"), chat.SignInInput{Email: address, Password: "x"}); err == nil {
			t.Errorf("signed in as %q", address)
		}
	}
}
