package dynamodb

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/dynamodb/table"
)

// alertedLife is how long it is kept that a message has alerted people: longer than the stream keeps a record.
const alertedLife = 2 * 24 * time.Hour

// alerted says that the alerts of a message were sent, or are about to be.
type alerted struct {
	TTL int64 `dynamodbav:"ttl"`
}

func alertedKey(room string, seq int64) table.Key {
	return table.NewKey(connections, "alerted#"+room, table.Ordinal(seq))
}

// ClaimAlerts lets its caller send the alerts of a message. It answers true once for each message, in whichever process: a record that
// comes again alerts nobody.
func (s *Store) ClaimAlerts(ctx context.Context, room string, seq int64) (bool, error) {
	k := alertedKey(room, seq)
	return write(ctx, s, func(t *tx) (bool, error) {
		if t.Returned[k] != nil { // the first attempt was refused because of it
			return false, nil
		}
		return true, t.Put(k, alerted{table.Seconds(s.clock().Add(alertedLife))})
	})
}
