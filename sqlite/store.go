package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
)

const (
	readers   = 6
	queueSize = 1024             // commands that may wait for the writer
	batchSize = 256              // commands of one commit
	patience  = 3 * time.Second  // how long a command waits for a place in the queue
	busy      = 10 * time.Second // another process (a backup) may hold the file so long
)

// Store is a chat.Store on one file.
type Store struct {
	pool   *sqlitex.Pool
	conn   *sqlite.Conn // the writer's
	feed   chat.Feed
	log    *slog.Logger
	queue  chan *command
	done   chan struct{}
	closed sync.RWMutex // held for writing by Close alone
	over   bool
	cache  map[string][]string // members' ids by room; the writer's
}

// Options are what a store needs besides its file.
type Options struct {
	Feed chat.Feed // may be nil
	Log  *slog.Logger
}

// Open opens the database at path, making or migrating it. It refuses a file that is not Canteen's or is newer than this
// program.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate) // without OpenWAL, which would write to a file that is not ours
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	done, names, err := schema(conn)
	if err == nil {
		err = prepare(conn)
	}
	if err == nil {
		err = migrate(ctx, conn, names, done)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), conn.Close())
	}
	pool, err := sqlitex.NewPool(path, sqlitex.PoolOptions{
		Flags: sqlite.OpenReadWrite | sqlite.OpenWAL, PoolSize: readers,
		PrepareConn: func(c *sqlite.Conn) error {
			return errors.Join(prepare(c), sqlitex.ExecuteTransient(c, "PRAGMA query_only = ON", nil))
		},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), conn.Close())
	}
	if o.Feed == nil {
		o.Feed = func([]chat.Announcement) {}
	}
	s := &Store{
		pool: pool, conn: conn, feed: o.Feed, log: o.Log,
		queue: make(chan *command, queueSize), done: make(chan struct{}), cache: map[string][]string{},
	}
	go s.write()
	return s, nil
}

// prepare sets what every connection needs. SQLite keeps these per connection.
func prepare(c *sqlite.Conn) error {
	c.SetBusyTimeout(busy)
	for _, pragma := range []string{
		"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF",
		"PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -8192", "PRAGMA journal_size_limit = 67108864",
	} {
		if err := sqlitex.ExecuteTransient(c, pragma, nil); err != nil {
			return fmt.Errorf("%s: %w", pragma, err)
		}
	}
	return nil
}

// Close finishes the commands that were taken, and closes the file.
func (s *Store) Close() error {
	s.closed.Lock()
	if s.over {
		s.closed.Unlock()
		return nil
	}
	s.over = true
	close(s.queue)
	s.closed.Unlock()
	<-s.done
	return errors.Join(s.pool.Close(), sqlitex.ExecuteTransient(s.conn, "PRAGMA wal_checkpoint(TRUNCATE)", nil), s.conn.Close())
}

// Ready implements chat.WorkspaceStore: a reader can read and the writer can commit something, on the disk too.
func (s *Store) Ready(ctx context.Context) error {
	version, err := read(ctx, s, func(c *sqlite.Conn) (int64, error) {
		v, _, err := row(c, integer, "PRAGMA user_version")
		return v, err
	})
	if err != nil {
		return err
	}
	return do(ctx, s, func(t *tx) error { // the same number again: a page is written, nothing changes
		return exec(t.Conn, fmt.Sprintf("PRAGMA user_version = %d", version))
	})
}
