package dynamodb

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/auditlog"
	"github.com/canteen-chat/canteen/dynamodb/connected"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// Options configure a store. Client and Log are required.
type Options struct {
	Client   *dynamodb.Client
	Prefix   string // of the table names
	Log      *slog.Logger
	Patience time.Duration // how long a command is retried; 0 means 3 s
	Clock    chat.Clock    // for expiry times; nil means the system's clock
}

// Store is a [chat.Store], [chat.TicketStore] and [connection.Store]. It is safe for concurrent use.
type Store struct {
	auditlog.Log
	connected.Connections
	db    *table.DB
	log   *slog.Logger
	clock chat.Clock

	locks roomLocks

	mu          sync.Mutex
	audience    map[string]roomAudience // cached members of rooms, by version
	people      directory               // the cached directory, by version
	writtenUses map[table.Key]bool      // emoji uses that this process has written
}

// Open makes a store on existing tables. It does no I/O.
func Open(o Options) *Store {
	s := &Store{
		db: table.Open(table.Options{
			Client: o.Client, Prefix: o.Prefix, Log: o.Log, Patience: o.Patience,
			Cached: func(k table.Key) bool { return k.Table == rooms && k.SK == roomSK },
			Final:  func(k table.Key) bool { return k.Table == idempotency },
		}),
		log: o.Log, clock: o.Clock, audience: map[string]roomAudience{}, writtenUses: map[table.Key]bool{},
		locks: roomLocks{open: map[string]*roomLock{}},
	}
	s.Log, s.Connections = auditlog.Log{DB: s.db}, connected.Connections{DB: s.db}
	if s.clock == nil {
		s.clock = time.Now
	}
	return s
}

// Ready implements chat.WorkspaceStore. It reads one item.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.db.Get(ctx, []table.Key{table.NewKey(limits, "ready", "-")})
	return err
}
