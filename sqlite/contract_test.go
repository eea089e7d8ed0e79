package sqlite_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/followtest"
	"github.com/canteen-chat/canteen/internal/storetest"
	"github.com/canteen-chat/canteen/sqlite"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, feed chat.Feed) storetest.Opened {
		s, o := open(t, feed)
		end := o.Close
		o.Close = func() {
			sqlite.Inspect(t, s)
			end()
		}
		return o
	})
}

func TestArchive(t *testing.T) {
	storetest.Moves(t, func(t *testing.T, feed chat.Feed) storetest.Opened { // not inspected: an export reads everything
		_, o := open(t, feed)
		return o
	})
}

func open(t *testing.T, feed chat.Feed) (*sqlite.Store, storetest.Opened) {
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "canteen.db"),
		sqlite.Options{Feed: feed, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s, storetest.Opened{Store: s, Close: func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}}
}

func TestFollowers(t *testing.T) {
	followtest.Run(t, func(t *testing.T) (followtest.Home, func() followtest.Home) {
		path := filepath.Join(t.TempDir(), "canteen.db")
		open := func() *sqlite.Store {
			s, err := sqlite.Open(context.Background(), path, sqlite.Options{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				sqlite.Inspect(t, s)
				_ = s.Close()
			})
			return s
		}
		s := open()
		return s, func() followtest.Home { return s }
	})
}
