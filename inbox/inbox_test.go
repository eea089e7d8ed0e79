package inbox_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
)

// TestKey: a key says of what it is, and nothing else is one.
func TestKey(t *testing.T) {
	for cause, kind := range map[chat.InboxCause]string{
		chat.InboxMention: "m", chat.InboxKeyword: "m", chat.InboxBroadcast: "m", chat.InboxReaction: "r", chat.InboxThread: "t",
	} {
		got, of, ok := inbox.ParseKey(inbox.Key(cause, "room", 7))
		if want := (inbox.MessagePlace{Room: "room", Seq: 7}); !ok || got != kind || of != want {
			t.Errorf("%s: %q, %+v, %v", cause, got, of, ok)
		}
	}
	for _, key := range []string{"", "m.room", "x.room.7", "m.room.0", "m.room.07", "m.room.7.8", "m.room.seven"} {
		if kind, of, ok := inbox.ParseKey(key); ok {
			t.Errorf("%q is %q of %+v", key, kind, of)
		}
	}
}

// TestOver: what becomes of a row that is written again.
func TestOver(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC) }
	mention := inbox.Row{Cause: chat.InboxMention, Reason: "a", At: at(1)}
	keyword := inbox.Row{Cause: chat.InboxKeyword, Reason: "b", At: at(1)}
	two := inbox.Row{Cause: chat.InboxReaction, Print: "x", Count: 2, At: at(1)}
	three := inbox.Row{Cause: chat.InboxReaction, Print: "y", Count: 3, At: at(5)}
	one := inbox.Row{Cause: chat.InboxReaction, Print: "z", Count: 1, At: at(5)}
	cleared := func(r inbox.Row, minute int) inbox.Row { r.ClearedAt = at(minute); return r }
	oneBefore := one
	oneBefore.At = at(1)
	for _, row := range []struct {
		what                string
		new, kept, want     inbox.Row
		changed, thenHidden bool
	}{
		{"a new one", mention, inbox.Row{}, mention, true, false},
		{"again", mention, mention, mention, false, false},
		{"again, by a process with another clock", inbox.Row{Cause: chat.InboxMention, At: at(2)}, mention, mention, false, false},
		{"for another cause", mention, keyword, mention, true, false},
		{"cleared before it came", mention, cleared(inbox.Row{}, 2), cleared(mention, 2), true, true},
		{"cleared", mention, cleared(mention, 2), cleared(mention, 2), false, true},
		{"the same reactions", two, two, two, false, false},
		{"one more", three, two, three, true, false},
		{"one more, after they were cleared", three, cleared(two, 3), cleared(three, 3), true, false},
		{"one taken back", one, two, oneBefore, true, false},
		{"one taken back, after they were cleared", one, cleared(two, 3), cleared(oneBefore, 3), true, true},
	} {
		got, changed := row.new.Over(row.kept)
		if got != row.want || changed != row.changed || got.Hidden() != row.thenHidden {
			t.Errorf("%s: %+v, %v, hidden %v", row.what, got, changed, got.Hidden())
		}
	}
}
