package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/canteen-chat/canteen/wire"
)

// SilenceAlarm keeps an alarm from being told until a time at most 30 days ahead, for owners and admins. Without Until, the silence ends.
// Errors: NotFound for an unknown alarm, and on AWS.
func (c *Client) SilenceAlarm(ctx context.Context, alarm string, b wire.SilenceAlarm) error {
	return c.Do(ctx, http.MethodPut, "/ops/silences/"+url.PathEscape(alarm), b, nil)
}

// TestAlarms sends a test by each way by which alarms are told, for owners and admins, and returns how that went.
func (c *Client) TestAlarms(ctx context.Context) (wire.TestedAlarms, error) {
	return call[wire.TestedAlarms](ctx, c, http.MethodPost, "/ops/test", nil)
}
