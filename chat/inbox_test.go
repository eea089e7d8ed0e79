package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
)

// propose puts rows into Mira's inbox, as the follower does.
func (h *house) propose(cause chat.InboxCause, seq int64, keyword string) {
	h.t.Helper()
	_, err := h.store.PutInbox(h.t.Context(), []inbox.Row{{
		User: h.people["mira"].User.ID, Key: inbox.Key(cause, h.room, seq), Cause: cause, Reason: "Because.", Room: h.room, Seq: seq,
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

// TestInboxOfTheFuture: what is cleared or seen, is so until now at most, and what comes later stands there.
func TestInboxOfTheFuture(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	ctx, mira := t.Context(), h.people["mira"]
	later := h.clock().Add(time.Hour)
	h.must(h.rules.ClearInbox(ctx, mira, "", &later))
	h.must(h.rules.SeeInbox(ctx, mira, later))
	h.pass(time.Minute)
	h.propose(chat.InboxMention, h.post("jonas", chat.PostInput{ClientID: clientID(1), Text: "@mira"}), "")
	own := h.post("mira", chat.PostInput{ClientID: clientID(2), Text: "mine"})
	h.must(h.rules.SetReaction(ctx, h.people["jonas"], h.room, own, "🎉", true))
	h.propose(chat.InboxReaction, own, "")
	h.must(h.rules.SetRead(ctx, mira, h.room, 0))
	if got, want := h.inbox(chat.InboxInput{}), "2 reaction*, 1 mention* (1)"; got != want {
		t.Errorf("after the future was cleared: %s, want %s", got, want)
	}
	key := inbox.Key(chat.InboxMention, h.room, 1)
	h.must(h.rules.ClearInbox(ctx, mira, key, &later))
	if rows, err := h.store.InboxRows(ctx, mira.User.ID, []string{key}); err != nil || rows[0].ClearedAt.After(h.clock()) {
		t.Errorf("cleared until %v, %v", rows[0].ClearedAt, err)
	}
	h.must(h.rules.ClearInbox(ctx, mira, inbox.Key(chat.InboxReaction, h.room, own), nil))
	if got := h.inbox(chat.InboxInput{}); got != " (0)" {
		t.Errorf("after both were cleared: %s", got)
	}
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
