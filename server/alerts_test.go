package server

import (
	"log/slog"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestAlertsNeverBlock: the commit that announces a message does not wait for the decision whom earlier ones alert.
func TestAlertsNeverBlock(t *testing.T) {
	a, heard := &alerts{log: slog.New(slog.DiscardHandler), posted: make(chan chat.Message, waitingAlerts)}, make(chan bool)
	go func() {
		for range waitingAlerts + 1 {
			a.heard([]chat.Announcement{{Event: chat.MessageChanged{Posted: true}}})
		}
		close(heard)
	}()
	select {
	case <-heard:
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
	if len(a.posted) != waitingAlerts {
		t.Errorf("%d messages wait", len(a.posted))
	}
}
