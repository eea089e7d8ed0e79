package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/dynamodb/connected"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// The tables, named by what they hold. Each has the keys pk and sk; those whose items expire also have the attribute ttl.
const (
	rooms       = "rooms"
	members     = "members"
	messages    = "messages"
	users       = "users"
	sessions    = "sessions"
	tokens      = "tokens"
	invites     = "invites"
	limits      = "limits"
	idempotency = "idempotency"
	connections = connected.Table
	unique      = "unique"
)

// Schema lists all tables. The CloudFormation template creates the same ones.
func Schema() []table.Spec {
	return []table.Spec{
		{Name: rooms}, {Name: members}, {Name: messages, TTL: true, Stream: true}, {Name: users, TTL: true}, {Name: sessions, TTL: true},
		{Name: tokens}, {Name: invites, TTL: true}, {Name: limits, TTL: true}, {Name: idempotency}, {Name: unique},
		{Name: connections, TTL: true, Indexes: []table.Index{{Name: connected.ByShard, Hash: "shard"}, {Name: connected.ByOpen, Hash: "room"}}},
	}
}

// CreateTables creates the tables that do not exist, for tests and emulators. On AWS the template creates them.
func (s *Store) CreateTables(ctx context.Context) error { return s.db.Create(ctx, Schema()) }
