package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/aws/apigateway"
	"github.com/canteen-chat/canteen/aws/lambda"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/ses"
)

// digests sends the digests that are due, by SES. It is nil without an address that they come from.
func (c config) digests(store *dynamodb.Store, metrics *lambda.Metrics, log *slog.Logger) (func(context.Context) error, error) {
	if c.mailFrom == "" {
		return nil, nil
	}
	from, err := mail.ParseAddress(c.mailFrom)
	if err != nil {
		return nil, fmt.Errorf("CANTEEN_MAIL_FROM %w", err)
	}
	from.Name = cmp.Or(from.Name, "Canteen")
	clock := chat.Clock(time.Now)
	unread := digest.Unread{Store: store, Inbox: &attention.Inboxes{Store: store, Clock: clock}}
	return digest.New(digest.Options{
		Store: store, Reader: unread, From: from, URL: c.url.String(), Count: metrics.Mail, Clock: clock, Log: log,
		Mailer: ses.New(ses.Options{Region: c.region, Suffix: c.suffix, Endpoint: c.endpoint, Credentials: c, Clock: time.Now}),
		Active: func(ctx context.Context, user string) (bool, error) {
			cs, err := store.ConnectionsOf(ctx, []string{user}, clock.Time())
			return apigateway.Active(cs, clock.Time()), err
		},
	}).Run, nil
}
