package sqlite

import (
	"context"
	"os"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func TestReadyMeansThatWritingWorks(t *testing.T) {
	s, h, path := testStore(t)
	ctx := context.Background()
	before, err := os.Stat(path + "-wal")
	must(t, err)
	must(t, s.Ready(ctx))
	if after, err := os.Stat(path + "-wal"); err != nil || after.Size() != before.Size() {
		t.Errorf("Ready wrote: %v", err)
	}
	must(t, s.Probe(ctx))
	if after, err := os.Stat(path + "-wal"); err != nil || after.Size() <= before.Size() {
		t.Errorf("Probe wrote nothing: %v", err)
	}
	readOnly := func(on string) { // the writer is idle: no command waits
		must(t, exec(s.conn, "PRAGMA query_only = "+on))
	}
	readOnly("ON")
	if err := s.Probe(ctx); chat.ErrorCode(err) != chat.Unavailable {
		t.Errorf("Probe of a read-only database: %v", err)
	}
	if err := s.Ready(ctx); chat.ErrorCode(err) != chat.Unavailable {
		t.Errorf("Ready with a read-only database: %v", err)
	}
	if _, err := post(s, "mira", 1, "x"); chat.ErrorCode(err) != chat.Unavailable {
		t.Error(err)
	}
	readOnly("OFF")
	must(t, s.Probe(ctx))
	must(t, s.Ready(ctx))
	if as := h.take(); len(as) != 0 {
		t.Errorf("announced: %v", as)
	}
}
