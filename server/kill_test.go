package server_test

import (
	"flag"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
)

var kills = flag.Int("kills", 25, "how often TestKilledServerLosesNothing kills the server")

const writers = 50

// TestKilledServerLosesNothing kills the server repeatedly while 50 clients write, and checks that no acknowledged change is lost.
func TestKilledServerLosesNothing(t *testing.T) {
	rounds := *kills
	if testing.Short() {
		rounds = min(rounds, 3)
	}
	path, dir := world.Program(t), t.TempDir()
	token := world.FirstRun(t, path, dir)
	p := world.Serve(t, path, dir, world.Address(t))
	owner := client.New(p.URL, token)
	l := newLedger(t, p.URL, owner, writers)
	for round := range rounds {
		wait := l.work()
		l.underWay(time.Duration(17*(round%7)) * time.Millisecond)
		p.Kill(t)
		wait()
		p = world.Serve(t, path, dir, p.Addr())
		l.check(owner, false)
	}
	l.check(owner, true)
	if l.changes < int64(rounds*writers) {
		t.Errorf("%s acknowledged: too few to prove anything", l.acknowledged())
	}
	t.Logf("%d kills: %s acknowledged; rev %d after %d changes", rounds, l.acknowledged(), l.head, l.changes)
}
