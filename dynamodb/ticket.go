package dynamodb

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// ticket is the item of a ticket. Its key holds the hash of its secret.
type ticket struct {
	User      string `dynamodbav:"user"`
	SessionID string `dynamodbav:"session,omitempty"`
	TokenID   string `dynamodbav:"token,omitempty"`
	ExpiresAt int64  `dynamodbav:"expires_at"`
	TTL       int64  `dynamodbav:"ttl"`
}

func ticketKey(h chat.SecretHash) table.Key {
	return table.NewKey(limits, "ticket#"+hex.EncodeToString(h[:]), "-")
}

// AddTicket implements chat.TicketStore.
func (s *Store) AddTicket(ctx context.Context, t chat.Ticket, h chat.SecretHash) error {
	return do(ctx, s, func(tx *tx) error {
		return tx.Put(ticketKey(h), ticket{
			User: t.User, SessionID: t.SessionID, TokenID: t.TokenID, ExpiresAt: table.Millis(t.ExpiresAt), TTL: table.Seconds(t.ExpiresAt) + 1,
		})
	})
}

// TakeTicket implements chat.TicketStore.
func (s *Store) TakeTicket(ctx context.Context, h chat.SecretHash, now time.Time) (chat.Ticket, error) {
	return write(ctx, s, func(t *tx) (chat.Ticket, error) {
		k, err := loadItem[ticket](t, ticketKey(h))
		if err == nil && k.ExpiresAt <= table.Millis(now) {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return chat.Ticket{}, err
		}
		t.Remove(ticketKey(h))
		return chat.Ticket{User: k.User, SessionID: k.SessionID, TokenID: k.TokenID, ExpiresAt: table.At(k.ExpiresAt)}, nil
	})
}
