package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/canteen-chat/canteen/wire"
)

// Hooks returns the webhooks of a room, for those who manage it. Errors: Forbidden for others, Conflict for direct rooms.
func (c *Client) Hooks(ctx context.Context, room string) ([]wire.Hook, error) {
	out, err := call[wire.Hooks](ctx, c, http.MethodGet, hooks(room), nil)
	return out.Hooks, err
}

// MakeHook makes a webhook, for those who manage the room. No other answer has its address. Errors: Conflict in an archived room, and
// when the room has too many.
func (c *Client) MakeHook(ctx context.Context, room string, b wire.NewHookBody) (wire.MadeHook, error) {
	return call[wire.MadeHook](ctx, c, http.MethodPost, hooks(room), b)
}

// RevokeHook makes the address of a webhook good for nothing, for those who manage the room.
func (c *Client) RevokeHook(ctx context.Context, room, id string) error {
	return c.Do(ctx, http.MethodDelete, hooks(room)+"/"+id, nil, nil)
}

// TestHook posts an example by a webhook, for those who manage the room.
func (c *Client) TestHook(ctx context.Context, room, id string) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPost, hooks(room)+"/"+id+"/test", nil)
}

func hooks(room string) string { return "/rooms/" + url.PathEscape(room) + "/hooks" }
