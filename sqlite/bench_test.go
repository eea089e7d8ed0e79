package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func BenchmarkPostParallel(b *testing.B) {
	s, _, _ := testStore(b)
	var n atomic.Int64
	b.SetParallelism(64)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := post(s, "mira", int(n.Add(1)), "a message of ordinary length, as people write them"); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// largeRoom makes a store with many people and messages in general. The latest messages have reactions.
func largeRoom(b testing.TB, people, messages int) *Store {
	b.Helper()
	s, _, _ := testStore(b)
	ctx := context.Background()
	for i := range people {
		addUser(b, s, fmt.Sprintf("user%04d", i), "general")
	}
	for i := range messages {
		m, err := post(s, "mira", i, "a message of ordinary length")
		must(b, err)
		if i > messages-60 {
			for j := range 5 {
				_, err := s.SetReaction(ctx, chat.SetReaction{
					Room: "general", Seq: m.Seq, User: fmt.Sprintf("user%04d", j), Emoji: "👍", Added: true, At: noon,
				})
				must(b, err)
			}
		}
	}
	return s
}

func BenchmarkPage(b *testing.B) {
	s := largeRoom(b, 10, 2000)
	ctx := context.Background()
	for b.Loop() {
		p, err := s.Page(ctx, chat.PageQuery{Room: "general", Bound: chat.Bound{Limit: 50, Bytes: chat.PageBytes}, Viewer: "jonas"})
		if err != nil || len(p.Messages) != 50 {
			b.Fatal(err, len(p.Messages))
		}
	}
}

func BenchmarkMyRooms(b *testing.B) {
	s := largeRoom(b, 10, 2000)
	ctx := context.Background()
	for b.Loop() {
		if _, err := s.MyRooms(ctx, "jonas"); err != nil {
			b.Fatal(err)
		}
	}
}

// The unread count must skip one's own posts. Here they are all unread, so none ends the capped count early.
func BenchmarkUnreadOfOwnPosts(b *testing.B) {
	s := largeRoom(b, 1, 20000)
	ctx := context.Background()
	_, err := s.SetRead(ctx, chat.SetRead{Room: "general", User: "mira", Seq: 0})
	must(b, err)
	b.ResetTimer()
	for b.Loop() {
		if _, err := s.MyRoom(ctx, "general", "mira"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPostToLargeRoom(b *testing.B) {
	s := largeRoom(b, 2000, 1)
	i := 10
	for b.Loop() {
		i++
		if _, err := post(s, "mira", i, "hello"); err != nil {
			b.Fatal(err)
		}
	}
}

// roomWithLongThread makes a store with 60 messages in general, followed by 20,000 replies in one thread.
func roomWithLongThread(b testing.TB) *Store {
	b.Helper()
	s, _, _ := testStore(b)
	for i := range 60 {
		_, err := post(s, "mira", i, "a message of ordinary length")
		must(b, err)
	}
	for i := 0; i < 20_000; i += 500 {
		must(b, do(context.Background(), s, func(t *tx) error { // 500 in one commit, to make the setup fast
			for j := range 500 {
				if _, err := t.post(chat.PostMessage{Room: "general", Author: "mira", ClientID: cid(1000 + i + j),
					Text: "a reply of ordinary length, as people write them", Thread: 60, At: noon}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return s
}

// Replies must not slow down the timeline, and deleting a reply must not scan the room's messages.
func BenchmarkLongThread(b *testing.B) {
	s := roomWithLongThread(b)
	ctx := context.Background()
	before := int64(100)
	for name, f := range map[string]func() error{
		"page": func() error {
			_, err := s.Page(ctx, chat.PageQuery{Room: "general", Bound: chat.Bound{Limit: 50, Bytes: chat.PageBytes}, Viewer: "jonas"})
			return err
		},
		"my": func() error { _, err := s.MyRoom(ctx, "general", "jonas"); return err },
		"thread": func() error {
			_, err := s.Page(ctx, chat.PageQuery{Room: "general", Thread: 60, Before: &before, Bound: chat.Bound{Limit: 50, Bytes: chat.PageBytes}, Viewer: "jonas"})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b, f())
			}
		})
	}
	b.Run("delete", func(b *testing.B) {
		seq := int64(20_060)
		for b.Loop() {
			must(b, s.DeleteMessage(ctx, chat.DeleteMessage{Room: "general", Seq: seq, At: noon}))
			seq--
		}
	})
}
