package chat_test

import (
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// TestListens: who may be alerted by any message of a room. Package attention compares it with its table.
func TestListens(t *testing.T) {
	for _, c := range []struct {
		kind  chat.Kind
		level chat.Notify
		muted bool
		want  bool
	}{
		{chat.Public, chat.NotifyAll, false, true}, {chat.Public, chat.NotifyAll, true, false},
		{chat.Public, chat.NotifyMentions, false, false},
		{chat.Direct, chat.NotifyMentions, false, true}, {chat.Direct, chat.NotifyMentions, true, false},
		{chat.Direct, chat.NotifyNothing, false, false},
	} {
		if got := chat.Listens(c.kind, c.level, c.muted); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
