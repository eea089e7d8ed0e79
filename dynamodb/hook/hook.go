// Package hook is the item of an incoming webhook. All are in one partition, since few are made, and few ask for those of a room.
package hook

import (
	"cmp"
	"encoding/hex"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// In is the table, and PK the partition, of the items.
const (
	In = "tokens"
	PK = "hook"
)

// Key is the key of a hook.
func Key(id string) table.Key { return table.NewKey(In, PK, id) }

// Item is a hook. sk is its id, which is that of its bot.
type Item struct {
	ID        string `dynamodbav:"sk"`
	Room      string `dynamodbav:"room"`
	By        string `dynamodbav:"by"`
	Calls     bool   `dynamodbav:"calls,omitempty"`
	CreatedAt int64  `dynamodbav:"created_at"`
	UsedAt    *int64 `dynamodbav:"used_at,omitempty"`
	Epoch     int64  `dynamodbav:"epoch"`
	Secret    string `dynamodbav:"secret"` // its hash
}

// New is the item of a hook.
func New(h chat.Hook) Item {
	return Item{
		ID: h.ID, Room: h.Room, By: h.By, Calls: h.Calls, CreatedAt: table.Millis(h.CreatedAt), UsedAt: table.OptionalMillis(h.UsedAt),
		Epoch: h.Epoch, Secret: hex.EncodeToString(h.Secret[:]),
	}
}

// Hook is the hook with its bot. No secret has the hash of one that is damaged.
func (i Item) Hook(bot chat.User) chat.Hook {
	h := chat.Hook{
		ID: i.ID, Room: i.Room, By: i.By, Calls: i.Calls, CreatedAt: table.At(i.CreatedAt), UsedAt: table.OptionalAt(i.UsedAt),
		Epoch: i.Epoch, Bot: bot,
	}
	if b, err := hex.DecodeString(i.Secret); err == nil {
		copy(h.Secret[:], b)
	}
	return h
}

// Sort puts hooks into the order in which they were made.
func Sort(all []chat.Hook) {
	slices.SortFunc(all, func(a, b chat.Hook) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
}
