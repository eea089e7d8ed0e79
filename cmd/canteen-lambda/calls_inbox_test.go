package main

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/inbox"
)

// TestCallsOfInbox counts like TestCalls. The followers of a message to everybody do no work for each member, and an inbox with ten times as
// many entries takes no more calls to open.
func TestCallsOfInbox(t *testing.T) {
	w, ctx, bill := start(t), t.Context(), stack.MeasuredCounts()
	for n := range 10 {
		w.colleague(t, fmt.Sprint("jonas", n))
	}
	me := w.me(t).User.ID
	followers := follow.New(w.store, w.store, slog.New(slog.DiscardHandler), consumers(w.store, w.words, w.clock)...)
	caughtUp := func() { must(t, followers.CatchUp(ctx, w.room)) }
	says := func(cmd chat.PostMessage) chat.Message {
		w.ids++
		w.now = w.now.Add(time.Second)
		cmd.Room, cmd.Author, cmd.ClientID, cmd.At = w.room, "ujonas1", fmt.Sprint(w.ids), w.now
		m, _, err := w.store.PostMessage(ctx, cmd)
		must(t, err)
		return m
	}
	concerns := func(n int) {
		for range n {
			says(chat.PostMessage{Text: "@mira", Mentions: []string{me}})
			says(chat.PostMessage{Text: "@room", Broadcast: chat.BroadcastRoom})
			says(chat.PostMessage{Text: "hello", Thread: w.says(t, me, 0).Seq})
		}
		caughtUp()
	}
	open := func(in chat.InboxInput) func() {
		return func() { _, err := w.rules.Inbox(ctx, w.me(t), in); must(t, err) }
	}
	read := func(seq int64) { _, err := w.rules.SetRead(ctx, w.me(t), w.room, seq); must(t, err) }
	clear := func(key string) func() {
		return func() { must(t, w.rules.ClearInbox(ctx, w.me(t), key, nil)) }
	}
	one := 1
	count := open(chat.InboxInput{Filter: "unread", Limit: &one})
	concerns(20)
	last := says(chat.PostMessage{Text: "@mira", Mentions: []string{me}}).Seq
	w.hold(t, []operation{
		{"follow a mention", 7, stack.Calls{}, 0, caughtUp},
		{"post to everybody", 3, stack.Calls{}, 0, func() { w.post(t, "@room", nil) }},
		{"follow it", 3, stack.Calls{}, 0, caughtUp},
	})
	read(last - 5)
	w.hold(t, []operation{{"open an inbox", 31, stack.Calls{}, 0, open(chat.InboxInput{})}})
	concerns(60)
	last = says(chat.PostMessage{Text: "@mira", Mentions: []string{me}}).Seq
	caughtUp()
	read(last - 5)
	w.hold(t, []operation{
		{"open a long inbox", 31, bill.Inbox, 0, open(chat.InboxInput{})},
		{"count what is unread in it", 14, bill.InboxUnread, 0, count},
		{"clear an entry", 6, stack.Calls{}, 0, clear(inbox.Key(chat.InboxMention, w.room, last))},
		{"clear a thread", 9, stack.Calls{}, 0, clear(inbox.Key(chat.InboxThread, w.room, last-2))},
	})
}
