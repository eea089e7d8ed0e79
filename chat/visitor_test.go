package chat_test

import (
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestVisitorsAreCounted: each command that needs no signing in takes one request and one of its own rate, of the visitor's address. With
// either used up it is 429.
func TestVisitorsAreCounted(t *testing.T) {
	const address = "192.0.2.1"
	visitor := chat.Visitor(address)
	does := map[chat.Command]func(h *house) error{
		chat.CmdWorkspaceInfo: func(h *house) error { return second(h.rules.WorkspaceInfo(t.Context(), visitor, "")) },
		chat.CmdCheckSetup:    func(h *house) error { return h.rules.CheckSetup(t.Context(), visitor, "setup") },
		chat.CmdSetup: func(h *house) error {
			return second(h.rules.Setup(t.Context(), visitor, chat.SetupInput{
				Token: "setup", Workspace: "Acme", Name: "Olga", Handle: "olga", Email: "olga@example.com", Password: password,
			}))
		},
		chat.CmdSignIn: func(h *house) error {
			return second(h.rules.SignIn(t.Context(), visitor, chat.SignInInput{Email: "olga@example.com", Password: "a guess"}))
		},
		chat.CmdCheckReset: func(h *house) error { return h.rules.CheckReset(t.Context(), visitor, "guess") },
		chat.CmdUseReset: func(h *house) error {
			return second(h.rules.ResetPassword(t.Context(), visitor, chat.NewPasswordInput{Token: "guess", Password: password}))
		},
		chat.CmdUnsubscribe: func(h *house) error { return h.rules.Unsubscribe(t.Context(), visitor, "guess") },
		chat.CmdCheckInvite: func(h *house) error { return h.rules.CheckInvite(t.Context(), visitor, "guess") },
		chat.CmdSignUp:      func(h *house) error { return second(h.rules.SignUp(t.Context(), visitor, newcomer("guess"))) },
	}
	for _, s := range chat.Commands() {
		if s.Scope != "" || s.Command == chat.CmdPostByHook { // that counts for the bot of the hook
			continue
		}
		do := does[s.Command]
		if do == nil {
			t.Errorf("%q has no row", s.Command)
			continue
		}
		for _, over := range []string{"", "requests", s.Rate.Name} {
			h := empty(t, nil)
			l := &taken{of: map[string]string{}, over: over, whom: address}
			h.rules = h.limited(l)
			err := do(h)
			if over != "" && outcome(err) != "429" {
				t.Errorf("%s, with no %s left: %v", s.Command, over, err)
			}
			if once := address + " "; over == "" && (l.of["requests"] != once || l.of[s.Rate.Name] != once) {
				t.Errorf("%s takes %q", s.Command, l.of)
			}
		}
	}
}

// TestWorkspaceSaysWhoIsSignedIn: only the secret of a session that is not over is one.
func TestWorkspaceSaysWhoIsSignedIn(t *testing.T) {
	h := open(t, nil)
	s, err := h.rules.SignIn(t.Context(), chat.Visitor(""), chat.SignInInput{Email: "mira@example.com", Password: password})
	h.must(err)
	says := func(what, secret string, want bool) {
		t.Helper()
		if w, err := h.rules.WorkspaceInfo(t.Context(), chat.Visitor(""), secret); err != nil || w.SignedIn != want {
			t.Errorf("%s: %+v, %v", what, w, err)
		}
	}
	says("no secret", "", false)
	says("a session's", s.Secret, true)
	says("an unknown one", chat.NewSecretOf(s.Actor.User.ID), false)
	h.must(h.rules.SignOut(t.Context(), s.Actor))
	says("that of a session that is over", s.Secret, false)
}
