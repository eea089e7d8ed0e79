package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/canteen-chat/canteen/wire"
)

// GiveFeedback posts into the room that the administrators chose for feedback. With a ClientID it can be repeated. Errors: Conflict while
// there is no such room, or it is archived.
func (c *Client) GiveFeedback(ctx context.Context, b wire.NewFeedback) (wire.GivenFeedback, error) {
	return call[wire.GivenFeedback](ctx, c, http.MethodPost, "/feedback", b)
}

// Feedback returns a page of the feedback that people gave, for owners and admins. cursor is the Next of the page before, or "".
func (c *Client) Feedback(ctx context.Context, cursor string) (wire.FeedbackList, error) {
	return call[wire.FeedbackList](ctx, c, http.MethodGet, "/feedback"+after(cursor), nil)
}

// MyFeedback returns a page of the feedback that the user gave, with the replies to it.
func (c *Client) MyFeedback(ctx context.Context, cursor string) (wire.FeedbackList, error) {
	return call[wire.FeedbackList](ctx, c, http.MethodGet, "/me/feedback"+after(cursor), nil)
}

// after is the query for the page after a cursor; "" for the first page.
func after(cursor string) string {
	if cursor == "" {
		return ""
	}
	return "?" + url.Values{"cursor": {cursor}}.Encode()
}
