package chat_test

import (
	"reflect"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func TestUpdateMyRoom(t *testing.T) {
	all, mentions, yes := chat.NotifyAll, chat.NotifyMentions, true
	was := chat.MyRoom{Notify: chat.NotifyAll, SettingsRev: 4}
	for _, c := range []struct {
		cmd  chat.UpdateMyRoom
		want chat.MyRoom
	}{
		{chat.UpdateMyRoom{}, was},
		{chat.UpdateMyRoom{Notify: &all}, was},
		{chat.UpdateMyRoom{Notify: &mentions}, chat.MyRoom{Notify: chat.NotifyMentions, SettingsRev: 5}},
		{chat.UpdateMyRoom{Starred: &yes, Muted: &yes}, chat.MyRoom{Notify: chat.NotifyAll, Starred: true, Muted: true, SettingsRev: 5}},
	} {
		got, changed := c.cmd.Apply(was)
		if !reflect.DeepEqual(got, c.want) || changed != (got.SettingsRev != was.SettingsRev) {
			t.Errorf("%+v %v, want %+v", got, changed, c.want)
		}
	}
}

func TestReadPointerMoves(t *testing.T) {
	for _, c := range []struct {
		seq, at, last int64
		moves         bool
		code          chat.Code
	}{
		{5, 3, 9, true, ""}, {0, 3, 9, true, ""}, {9, 3, 9, true, ""}, {3, 3, 9, false, ""}, {0, 0, 0, false, ""},
		{10, 3, 9, false, chat.Invalid}, {-1, 3, 9, false, chat.Invalid},
	} {
		moves, err := chat.SetRead{Seq: c.seq}.Moves(c.at, c.last)
		field := ""
		if c.code != "" {
			field = "seq"
		}
		if is(t, "a pointer", err, c.code, field); moves != c.moves {
			t.Errorf("from %d to %d of %d: moves %v", c.at, c.seq, c.last, moves)
		}
	}
	r := chat.MyRoom{ReadSeq: 7, ReadRev: 3, Unread: 2, MentionCount: 1}
	if got, want := r.ReadState("mira"), (chat.ReadState{User: "mira", Seq: 7, ReadRev: 3, Unread: 2, MentionCount: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
