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
	h.must(h.store.PutInbox(h.t.Context(), []chat.InboxRow{{
		User: h.people["mira"].User.ID, Key: chat.InboxKey(cause, h.room, seq), Cause: cause, Reason: "Because.", Room: h.room, Seq: seq,
		Keyword: keyword, At: h.clock(),
	}}))
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

// TestInbox: an entry stands in the inbox while its message says what it did, and is read when the pointer is.
func TestInbox(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	ctx, mira, jonas := t.Context(), h.people["mira"], h.people["jonas"]
	for n, body := range []string{"@mira one", "@room two", "soup three", "four", "@mira five"} {
		h.post("jonas", chat.PostInput{ClientID: clientID(n + 1), Text: body})
	}
	h.propose(chat.InboxMention, 1, "")
	h.propose(chat.InboxBroadcast, 2, "")
	h.propose(chat.InboxKeyword, 3, "Soup")
	h.propose(chat.InboxMention, 5, "")
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

// TestInboxPages: pages hold each entry once, and all of them count what is unread in the whole inbox.
func TestInboxPages(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	for n := range 7 {
		h.propose(chat.InboxMention, h.post("jonas", chat.PostInput{ClientID: clientID(n + 1), Text: "@mira"}), "")
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
	is(t, "both", h.rules.ClearInbox(t.Context(), h.people["mira"], "k", &now), chat.Invalid, "key")
	is(t, "an unknown key", h.rules.ClearInbox(t.Context(), h.people["mira"], "k", nil), chat.NotFound, "")
}
