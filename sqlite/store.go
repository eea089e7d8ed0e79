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
	pool   chan *conn // the readers that are free; closed by Close
	conn   *conn      // the writer's
	feed   chat.Feed
	log    *slog.Logger
	queue  chan *command
	done   chan struct{}
	closed sync.RWMutex // held for writing by Close alone
	over   bool
	cache  map[string][]string // members' ids by room; the writer's
	held   map[any]bool        // facts that hold (see tx.still); the writer's
	access access
}

// Options are what a store needs besides its file.
type Options struct {
	Feed chat.Feed // may be nil
	Log  *slog.Logger
}

// Open opens the database at path, making or migrating it. It refuses a file that is not Canteen's or is newer than this
// program.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate) // without OpenWAL, which would write to a file that is not ours
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	writer := newConn(c)
	done, names, err := schema(writer)
	if err == nil {
		err = prepare(c)
	}
	if err == nil {
		err = migrate(ctx, writer, names, done)
	}
	if err == nil {
		err = writer.watch()
	}
	pool := make(chan *conn, readers)
	for range readers {
		var r *conn
		if err == nil {
			r, err = openReader(path)
		}
		if err == nil {
			pool <- r
		}
	}
	if err != nil {
		close(pool)
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), closeAll(pool), c.Close())
	}
	if o.Feed == nil {
		o.Feed = func([]chat.Announcement) {}
	}
	s := &Store{
		pool: pool, conn: writer, feed: o.Feed, log: o.Log,
		queue: make(chan *command, queueSize), done: make(chan struct{}), cache: map[string][]string{}, held: map[any]bool{},
	}
	go s.write()
	return s, nil
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
	idle := make(chan *conn, readers)
	for range readers {
		idle <- <-s.pool // once it is not in use any more
	}
	close(s.pool)
	close(idle)
	return errors.Join(closeAll(idle), sqlitex.ExecuteTransient(s.conn.Conn, "PRAGMA wal_checkpoint(TRUNCATE)", nil), s.conn.Close())
}

func closeAll(cs <-chan *conn) (err error) {
	for c := range cs {
		err = errors.Join(err, c.Close())
	}
	return err
}

// Ready implements chat.WorkspaceStore: a reader can read and the writer can commit something, on the disk too.
func (s *Store) Ready(ctx context.Context) error {
	version, err := read(ctx, s, func(c *conn) (int64, error) {
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
