package client

import (
	"encoding/json"
	"testing"

	"github.com/canteen-chat/canteen/wire"
)

// TestReadPointerAndOwnPosts: an own post raises ReadRev without a read event. Read events that come before or after it, in either
// order, must not leave the state with an older pointer, nor with a revision that the server has not reached.
func TestReadPointerAndOwnPosts(t *testing.T) {
	post := wire.MessageEvent{Type: "message", Room: "r", Rev: 10, Message: &wire.Message{Room: "r", Seq: 10, Rev: 10, Author: "me"}}
	read := func(seq, rev int64) wire.ReadEvent {
		return wire.ReadEvent{Type: "read", Room: "r", Seq: seq, ReadRev: rev}
	}
	for name, c := range map[string]struct {
		from     wire.MyRoom
		events   []any
		seq, rev int64
		needs    int
	}{
		"post":                            {wire.MyRoom{ReadRev: 4}, []any{post}, 10, 5, 0},
		"post, late read":                 {wire.MyRoom{ReadRev: 4}, []any{post, read(3, 5)}, 10, 5, 0},
		"read after the post comes first": {wire.MyRoom{ReadRev: 4}, []any{read(3, 6), post}, 10, 5, 1},
		"that read again":                 {wire.MyRoom{ReadRev: 4}, []any{read(3, 6), post, read(3, 6)}, 3, 6, 1},
		"post that the pointer counts":    {wire.MyRoom{ReadRev: 5, ReadSeq: 10}, []any{post}, 10, 5, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewState("me")
			c.from.ID, c.from.Rev, c.from.LastSeq = "r", 9, 9
			s.Rooms["r"] = &RoomState{Room: c.from}
			needs := 0
			for _, e := range c.events {
				b, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				n, err := s.Apply(Event{Type: as[struct{ Type string }](t, b).Type, JSON: b})
				if err != nil {
					t.Fatal(err)
				}
				needs += len(n)
			}
			if r := s.Rooms["r"].Room; r.ReadSeq != c.seq || r.ReadRev != c.rev || needs != c.needs {
				t.Errorf("read_seq %d, read_rev %d, %d needs; want %d, %d, %d", r.ReadSeq, r.ReadRev, needs, c.seq, c.rev, c.needs)
			}
		})
	}
}
