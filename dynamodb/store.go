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
	defaultPatience = 3 * time.Second // how long a command is tried in the face of others
	maxBackoff      = 400 * time.Millisecond
	maxHints        = 1000 // rooms whose last known state is kept
)

// Options are what a store needs.
type Options struct {
	Client   *dynamodb.Client
	Prefix   string // of the tables' names
	Log      *slog.Logger
	Patience time.Duration // 3 s unless said
	Clock    chat.Clock    // says when what expires does; the system's unless said
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
	hints       map[key]item            // rooms as last seen: a command begins with them, and is done again where they are old
	audience    map[string]roomAudience // members of rooms, by version
	people      directory               // the directory, by version
	writtenUses map[key]bool            // uses of emoji that this process wrote
}

// Open makes a store on tables that are there. It asks nothing of the network.
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

// Ready implements chat.WorkspaceStore: it reads and writes.
func (s *Store) Ready(ctx context.Context) error {
	_, err := write(ctx, s, func(t *tx) (struct{}, error) {
		k := key{limits, "ready", "-"}
		was, err := t.load(k)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, t.put(k, struct {
			TTL int64 `dynamodbav:"ttl"`
		}{was.integer("ttl") + 1})
	})
	return err
}

// hint is the room's item as last seen by this process, if at all.
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
