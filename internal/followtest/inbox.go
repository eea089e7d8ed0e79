package followtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/settings"
)

// consumer is attention.Inbox at some time after the posts.
func consumer(h Home, minutes int) *attention.Inbox {
	clock := func() time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	return &attention.Inbox{Store: h, Keywords: &attention.Keywords{Store: h, Clock: clock}, Clock: clock}
}

// standing is a user's rows as text, sorted.
func standing(t *testing.T, h Home, user string) string {
	t.Helper()
	rows, err := h.Inbox(t.Context(), inbox.Query{User: user, Reactions: true, Others: true, Limit: 100})
	must(t, err)
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s %d", r.Key, r.Cause, r.At.Sub(noon)/time.Minute))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func say(t *testing.T, h Home, n int, cmd chat.PostMessage) chat.Message {
	t.Helper()
	cmd.Room, cmd.Author, cmd.ClientID, cmd.At = room, "mira", fmt.Sprintf("00000000-0000-4000-8000-%012d", n), noon
	m, _, err := h.PostMessage(t.Context(), cmd)
	must(t, err)
	return m
}

// inbox tests attention.Inbox: what concerns whom, and that a row is written once, however often the consumer sees its message.
func inboxes(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	words := []string{"Soup", "daily specials"}
	_, err := h.UpdateUser(t.Context(), chat.UpdateUser{
		User: "jonas", Settings: &settings.Input{Attention: &settings.AttentionInput{Keywords: &words}}, At: noon,
	})
	must(t, err)
	say(t, h, 1, chat.PostMessage{Text: "@jonas soup", Mentions: []string{"jonas", "mira"}})
	say(t, h, 2, chat.PostMessage{Text: "@room", Broadcast: chat.BroadcastRoom})
	say(t, h, 3, chat.PostMessage{Text: "hello"})
	say(t, h, 4, chat.PostMessage{Text: "the Daily  Specials: soups"})
	gone := say(t, h, 5, chat.PostMessage{Text: "@jonas", Mentions: []string{"jonas"}})
	must(t, h.DeleteMessage(t.Context(), chat.DeleteMessage{Room: room, Seq: gone.Seq, At: noon}))
	for _, u := range []string{"jonas", "mira"} {
		_, err = h.SetReaction(t.Context(), chat.SetReaction{Room: room, Seq: 3, User: u, Emoji: "🎉", Added: true, At: noon})
		must(t, err)
	}
	for minute := range 3 { // the process ends each time before the position is stored
		must(t, newFollower(again(), consumer(again(), minute+1)).CatchUp(t.Context(), room))
		must(t, h.SavePosition(t.Context(), "inbox", room, 0))
	}
	if got, want := standing(t, h, "jonas"), "m.general.1 mention 0; m.general.4 keyword 0"; got != want {
		t.Errorf("of jonas: %s, want %s", got, want)
	}
	if got, want := standing(t, h, "mira"), "r.general.3 reaction 1"; got != want {
		t.Errorf("of mira: %s, want %s", got, want)
	}
	yes := true
	_, err = h.UpdateMyRoom(t.Context(), chat.UpdateMyRoom{Room: room, User: "jonas", Muted: &yes})
	must(t, err)
	say(t, h, 6, chat.PostMessage{Text: "@room soup", Broadcast: chat.BroadcastRoom})
	say(t, h, 7, chat.PostMessage{Text: "@jonas", Mentions: []string{"jonas"}})
	old := consumer(h, 8*24*60) // too late to tell anybody anew
	must(t, newFollower(h, old).CatchUp(t.Context(), room))
	must(t, h.SavePosition(t.Context(), "inbox", room, 0))
	must(t, newFollower(again(), consumer(again(), 5)).CatchUp(t.Context(), room))
	if got, want := standing(t, h, "jonas"), "m.general.1 mention 0; m.general.4 keyword 0; m.general.7 mention 0"; got != want {
		t.Errorf("of jonas, who muted the room: %s, want %s", got, want)
	}
	kind, hearers, err := h.Hearers(t.Context(), room, []string{"jonas", "nobody"})
	if err != nil || kind != chat.Public || len(hearers) != 1 || !hearers[0].Muted || hearers[0].Handle != "jonas" {
		t.Errorf("hearers %+v in a %s room, %v", hearers, kind, err)
	}
	if _, all, err := h.Hearers(t.Context(), room, nil); err != nil || len(all) != 2 {
		t.Errorf("%d of 2 members, %v", len(all), err)
	}
	ms, err := h.InboxMessages(t.Context(), "jonas", []inbox.MessagePlace{{Room: room, Seq: 3}, {Room: room, Seq: 99}})
	if err != nil || len(ms) != 1 || !ms[0].Reactions[0].Me {
		t.Errorf("messages %+v, %v", ms, err)
	}
}

// cleared: what was cleared stays so until there is something newer, and marks never go back.
func cleared(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	say(t, h, 1, chat.PostMessage{Text: "hello"})
	react := func(minute int, emoji string, added bool) {
		t.Helper()
		_, err := h.SetReaction(t.Context(), chat.SetReaction{Room: room, Seq: 1, User: "jonas", Emoji: emoji, Added: added, At: noon})
		must(t, err)
		must(t, newFollower(again(), consumer(again(), minute)).CatchUp(t.Context(), room))
	}
	react(1, "🎉", true)
	for _, at := range []time.Time{noon.Add(2 * time.Minute), noon} { // it never goes back
		must(t, h.ClearInbox(t.Context(), "mira", "r.general.1", at))
	}
	must(t, h.SavePosition(t.Context(), "inbox", room, 0))
	must(t, newFollower(again(), consumer(again(), 2)).CatchUp(t.Context(), room))
	if got := standing(t, h, "mira"); got != "" {
		t.Errorf("cleared: %s", got)
	}
	react(3, "🚀", true)
	if got, want := standing(t, h, "mira"), "r.general.1 reaction 3"; got != want {
		t.Errorf("after another reaction: %s, want %s", got, want)
	}
	react(4, "🚀", false)
	if got, want := standing(t, h, "mira"), "r.general.1 reaction 3"; got != want {
		t.Errorf("after one was taken back: %s, want %s", got, want)
	}
	must(t, h.ClearInbox(t.Context(), "mira", "m.general.7", noon)) // of a message to everybody, before anything else is known of it
	put := []inbox.Row{{User: "mira", Key: "m.general.7", Cause: chat.InboxKeyword, Room: room, Seq: 7, At: noon}}
	for range 2 {
		_, err := h.PutInbox(t.Context(), put)
		must(t, err)
	}
	rows, err := h.InboxRows(t.Context(), "mira", []string{"m.general.7", "m.general.8"})
	if err != nil || len(rows) != 1 || !rows[0].Hidden() || rows[0].Cause != chat.InboxKeyword {
		t.Errorf("a row that came after it was cleared: %+v, %v", rows, err)
	}
	later := noon.Add(time.Hour)
	for _, m := range []chat.InboxMarks{{SeenAt: later}, {SeenAt: noon}, {ClearedBefore: noon}, {KeysCleared: later}, {}} {
		must(t, h.MarkInbox(t.Context(), "mira", m))
	}
	want := chat.InboxMarks{SeenAt: later, ClearedBefore: noon, KeysCleared: noon.Add(2 * time.Minute)}
	if _, m, err := h.InboxRooms(t.Context(), "mira"); err != nil || m != want {
		t.Errorf("marks %+v, %v", m, err)
	}
}
