package sqlite_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T, feed canteen.Feed) storetest.Opened {
		s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "canteen.db"), sqlite.Options{Feed: feed, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Opened{Store: s, Close: func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}}
	})
}
