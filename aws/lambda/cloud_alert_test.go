package lambda_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/devices"
	amazon "github.com/canteen-chat/canteen/internal/hostile"
)

// TestCloudAlerts: whom new messages alert, and on which device, although the records of the stream come twice.
func TestCloudAlerts(t *testing.T) {
	s := newSky(t)
	s.each = 1 // other processes hear of a changed level within a minute
	c := s.cloud(t, amazon.Trouble{BatchTwice: 500, BatchLate: 100}, "off")
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	devices.Alerts(t, c, c.people, false)
}

// Screens implements devices.Screens.
func (c *cloud) Screens(handle string) (out []string) {
	all, err := c.store.ConnectionsOf(context.Background(), []string{c.person(handle).ID}, time.Now())
	if err != nil {
		return []string{err.Error()}
	}
	for _, one := range all {
		out = append(out, devices.Screen(one.Room, one.Thread, !one.Away))
	}
	slices.Sort(out)
	return out
}
