package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wal"
)

const (
	readers     = 6                // connections for reading
	queueSize   = 1024             // capacity of the writer's queue
	batchSize   = 256              // most commands in one commit
	queueWait   = 3 * time.Second  // longest wait for a place in the queue
	busyTimeout = 10 * time.Second // longest wait for a lock that another process (a backup) holds on the file
	eraseWithin = time.Minute
	eraseRetry  = time.Second // until the next attempt to empty the write-ahead log, when a read still needs it
)

// Store is a chat.Store in one SQLite file.
type Store struct {
	pool     chan *conn // idle reader connections; Close closes the channel
	conn     *conn      // the writer's connection
	feed     chat.Feed
	log      *slog.Logger
	queue    chan *command
	done     chan struct{}
	closeMu  sync.RWMutex // guards closed; only Close locks it for writing
	closed   bool
	cache    map[string][]string // member ids by room; only the writer uses it
	verified map[any]bool        // facts found true (see tx.checkFact); only the writer uses it
	access   access
	probed   atomic.Pointer[error] // the result of the last Probe
	erase    *time.Timer           // runs while the write-ahead log may hold deleted text; only the writer uses it
	erasing  bool                  // erase runs
	within   time.Duration         // Options.EraseWithin
	observe  func(Committed)
	logged   func(wal.Moment) (read func())
}

// Committed says what became of a batch of commands.
type Committed struct {
	Commands int
	Took     time.Duration // from the first command until the end of the transaction
	Synced   time.Duration // COMMIT alone: the write into the write-ahead log and its fsync
	Err      error         // the whole batch was rolled back
}

// Options are the dependencies of a store.
type Options struct {
	Feed        chat.Feed // may be nil
	Log         *slog.Logger
	EraseWithin time.Duration // how long deleted text may stay in the write-ahead log; 0: a minute

	// Observe is told of each batch, from the writer's goroutine. It must not block. It may be nil.
	Observe func(Committed)

	// Logged is called at each Moment, in the writer's goroutine. After a batch that is before its commands are acknowledged; the writer
	// calls read after that, and before the next batch. A Tail is read in it. It may be nil.
	Logged func(wal.Moment) (read func())
}

// Open opens the database at path, and creates or migrates it if necessary. It refuses a file that another program made or that
// a newer Canteen wrote. If a migration fails, the database stays as it was. Before a migration it keeps a copy (see KeptCopies).
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate) // OpenWAL would write to the file before schema has checked it
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	writer := newConn(c)
	done, names, err := schema(writer)
	if err == nil {
		err = prepare(c)
	}
	if err == nil {
		err = pragma(c, fmt.Sprintf("wal_autocheckpoint = %d", wal.CheckpointAt))
	}
	if err == nil {
		err = upgrade(ctx, path, writer, names, done)
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
	if o.EraseWithin == 0 {
		o.EraseWithin = eraseWithin
	}
	if o.Logged == nil {
		o.Logged = func(wal.Moment) func() { return func() {} }
	}
	if o.Observe == nil {
		o.Observe = func(Committed) {}
	}
	s := &Store{
		observe: o.Observe, logged: o.Logged,
		erase: time.NewTimer(o.EraseWithin), erasing: true, within: o.EraseWithin, // the log may hold what an earlier process deleted
		pool: pool, conn: writer, feed: o.Feed, log: o.Log,
		queue: make(chan *command, queueSize), done: make(chan struct{}), cache: map[string][]string{}, verified: map[any]bool{},
	}
	go s.write()
	return s, nil
}

// Close runs the commands in the queue, waits for the reads in progress, and closes the file. Later calls return nil.
func (s *Store) Close() error {
	s.closeMu.Lock()
	if s.closed {
		s.closeMu.Unlock()
		return nil
	}
	s.closed = true
	close(s.queue)
	s.closeMu.Unlock()
	<-s.done
	idle := make(chan *conn, readers)
	for range readers {
		idle <- <-s.pool // waits until the read on it has ended
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

// Waiting is how many commands wait for a transaction.
func (s *Store) Waiting() int { return len(s.queue) }

// FileBytes is the size of all files that people uploaded.
func (s *Store) FileBytes(ctx context.Context) (int64, error) {
	return read(ctx, s, func(c *conn) (int64, error) {
		n, _, err := row(c, integer, "SELECT coalesce(sum(json_extract(info, '$.size')), 0) FROM file WHERE state IN ('ready', 'attached')")
		return n, err
	})
}

// Schema is the number of the last migration.
func (s *Store) Schema(ctx context.Context) (int, error) {
	v, err := s.version(ctx)
	return int(v), err
}

// Ready implements chat.WorkspaceStore. It checks that a reader can read, and returns the error of the last Probe.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.version(ctx)
	if probed := s.probed.Load(); err == nil && probed != nil {
		err = *probed
	}
	return err
}

// Probe checks that the writer can commit to the disk. Ready returns its error until the next Probe.
func (s *Store) Probe(ctx context.Context) error { return s.probe(ctx, func(*tx) {}) }

// AnnounceProbe is Probe with an event that only the connections of user hear. It takes the way of all events. The user exists for one
// probe and is in no table, and neither is the room of the event, which has the same id.
func (s *Store) AnnounceProbe(ctx context.Context, user string) error {
	return s.probe(ctx, func(t *tx) { t.announce(chat.RoomLeft{User: user, Room: user}) })
}

func (s *Store) probe(ctx context.Context, announce func(*tx)) error {
	version, err := s.version(ctx)
	if err == nil {
		err = do(ctx, s, func(t *tx) error { // writes a page although the value stays the same
			announce(t)
			return exec(t.Conn, fmt.Sprintf("PRAGMA user_version = %d", version))
		})
	}
	s.probed.Store(&err)
	return err
}

func (s *Store) version(ctx context.Context) (int64, error) {
	return read(ctx, s, func(c *conn) (int64, error) {
		v, _, err := row(c, integer, "PRAGMA user_version")
		return v, err
	})
}
