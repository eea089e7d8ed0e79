package bench

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wire"
)

// BenchmarkBesideLargeReads posts and reads a page beside a user who keeps reading a room of the longest messages, twelve requests at
// once, as fast as the rates allow. The baseline is the same without that user.
func BenchmarkBesideLargeReads(b *testing.B) {
	h := furnish(b, 100)
	ctx := context.Background()
	admin, done, err := server.OpenAdmin(ctx, h.dir, false, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	must[string](b)(admin.AddUser(ctx, chat.CommandLineUser{
		Email: "jonas@example.com", Name: "Jonas", Handle: "jonas", Role: chat.Member, Password: "a quiet place to eat",
	}))
	greedy := must[string](b)(admin.AddToken(ctx, chat.CommandLineToken{Handle: "jonas", Name: "bench"}))
	if err := done(); err != nil {
		b.Fatal(err)
	}
	large := longestMessages(b, h)
	s, err := server.Start(ctx, server.Config{Addr: "127.0.0.1:0", Data: h.dir, RateLimits: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Stop() })
	url := strings.Replace(s.URL(), "localhost", "127.0.0.1", 1)
	quiet()
	b.Run("floor=alone", func(b *testing.B) { visits(b, client.New(url, h.token), h.room) })
	b.Run("reads=12", func(b *testing.B) {
		busy, stop := context.WithCancel(ctx)
		var reading sync.WaitGroup
		for range 12 {
			reading.Go(func() {
				for c := client.New(url, greedy); busy.Err() == nil; {
					if _, err := c.Changes(busy, large, 0); err != nil {
						time.Sleep(10 * time.Millisecond) // beyond the rate
					}
				}
			})
		}
		visits(b, client.New(url, h.token), h.room)
		stop()
		reading.Wait()
	})
}

// longestMessages creates a public room of 500 messages of the greatest length.
func longestMessages(b *testing.B, h dataDir) (room string) {
	ctx := context.Background()
	h.store(b, func(s *sqlite.Store) {
		room = chat.NewID()
		_, _, err := s.AddRoom(ctx, chat.AddRoom{
			Room: chat.Room{
				ID: room, Kind: chat.Public, Name: "long", Posting: chat.PostingEveryone, CreatedBy: h.user, CreatedAt: time.Now(),
			},
			NameFold: "long", Members: []chat.RoomMembership{{User: h.user, Role: chat.RoomOwner, JoinedAt: time.Now()}},
		})
		for i := 0; i < 500 && err == nil; i++ {
			_, _, err = s.PostMessage(ctx, chat.PostMessage{
				Room: room, Author: h.user, ClientID: uuid(i), Text: strings.Repeat("😀", chat.MessageLength), At: time.Now(),
			})
		}
		if err != nil {
			b.Fatal(err)
		}
	})
	return room
}

// visits posts and reads a page b.N times, as fast as the rate of posts allows, and reports how long both take together.
func visits(b *testing.B, c *client.Client, room string) {
	took := make([]time.Duration, 0, b.N)
	for range b.N {
		time.Sleep(100 * time.Millisecond)
		began := time.Now()
		if _, err := c.Post(context.Background(), room, wire.PostMessage{ClientID: client.NewClientID(), Text: words}); err != nil {
			b.Error(err)
		}
		page(b, c, room, nil)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
	}
}
