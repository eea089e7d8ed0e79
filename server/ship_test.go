package server_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
)

// TestLostDisk: the server is killed while clients write, and its disk is lost. What was acknowledged more than a second before is restored
// from what it shipped, and clients go on with it.
func TestLostDisk(t *testing.T) {
	program, dir, place := world.Program(t), t.TempDir(), filepath.Join(t.TempDir(), "shipped")
	token := world.FirstRun(t, program, filepath.Join(dir, "data"))
	p := world.Serve(t, program, filepath.Join(dir, "data"), world.Address(t), "--ship", place)
	l := newLedger(t, p.URL, client.New(p.URL, token), 10)
	world.Eventually(t, "a generation is there", func() bool {
		found, err := filepath.Glob(filepath.Join(place, "*", "generation.json"))
		return err == nil && len(found) == 1
	})
	wait := l.work()
	for round := range 3 {
		l.underWay(300 * time.Millisecond)
		l.mu.Lock()
		least := slices.Max(slices.Collect(maps.Keys(l.acks)))
		l.mu.Unlock()
		time.Sleep(time.Second)
		if round < 2 {
			continue
		}
		p.Kill(t)
		wait()
		if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
			t.Fatal(err)
		}
		data := filepath.Join(dir, "restored")
		if out, err := exec.Command(program, "restore", place, "--data", data).CombinedOutput(); err != nil { // #nosec G204
			t.Fatalf("%v: %s", err, out)
		}
		checkInvariants(t, data)
		r := world.OpenWith(t, world.Options{Dir: data, NoRates: true, Empty: true})
		_, _, head := changesOf(t, client.New(r.URL, token), l.room)
		if head < least || head == 0 {
			t.Errorf("restored to rev %d; %d was acknowledged a second before", head, least)
		}
		t.Logf("%s; rev %d of %d", l.acknowledged(), head, l.changes)
	}
}

// TestShipToSecond: a server ships its changes, also those of its last moment, and the state of each second can be restored.
func TestShipToSecond(t *testing.T) {
	place := filepath.Join(t.TempDir(), "shipped")
	open := func() (backup.Place, error) { return backup.OpenDirectory(place) }
	w := world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) { c.Ship = open }})
	world.Eventually(t, "a generation is there", func() bool {
		found, err := filepath.Glob(filepath.Join(place, "*", "generation.json"))
		return err == nil && len(found) == 1
	})
	room := w.General()
	first := w.Say("mira", room, 1, "before the mistake")
	time.Sleep(time.Second)
	moment := time.Now()
	if err := w.As("mira").Delete(context.Background(), room, first.Seq); err != nil {
		t.Fatal(err)
	}
	w.Say("mira", room, 2, "the last word")
	w.Stop()
	for _, c := range []struct {
		to   time.Time
		want string
	}{{moment, "before the mistake"}, {time.Time{}, ", the last word"}} {
		data := filepath.Join(t.TempDir(), "data")
		at, err := server.RestoreShipped(context.Background(), world.Must[backup.Place](t)(open()), c.to, data)
		if err != nil || at.IsZero() {
			t.Fatal(err)
		}
		r := world.OpenWith(t, world.Options{Dir: data, NoRates: true, Empty: true})
		messages, _, _ := changesOf(t, client.New(r.URL, w.Token["mira"]), room)
		var texts []string
		for _, seq := range slices.Sorted(maps.Keys(messages)) {
			texts = append(texts, messages[seq].Text)
		}
		if got := strings.Join(texts, ", "); got != c.want {
			t.Errorf("at %s: %q, want %q", c.to, got, c.want)
		}
	}
}
