package dynamodb

import (
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/limit"
)

// NewLimiter makes a [chat.Limiter], which counts in the store what all processes count together, and the rest by fast.
func NewLimiter(s *Store, clock chat.Clock, fast chat.Limiter) chat.Limiter {
	return limit.New(s.db, clock, fast)
}
