package world

import (
	"log/slog"
	"testing"
)

// noted is a test that notes whether it failed.
type noted struct {
	testing.TB
	failed int
}

func (n *noted) Errorf(string, ...any) { n.failed++ }

// TestSecretsInLogsFailTests: a record with a password, token or message text fails the test, at any level and in any attribute, also if
// the test's own log leaves it out.
func TestSecretsInLogsFailTests(t *testing.T) {
	n := &noted{TB: t}
	log, seen := watch(n, slog.New(slog.DiscardHandler))
	seen.secret("a token of a user")
	seen.secret("short")
	log.Debug("nothing", "about", "short")
	if n.failed != 0 {
		t.Fatal("a harmless record fails the test")
	}
	log.Debug("text", "password", Password)
	log.With("token", "Bearer a token of a user").WithGroup("g").Info("nothing")
	log.Error("failed: a token of a user")
	if n.failed != 3 {
		t.Errorf("%d of 3 records are noticed", n.failed)
	}
}
