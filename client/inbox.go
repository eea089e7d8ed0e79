package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

// InboxPage selects a page of the inbox.
type InboxPage struct {
	Filter string // all, unread, mentions or reactions; empty: all
	Cursor string // Next of the page before; empty: the newest
	Limit  int    // 0: the server's default
}

// Inbox returns what concerns the user, newest first.
func (c *Client) Inbox(ctx context.Context, p InboxPage) (wire.Inbox, error) {
	q := url.Values{}
	if p.Filter != "" {
		q.Set("filter", p.Filter)
	}
	if p.Cursor != "" {
		q.Set("cursor", p.Cursor)
	}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	return call[wire.Inbox](ctx, c, http.MethodGet, "/inbox?"+q.Encode(), nil)
}

// ClearInbox hides an entry of the inbox until there is something newer about it.
func (c *Client) ClearInbox(ctx context.Context, key string) error {
	return c.Do(ctx, http.MethodPut, "/inbox/cleared", wire.ClearInbox{Key: key}, nil)
}

// ClearInboxUntil hides an entry of the inbox, as of the time at which it was shown: what is newer about it stays.
func (c *Client) ClearInboxUntil(ctx context.Context, key string, at time.Time) error {
	return c.Do(ctx, http.MethodPut, "/inbox/cleared", wire.ClearInbox{Key: key, Before: &wire.Time{Time: at}}, nil)
}

// ClearInboxBefore hides all entries of the inbox that are not newer than this.
func (c *Client) ClearInboxBefore(ctx context.Context, before time.Time) error {
	return c.Do(ctx, http.MethodPut, "/inbox/cleared", wire.ClearInbox{Before: &wire.Time{Time: before}}, nil)
}

// SeeInbox marks reactions up to this time as seen.
func (c *Client) SeeInbox(ctx context.Context, at time.Time) error {
	return c.Do(ctx, http.MethodPut, "/inbox/seen", wire.SeeInbox{At: wire.Time{Time: at}}, nil)
}
