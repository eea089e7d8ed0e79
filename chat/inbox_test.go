package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// propose puts rows into Mira's inbox, as the follower does.
func (h *house) propose(cause chat.InboxCause, seq int64, keyword string) {
	h.t.Helper()
	_, err := h.store.PutInbox(h.t.Context(), []chat.InboxRow{{
		User: h.people["mira"].User.ID, Key: chat.InboxKey(cause, h.room, seq), Cause: cause, Reason: "Because.", Room: h.room, Seq: seq,
		Keyword: keyword, At: h.clock(), Print: h.clock().String(),
	}})
	h.must(err)
	h.pass(time.Minute)
}

// inbox is Mira's inbox in short: the seq and cause of each entry, * for what is unread, and the number of those.
func (h *house) inbox(in chat.InboxInput) string {
	h.t.Helper()
	p, err := h.rules.Inbox(h.t.Context(), h.people["mira"], in)
	h.must(err)
	var out []string
	for _, i := range p.Items {
		s := fmt.Sprintf("%d %s", i.Message.Seq, i.Cause)
		if !i.Read {
			s += "*"
		}
		out = append(out, s)
	}
	return fmt.Sprintf("%s (%d)", strings.Join(out, ", "), p.Unread)
}

// hears makes Mira have keywords.
func (h *house) hears(words ...string) {
	h.t.Helper()
	settings := &chat.SettingsInput{Attention: &chat.AttentionInput{Keywords: &words}}
	h.must(h.rules.UpdateMe(h.t.Context(), h.people["mira"], chat.UpdateMeInput{Settings: settings}))
	h.people["mira"] = h.signIn("mira")
}

// TestInbox: an entry stands in the inbox while its message says what it did, and is read when the pointer is.
func TestInbox(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	h.hears("Soup")
	ctx, mira, jonas := t.Context(), h.people["mira"], h.people["jonas"]
	for n, body := range []string{"@mira one", "@room two", "soup three", "four", "@mira five"} {
		seq := h.post("jonas", chat.PostInput{ClientID: clientID(n + 1), Text: body})
		switch n {
		case 0, 4:
			h.propose(chat.InboxMention, seq, "")
		case 2:
			h.propose(chat.InboxKeyword, seq, "Soup")
		}
		h.pass(time.Minute)
	}
	check := func(what, want string) {
		t.Helper()
		if got := h.inbox(chat.InboxInput{}); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	check("new", "5 mention*, 3 keyword*, 2 broadcast*, 1 mention* (4)")
	h.must(h.rules.SetRead(ctx, mira, h.room, 2))
	check("read up to 2", "5 mention*, 3 keyword*, 2 broadcast, 1 mention (2)")
	if got, want := h.inbox(chat.InboxInput{Filter: "unread"}), "5 mention*, 3 keyword* (2)"; got != want {
		t.Errorf("unread: %s, want %s", got, want)
	}
	h.must(h.rules.EditMessage(ctx, jonas, h.room, 3, "soups three"))
	check("the keyword was edited out", "5 mention*, 2 broadcast, 1 mention (1)")
	h.must(h.rules.EditMessage(ctx, jonas, h.room, 3, "SOUP, three"))
	check("and in", "5 mention*, 3 keyword*, 2 broadcast, 1 mention (2)")
	h.hears("stew")
	check("another keyword", "5 mention*, 2 broadcast, 1 mention (1)")
	h.hears("Soup")
	h.must(h.rules.EditMessage(ctx, jonas, h.room, 2, "two"))
	h.must(h.rules.EditMessage(ctx, jonas, h.room, 1, "one"))
	h.must(h.rules.DeleteMessage(ctx, jonas, h.room, 5))
	check("edited and deleted", "3 keyword* (1)")

	own := h.post("mira", chat.PostInput{ClientID: clientID(6), Text: "mine"})
	h.propose(chat.InboxReaction, own, "")
	check("nobody reacts any more", "3 keyword (0)")
	h.must(h.rules.SetReaction(ctx, jonas, h.room, own, "🎉", true))
	check("a reaction does not count", "6 reaction*, 3 keyword (0)")
	h.must(h.rules.SeeInbox(ctx, mira, h.clock()))
	check("a reaction is seen", "6 reaction, 3 keyword (0)")
	if got, want := h.inbox(chat.InboxInput{Filter: "reactions"}), "6 reaction (0)"; got != want {
		t.Errorf("reactions: %s, want %s", got, want)
	}
	h.must(h.rules.ClearInbox(ctx, mira, chat.InboxKey(chat.InboxKeyword, h.room, 3), nil))
	check("cleared", "6 reaction (0)")
	now := h.clock()
	h.must(h.rules.ClearInbox(ctx, mira, "", &now))
	check("all cleared", " (0)")
	h.pass(time.Minute)
	h.propose(chat.InboxReaction, own, "")
	check("something newer", "6 reaction* (0)")
	h.must(h.rules.RemoveMember(ctx, mira, h.room, mira.User.ID))
	check("after leaving", " (0)")
	h.must(h.rules.Join(ctx, mira, h.room))
	h.pass(91 * 24 * time.Hour)
	check("after 91 days", " (0)")
}

// TestInboxBroadcasts: a message to everybody stands in the inbox of who hears it, without a row, once, and until it is cleared.
func TestInboxBroadcasts(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	h.hears("soup")
	ctx, mira := t.Context(), h.people["mira"]
	check := func(what, want string) {
		t.Helper()
		if got := h.inbox(chat.InboxInput{}); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	post := func(by string, n int, text string) int64 {
		t.Helper()
		h.pass(2 * time.Minute) // one broadcast a minute
		return h.post(by, chat.PostInput{ClientID: clientID(n), Text: text})
	}
	post("jonas", 1, "@room one")
	post("jonas", 2, "@here two")
	post("mira", 3, "@room three")
	check("of others, and not of who is there", "1 broadcast (0)")
	seq := post("jonas", 4, "@room soup")
	h.must(h.rules.SetRead(ctx, mira, h.room, 3))
	h.must(h.store.PutInbox(ctx, []chat.InboxRow{{
		User: mira.User.ID, Key: chat.InboxKey(chat.InboxKeyword, h.room, seq), Cause: chat.InboxKeyword, Room: h.room, Seq: seq, Keyword: "soup",
		At: h.clock(),
	}}))
	check("with a keyword of hers", "4 broadcast*, 1 broadcast (1)")
	h.must(h.rules.ClearInbox(ctx, mira, chat.InboxKey(chat.InboxBroadcast, h.room, 4), nil))
	check("cleared, with its row", "1 broadcast (0)")
	yes, no := true, false
	h.must(h.rules.UpdateMyRoom(ctx, mira, h.room, chat.MyRoomInput{Muted: &yes}))
	check("muted", " (0)")
	h.must(h.rules.UpdateMyRoom(ctx, mira, h.room, chat.MyRoomInput{Muted: &no}))
	for _, key := range []string{"m.%s.2", "m.%s.99", "r.%s.1", "t.%s.1", "m.room.1", "m.%s.01", "x.%s.1", "m.%s"} {
		key = strings.ReplaceAll(key, "%s", h.room)
		is(t, "clear "+key, h.rules.ClearInbox(ctx, mira, key, nil), chat.NotFound, "")
	}
	h.must(h.rules.ClearInbox(ctx, mira, chat.InboxKey(chat.InboxBroadcast, h.room, 1), nil))
	check("both cleared", " (0)")
	post("jonas", 5, "@room five")
	h.must(h.rules.RemoveMember(ctx, mira, h.room, mira.User.ID))
	h.pass(time.Minute)
	h.must(h.rules.Join(ctx, mira, h.room))
	check("from before she came", " (0)")
}

// TestInboxThreads: a followed thread stands in the inbox once, unless its user answered last; it is read with the thread, and cleared
// until there is a newer reply.
func TestInboxThreads(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	ctx, mira := t.Context(), h.people["mira"]
	check := func(what, want string) {
		t.Helper()
		if got := h.inbox(chat.InboxInput{}); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	n := 0
	post := func(by string, root int64, text string) int64 {
		t.Helper()
		h.pass(time.Minute)
		n++
		in := chat.PostInput{ClientID: clientID(n), Text: text}
		if root > 0 {
			in.Thread = &root
		}
		return h.post(by, in)
	}
	root := post("mira", 0, "root")
	check("no replies", " (0)")
	post("jonas", root, "two")
	post("kim", root, "three")
	check("two replies", "3 thread* (1)")
	p, err := h.rules.Inbox(ctx, mira, chat.InboxInput{})
	h.must(err)
	i, jonas, kim := p.Items[0], h.people["jonas"].User.ID, h.people["kim"].User.ID
	if i.Reason != "You follow this thread." || fmt.Sprint(i.By) != fmt.Sprint([]string{kim, jonas}) || !i.At.Equal(h.clock()) {
		t.Errorf("the entry is %+v", i)
	}
	h.must(h.rules.SetRead(ctx, mira, h.room, 3))
	check("the room was read", "3 thread* (1)")
	h.must(h.rules.ReadThread(ctx, mira, h.room, root, 2))
	p, err = h.rules.Inbox(ctx, mira, chat.InboxInput{Filter: "unread"})
	if err != nil || len(p.Items) != 1 || fmt.Sprint(p.Items[0].By) != "["+kim+"]" {
		t.Errorf("unread: %+v, %v", p, err)
	}
	h.must(h.rules.ReadThread(ctx, mira, h.room, root, 3))
	check("the thread was read", "3 thread (0)")
	for _, f := range []string{"unread", "mentions", "reactions"} {
		if got := h.inbox(chat.InboxInput{Filter: f}); got != " (0)" {
			t.Errorf("%s: %s", f, got)
		}
	}
	post("mira", root, "four")
	check("she answered", " (0)")
	post("jonas", root, "five")
	check("and was answered", "5 thread* (1)")
	shown := h.clock()
	post("jonas", root, "six")
	h.must(h.rules.ClearInbox(ctx, mira, chat.InboxKey(chat.InboxThread, h.room, root), &shown))
	check("cleared what was shown, before a newer reply", "6 thread* (1)")
	h.must(h.rules.ClearInbox(ctx, mira, chat.InboxKey(chat.InboxThread, h.room, root), nil))
	check("cleared", " (0)")
	seq := post("jonas", root, "@mira seven")
	h.must(h.store.PutInbox(ctx, []chat.InboxRow{{
		User: mira.User.ID, Key: chat.InboxKey(chat.InboxMention, h.room, seq), Cause: chat.InboxMention, Room: h.room, Seq: seq, Thread: root,
		At: h.clock(),
	}}))
	yes := true
	h.must(h.rules.UpdateMyRoom(ctx, mira, h.room, chat.MyRoomInput{Muted: &yes}))
	check("a newer reply, which mentions her", "7 mention*, 7 thread* (2)")
	h.must(h.rules.ReadThread(ctx, mira, h.room, root, seq))
	check("both were read in the thread", "7 mention, 7 thread (0)")
	p, err = h.rules.Inbox(ctx, mira, chat.InboxInput{})
	if err != nil || p.Items[1].Reason != "You follow this thread. You muted this room." {
		t.Errorf("%+v, %v", p, err)
	}
	now := h.clock()
	h.must(h.rules.ClearInbox(ctx, mira, "", &now))
	check("all cleared", " (0)")
	post("jonas", root, "eight")
	check("a newer one", "8 thread* (1)")
	h.must(h.rules.FollowThread(ctx, mira, h.room, root, chat.FollowOff))
	check("not followed", " (0)")
}

// TestInboxPages: pages hold each entry once, and all of them count what is unread in the whole inbox.
func TestInboxPages(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	for n := range 7 {
		h.propose(chat.InboxMention, h.post("jonas", chat.PostInput{ClientID: clientID(n + 1), Text: "@mira"}), "") // and a minute passes
	}
	limit, in, seqs := 3, chat.InboxInput{}, ""
	in.Limit = &limit
	for pages := 1; ; pages++ {
		p, err := h.rules.Inbox(t.Context(), h.people["mira"], in)
		h.must(err)
		if p.Unread != 7 {
			t.Errorf("page %d: %d unread, want 7", pages, p.Unread)
		}
		for _, i := range p.Items {
			seqs += fmt.Sprint(i.Message.Seq)
		}
		if in.Cursor = p.Next; p.Next == "" {
			if pages != 3 || seqs != "7654321" {
				t.Errorf("%d pages: %s", pages, seqs)
			}
			break
		}
	}
	zero, many := 0, chat.MaxInboxPage+1
	for field, in := range map[string]chat.InboxInput{"filter": {Filter: "none"}, "cursor": {Cursor: "x"}, "limit": {Limit: &zero}} {
		_, err := h.rules.Inbox(t.Context(), h.people["mira"], in)
		is(t, field, err, chat.Invalid, field)
	}
	_, err := h.rules.Inbox(t.Context(), h.people["mira"], chat.InboxInput{Limit: &many})
	is(t, "a page beyond the limit", err, chat.Invalid, "limit")
	now := h.clock()
	is(t, "neither", h.rules.ClearInbox(t.Context(), h.people["mira"], "", nil), chat.Invalid, "key")
	is(t, "an unknown key until now", h.rules.ClearInbox(t.Context(), h.people["mira"], "k", &now), chat.NotFound, "")
	is(t, "an unknown key", h.rules.ClearInbox(t.Context(), h.people["mira"], "k", nil), chat.NotFound, "")
}
