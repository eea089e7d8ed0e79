package follow

import (
	"context"
	"errors"
	"log/slog"
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
