package main

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/thread"
)

// colleague adds a user to the room, who signs in nowhere.
func (w *metered) colleague(t *testing.T, handle string) {
	_, err := w.store.AddUser(t.Context(), chat.AddUser{User: chat.NewUser{
		User: chat.User{
			ID: "u" + handle, Handle: handle, Name: handle, Role: chat.Member, Email: handle + "@example.com",
			Settings: settings.Default(), Epoch: 1,
		},
		EmailFold: handle + "@example.com", PasswordHash: "hash",
	}, Rooms: []string{w.room}, At: w.now})
	must(t, err)
}

// says posts as a colleague.
func (w *metered) says(t *testing.T, user string, thread int64) chat.Message {
	w.ids++
	m, _, err := w.store.PostMessage(t.Context(), chat.PostMessage{
		Room: w.room, Author: user, ClientID: fmt.Sprint(w.ids), Text: "hello", Thread: thread, At: w.now,
	})
	must(t, err)
	return m
}

// TestCallsOfThreads counts like TestCalls. Opening a list of sixty threads takes the calls of one of twenty, and leaving a room those that
// it took before there were threads.
func TestCallsOfThreads(t *testing.T) {
	w, ctx, bill := start(t), t.Context(), stack.MeasuredCounts()
	for _, c := range []string{"jonas", "ada", "gus", "eve"} {
		w.colleague(t, c)
	}
	me := w.me(t).User.ID
	follower := follow.New(w.store, w.store, slog.New(slog.DiscardHandler), dynamodb.ThreadLists{Store: w.store})
	caughtUp := func() { must(t, follower.CatchUp(ctx, w.room)) }
	root := w.says(t, "ujonas", 0)
	threads := func(n int) {
		for range n {
			w.says(t, "ujonas", w.says(t, me, 0).Seq)
		}
		caughtUp()
	}
	open := func() { _, err := w.rules.Threads(ctx, w.me(t), chat.ThreadsInput{}); must(t, err) }
	read := func(seq int64) { _, err := w.rules.ReadThread(ctx, w.me(t), w.room, root.Seq, seq); must(t, err) }
	follows := func(on thread.Follow) func() {
		return func() { _, err := w.rules.FollowThread(ctx, w.me(t), w.room, root.Seq, on); must(t, err) }
	}
	threads(20)
	w.hold(t, []operation{
		{"first reply", 5, stack.Calls{}, 0, func() { w.post(t, "hello", &root.Seq) }},
		{"follow a first reply", 5, stack.Calls{}, 0, caughtUp},
		{"reply", 5, bill.Reply, 0, func() { w.now = w.now.Add(time.Second); w.post(t, "hello", &root.Seq) }},
		{"reply in one's own thread", 4, stack.Calls{}, 0, func() { own := root.Seq + 1; w.post(t, "hello", &own) }},
	})
	caughtUp()
	for _, user := range []string{"uada", "ugus", "ueve"} {
		_, err := w.store.FollowThread(ctx, chat.FollowThread{Room: w.room, Root: root.Seq, User: user, On: true})
		must(t, err)
	}
	caughtUp()
	w.now = w.now.Add(time.Second)
	last := w.says(t, "ujonas", root.Seq)
	w.hold(t, []operation{
		{"follow a reply to three more", 10, bill.FollowReply, 0, caughtUp},
		{"fan-out of a reply", 10, stack.Calls{}, 0, func() { w.fanOut(t, w.image(t, int(root.Seq))) }},
		{"a thread", 5, bill.Thread, 0, func() { _, err := w.rules.Thread(ctx, w.me(t), w.room, root.Seq); must(t, err) }},
		{"read a thread", 6, bill.ReadThread, 0, func() { read(last.Seq) }},
		{"mark a thread unread", 7, stack.Calls{}, 0, func() { read(1) }},
		{"follow a thread no more", 9, stack.Calls{}, 0, follows(thread.FollowOff)},
		{"follow a thread", 9, stack.Calls{}, 0, follows(thread.FollowOn)},
		{"open twenty threads", 26, bill.Threads, 0, open},
	})
	threads(40)
	w.hold(t, []operation{
		{"open sixty threads", 26, bill.Threads, 0, open},
		{"count what is unread", 6, bill.Unread, 0, func() {
			one := 1
			_, err := w.rules.Threads(ctx, w.me(t), chat.ThreadsInput{Unread: true, Limit: &one})
			must(t, err)
		}},
		{"leave, with one's bots", 5, stack.Calls{}, 0, func() { must(t, w.rules.RemoveMember(ctx, w.me(t), w.room, me)) }},
		{"clean up after leaving", 5, stack.Calls{}, 0, func() {
			must(t, w.store.Clean(context.Background(), chat.RoomLeft{Room: w.room, User: me}))
		}},
	})
}
