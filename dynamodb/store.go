package dynamodb

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/canteen-chat/canteen/chat"
)

const (
	defaultPatience = 3 * time.Second // how long a command is retried
	maxBackoff      = 400 * time.Millisecond
	maxHints        = 1000 // rooms in the cache
)

// Options configure a store. Client and Log are required.
type Options struct {
	Client   *dynamodb.Client
	Prefix   string // of the table names
	Log      *slog.Logger
	Patience time.Duration // how long a command is retried; 0 means 3 s
	Clock    chat.Clock    // for expiry times; nil means the system's clock
}

// Store is a [chat.Store], [chat.TicketStore] and [chat.ConnectionStore]. It is safe for concurrent use.
type Store struct {
	db       *dynamodb.Client
	prefix   string
	log      *slog.Logger
	patience time.Duration
	clock    chat.Clock

	locks roomLocks

	mu          sync.Mutex
	hints       map[key]item            // cached rooms: a command starts with them, and runs again if they are out of date
	audience    map[string]roomAudience // cached members of rooms, by version
	people      directory               // the cached directory, by version
	writtenUses map[key]bool            // emoji uses that this process has written
}

// Open makes a store on existing tables. It does no I/O.
func Open(o Options) *Store {
	s := &Store{
		db: o.Client, prefix: o.Prefix, log: o.Log, patience: o.Patience, clock: o.Clock, hints: map[key]item{},
		audience: map[string]roomAudience{}, writtenUses: map[key]bool{}, locks: roomLocks{open: map[string]*roomLock{}},
	}
	if s.patience == 0 {
		s.patience = defaultPatience
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	return s
}

func (s *Store) table(name string) string { return s.prefix + name }

// Ready implements chat.WorkspaceStore. It reads one item.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.get(ctx, []key{{limits, "ready", "-"}})
	return err
}

// hint returns the cached item of a room.
func (s *Store) hint(k key) (item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.hints[k]
	return i, ok
}

func (s *Store) setHint(k key, i item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.hints) >= maxHints {
		clear(s.hints)
	}
	if i == nil {
		delete(s.hints, k)
		return
	}
	s.hints[k] = i
}
