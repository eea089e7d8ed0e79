package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/canteen-chat/canteen/wire"
)

// Bots returns the bots that somebody made: one's own, or for administrators all, or those of owner. It needs a session cookie. Errors:
// Forbidden with a token, and for others who name somebody else.
func (c *Client) Bots(ctx context.Context, owner string) ([]wire.User, error) {
	path := "/bots"
	if owner != "" {
		path += "?owner=" + url.QueryEscape(owner)
	}
	out, err := call[wire.Bots](ctx, c, http.MethodGet, path, nil)
	return out.Bots, err
}

// MakeBot makes a bot. It needs a session cookie. Errors: Forbidden for guests, Conflict when the handle is taken or there are too many.
func (c *Client) MakeBot(ctx context.Context, b wire.NewBotBody) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPost, "/bots", b)
}

// UpdateBot changes a bot, for its owner and for administrators. It needs a session cookie. Errors: NotFound for others, Conflict when the
// handle is taken or the bot cannot be active.
func (c *Client) UpdateBot(ctx context.Context, id string, b wire.UpdateBotBody) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPatch, "/bots/"+id, b)
}

// BotRooms returns the ids of the rooms that a bot is in, without direct ones, for its owner. It needs a session cookie.
func (c *Client) BotRooms(ctx context.Context, bot string) ([]string, error) {
	out, err := call[wire.BotRooms](ctx, c, http.MethodGet, "/bots/"+bot+"/rooms", nil)
	return out.Rooms, err
}

// BotTokens returns the tokens of a bot, for its owner. It needs a session cookie.
func (c *Client) BotTokens(ctx context.Context, bot string) ([]wire.Token, error) {
	out, err := call[wire.Tokens](ctx, c, http.MethodGet, "/bots/"+bot+"/tokens", nil)
	return out.Tokens, err
}

// AddBotToken makes a token of a bot, for its owner. Only this answer contains its secret. It needs a session cookie. Errors: Conflict
// when the bot is deactivated.
func (c *Client) AddBotToken(ctx context.Context, bot string, b wire.NewTokenBody) (wire.MadeToken, error) {
	return call[wire.MadeToken](ctx, c, http.MethodPost, "/bots/"+bot+"/tokens", b)
}

// EndBotToken revokes a token of a bot, for its owner. It needs a session cookie.
func (c *Client) EndBotToken(ctx context.Context, bot, id string) error {
	return c.Do(ctx, http.MethodDelete, "/bots/"+bot+"/tokens/"+id, nil, nil)
}
