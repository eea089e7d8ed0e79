package follow

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// source is a store whose room has one message. It fails while it is down.
type source struct{ down atomic.Bool }

func (s *source) err() error {
	if s.down.Load() {
		return errors.New("down")
	}
	return nil
}

func (s *source) RoomAccess(context.Context, string, string) (chat.RoomAccess, error) {
	return chat.RoomAccess{}, s.err()
}

func (s *source) Changes(context.Context, string, int64, chat.Bound, string) (chat.Changes, error) {
	return chat.Changes{Next: 1}, s.err()
}

func (s *source) Position(context.Context, string, string) (int64, error) { return 0, s.err() }

func (s *source) SavePosition(context.Context, string, string, int64) error { return s.err() }

type nothing struct{}

func (nothing) Name() string                                                { return "nothing" }
func (nothing) Apply(context.Context, string, []chat.Message) (bool, error) { return false, nil }

// TestBehind: a follower is behind from the first change that it has not processed until it has, however often it fails.
func TestBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		s.down.Store(true)
		f := New(s, s, slog.New(slog.DiscardHandler), nothing{})
		ctx, end := context.WithCancel(context.Background())
		defer end()
		if f.Behind() != 0 {
			t.Error("it is behind before anything changed")
		}
		f.Heard([]chat.Announcement{{Event: chat.ReactionChanged{Room: "r"}}})
		go f.Run(ctx, nil)
		time.Sleep(10 * time.Second)
		f.Heard([]chat.Announcement{{Event: chat.ReactionChanged{Room: "r2"}}})
		time.Sleep(10 * time.Second)
		if got := f.Behind(); got != 20*time.Second {
			t.Errorf("after 20 s of failures it is %v behind", got)
		}
		s.down.Store(false)
		time.Sleep(longest)
		if got := f.Behind(); got != 0 {
			t.Errorf("after it has processed everything it is %v behind", got)
		}
		end()
		synctest.Wait()
	})
}

// imported is a store whose changes are known from a revision on.
type imported struct {
	source
	known, rev int64
	saved      int64
}

func (s *imported) RoomAccess(context.Context, string, string) (a chat.RoomAccess, err error) {
	a.Rev = s.rev
	return a, nil
}

func (s *imported) Changes(_ context.Context, _ string, since int64, b chat.Bound, _ string) (c chat.Changes, err error) {
	if since < s.known {
		return c, chat.Errorf(chat.Gone, "Load the room again.")
	}
	for rev := since + 1; rev <= min(s.rev, since+int64(b.Limit)); rev++ {
		c.Messages = append(c.Messages, chat.Message{Seq: rev, Rev: rev})
	}
	c.Next = since + int64(len(c.Messages))
	c.More = c.Next < s.rev
	return c, nil
}

func (s *imported) SavePosition(_ context.Context, _, _ string, rev int64) error {
	s.saved = rev
	return nil
}

// got holds the revisions that a consumer got.
type got struct{ revs []int64 }

func (*got) Name() string { return "got" }

func (g *got) Apply(_ context.Context, _ string, ms []chat.Message) (bool, error) {
	for _, m := range ms {
		g.revs = append(g.revs, m.Rev)
	}
	return true, nil
}

// TestAfterAnImport: a follower of a room whose older changes are not known gets all that are, the first one after an import included.
func TestAfterAnImport(t *testing.T) {
	for _, c := range []struct{ known, rev int64 }{{7, 8}, {7, 7}, {1, 2}, {40, 57}, {0, 3}} {
		s, g := &imported{known: c.known, rev: c.rev}, &got{}
		if err := New(s, s, slog.New(slog.DiscardHandler), g).CatchUp(t.Context(), "r"); err != nil {
			t.Fatal(err)
		}
		var want []int64
		for rev := c.known + 1; rev <= c.rev; rev++ {
			want = append(want, rev)
		}
		if !slices.Equal(g.revs, want) || s.saved != c.rev {
			t.Errorf("known since %d, now %d: got %v and is at %d", c.known, c.rev, g.revs, s.saved)
		}
	}
}
