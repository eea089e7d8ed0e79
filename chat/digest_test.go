package chat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/settings"
)

// unread is what finds what waits.
func (h *house) unread() digest.Unread {
	return digest.Unread{Store: h.store, Inbox: &attention.Inboxes{Store: h.store, Clock: h.clock}}
}

// waiting is what waits for Mira in short: the start of each text.
func (h *house) waiting(since, until time.Time) string {
	h.t.Helper()
	w, err := h.unread().Waiting(h.t.Context(), h.people["mira"].User.ID, since, until)
	h.must(err)
	var out []string
	for _, i := range w.Items {
		out = append(out, fmt.Sprintf("%.10s", i.Text))
	}
	return strings.Join(out, ", ")
}

// TestWaiting: what a digest holds is unread, in the window, and what the user may see and wants to hear of at this moment.
func TestWaiting(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Private, 1)
	ctx, mira, jonas := t.Context(), h.people["mira"], h.people["jonas"]
	var at []time.Time
	mention := func(n int, text string) {
		at = append(at, h.clock())
		seq := h.post("jonas", chat.PostInput{ClientID: clientID(n), Text: "@mira " + text})
		h.propose(chat.InboxMention, seq, "")
	}
	mention(1, "one")
	mention(2, "two")
	mention(3, "three")
	start, end := at[0].Add(-time.Second), h.clock().Add(time.Hour)
	check := func(what string, since, until time.Time, want string) {
		t.Helper()
		if got := h.waiting(since, until); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	check("all", start, end, "@mira thre, @mira two, @mira one")
	check("newer than the first", at[0], end, "@mira thre, @mira two")
	check("not newer than the second", start, at[1], "@mira two, @mira one")
	h.must(h.rules.SetRead(ctx, mira, h.room, 1))
	check("read", start, end, "@mira thre, @mira two")
	h.must(h.rules.DeleteMessage(ctx, jonas, h.room, 2))
	check("deleted", start, end, "@mira thre")
	own := h.post("mira", chat.PostInput{ClientID: clientID(4), Text: "mine"})
	h.must(h.rules.SetReaction(ctx, jonas, h.room, own, "🎉", true))
	h.must(h.rules.SetRead(ctx, mira, h.room, 1))
	h.propose(chat.InboxReaction, own, "")
	check("reactions wait for nobody", start, end, "@mira thre")

	direct, _, err := h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{Kind: chat.Direct, Members: []string{mira.User.ID}})
	h.must(err)
	place := h.room
	h.room = direct.ID
	h.post("jonas", chat.PostInput{ClientID: clientID(5), Text: "psst"})
	h.pass(time.Minute)
	h.post("jonas", chat.PostInput{ClientID: clientID(6), Text: strings.Repeat("ä", 300)})
	check("a direct room", start, end, strings.Repeat("ä", 10)+", @mira thre")
	w, err := h.unread().Waiting(ctx, mira.User.ID, start, end)
	if h.must(err); w.Items[0].Unread != 2 || len([]rune(w.Items[0].Text)) > 200 || w.People[jonas.User.ID].Name != "Jonas" {
		t.Errorf("%+v", w.Items[0])
	}
	h.attached("jonas")
	if w, err = h.unread().Waiting(ctx, mira.User.ID, start, end); err != nil || w.Items[0].Text != "(A file, or a forwarded message.)" {
		t.Errorf("a file without a text: %+v (%v)", w.Items[0], err)
	}
	yes, nothing, all := true, chat.NotifyNothing, chat.NotifyAll
	h.must(h.rules.UpdateMyRoom(ctx, mira, direct.ID, chat.MyRoomInput{Muted: &yes}))
	check("muted", start, end, "@mira thre")
	h.must(h.rules.UpdateMyRoom(ctx, mira, place, chat.MyRoomInput{Notify: &nothing}))
	check("nothing is wanted of it", start, end, "")
	h.must(h.rules.UpdateMyRoom(ctx, mira, place, chat.MyRoomInput{Notify: &all}))
	h.must(h.rules.RemoveMember(ctx, mira, place, mira.User.ID))
	check("no longer a member", start, end, "")
}

// TestWaitingIsBounded: a digest holds 20 entries, and says that there is more.
func TestWaitingIsBounded(t *testing.T) {
	h := open(t, nil)
	h.add("kim", chat.Member)
	h.build(chat.Public, 1)
	start := h.clock().Add(-time.Second)
	for n := range 130 {
		seq := h.post("jonas", chat.PostInput{ClientID: clientID(n + 1), Text: fmt.Sprint("@mira ", n)})
		h.propose(chat.InboxMention, seq, "")
	}
	w, err := h.unread().Waiting(t.Context(), h.people["mira"].User.ID, start, h.clock())
	if h.must(err); len(w.Items) != 20 || !w.More || w.Items[0].Text != "@mira 129" {
		t.Errorf("%d items, more %v, first %q", len(w.Items), w.More, w.Items[0].Text)
	}
}

// cleared is an inbox whose newest entries were all cleared: a page has none of them, and says where the next one begins.
type cleared struct {
	chat.Inboxes
	next  []time.Time
	asked int
}

func (c *cleared) Page(context.Context, chat.User, chat.InboxPageQuery) (p chat.InboxPage, err error) {
	if c.asked < len(c.next) {
		p.Next = chat.InboxPlace{At: c.next[c.asked], Key: inbox.Key(chat.InboxMention, "room", 1)}.String()
	}
	c.asked++
	return p, nil
}

// TestWaitingStopsAtTheLastDigest: pages without entries are read on, but none that is older than the digest before.
func TestWaitingStopsAtTheLastDigest(t *testing.T) {
	h := open(t, nil)
	since := h.clock()
	inbox := &cleared{next: []time.Time{since.Add(2 * time.Minute), since.Add(time.Minute), since, since.Add(-time.Minute)}}
	w, err := digest.Unread{Store: h.store, Inbox: inbox}.Waiting(t.Context(), h.people["mira"].User.ID, since, since.Add(time.Hour))
	if h.must(err); len(w.Items) != 0 || inbox.asked != 3 {
		t.Errorf("%d items, %d pages were read", len(w.Items), inbox.asked)
	}
}

// TestUnsubscribe: the link in a digest turns digests off, once and again; after they were turned on anew it does not.
func TestUnsubscribe(t *testing.T) {
	h := open(t, nil)
	ctx, mira, visitor := t.Context(), h.people["mira"], chat.Visitor("192.0.2.1")
	wants := func(d settings.Digest) {
		t.Helper()
		h.must(h.rules.UpdateMe(ctx, mira, chat.UpdateMeInput{Settings: &settings.Input{Attention: &settings.AttentionInput{Digest: &d}}}))
	}
	link := func() string { // as the job makes it at its first look
		was, err := h.store.Digest(ctx, mira.User.ID)
		h.must(err)
		now := was
		if now.Key == "" {
			now.Key = chat.NewSecret()
			h.must(h.store.MoveDigest(ctx, was, now))
		}
		return now.UnsubscribeSecret()
	}
	stops := func(secret, want string) {
		t.Helper()
		if got := outcome(h.rules.Unsubscribe(ctx, visitor, secret)); got != want {
			t.Errorf("answers %q, want %q", got, want)
		}
		u, err := h.store.User(ctx, mira.User.ID)
		if h.must(err); (u.Settings.Attention.Digest == settings.DigestOff) != (want == "ok") {
			t.Errorf("after %q the digest is %s", want, u.Settings.Attention.Digest)
		}
	}
	wants(settings.DigestHourly)
	unkeyed, err := h.store.Digest(ctx, mira.User.ID)
	h.must(err)
	stops(unkeyed.UnsubscribeSecret(), "404") // made with an empty key
	old := link()
	jonas := h.people["jonas"].User.ID
	for _, guess := range []string{"", "x", mira.User.ID, chat.NewSecretOf(mira.User.ID), chat.NewSecretOf(jonas), old + "a"} {
		stops(guess, "404")
	}
	h.audited()
	h.take()
	stops(old, "ok")
	if events := h.take(); events != "SettingsChanged" {
		t.Errorf("announced %q", events)
	}
	if lines := h.audited(); len(lines) != 1 || !strings.Contains(lines[0], "digest stopped by a link") || strings.Contains(lines[0], old) {
		t.Errorf("audited %q", lines)
	}
	stops(old, "ok")
	wants(settings.DigestDaily)
	stops(old, "404")
	gone := true
	h.must(h.rules.UpdateUser(ctx, h.people["olga"], mira.User.ID, chat.UpdateUserInput{Deactivated: &gone}))
	stops(link(), "ok") // it stays off when she comes back
}
