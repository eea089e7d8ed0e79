package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wal"
)

// tx is the execution of one command: the connection in its transaction, and the events to announce after the commit.
type tx struct {
	Conn          *conn
	store         *Store
	savepoint     bool // runs in its own savepoint, because the first attempt at its batch failed
	announcements []chat.Announcement
	cachedRooms   []string       // rooms whose members it put into the cache
	audit         *audit.Pending // the row of the audit log that it leaves; nil for none
}

// command is a queued function with its result.
type command struct {
	ctx  context.Context
	run  func(*tx) error
	err  error
	done chan struct{}
}

// write runs f as one command. Without an error, the command is durable and announced when write returns; otherwise it was rolled
// back. There is one exception: when ctx ends while the command is queued or running, write returns and the command may still be
// committed.
func write[T any](ctx context.Context, s *Store, f func(*tx) (T, error)) (T, error) {
	var out T
	c := &command{ctx: ctx, done: make(chan struct{}), run: func(t *tx) (err error) {
		out, err = f(t)
		return err
	}}
	if err := s.enqueue(ctx, c); err != nil {
		return *new(T), err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		return *new(T), ctx.Err()
	}
	if c.err != nil {
		return *new(T), c.err
	}
	return out, nil
}

// do is write for a command without a result.
func do(ctx context.Context, s *Store, f func(*tx) error) error {
	_, err := write(ctx, s, func(t *tx) (struct{}, error) { return struct{}{}, f(t) })
	return err
}

// requireRow runs a statement with a RETURNING clause. It returns NotFound when the statement changed no row.
func (t *tx) requireRow(query string, args ...any) error {
	_, err := found(row(t.Conn, text, query, args...))
	return err
}

func (s *Store) enqueue(ctx context.Context, c *command) error {
	s.closeMu.RLock()
	defer s.closeMu.RUnlock()
	if s.closed {
		return chat.ErrUnavailable(errors.New("the store is closed"))
	}
	select {
	case s.queue <- c:
		return nil
	default:
	}
	wait := time.NewTimer(queueWait)
	defer wait.Stop()
	select {
	case s.queue <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return chat.ErrUnavailable(errors.New("the write queue is full"))
	}
}

// write is the main loop of the writer goroutine.
func (s *Store) write() {
	defer close(s.done)
	defer s.erase.Stop()
	for {
		c, ok := s.next()
		if !ok {
			s.logged(wal.BeforeEmptying)() // Close empties the log
			return
		}
		batch := []*command{c}
		runtime.Gosched() // lets goroutines that are about to enqueue share this commit
	gather:
		for len(batch) < batchSize {
			select {
			case c, ok := <-s.queue:
				if !ok {
					break gather
				}
				batch = append(batch, c)
			default:
				break gather
			}
		}
		announcements, err := s.commit(batch)
		if err != nil {
			s.log.Error("commit failed; the whole batch was rolled back", "commands", len(batch), "error", err)
			s.cache = map[string][]string{}
		} else if len(announcements) > 0 {
			s.feed(announcements)
		}
		at := wal.AfterCommit
		if err != nil {
			at = wal.AfterFailure
		}
		read := s.logged(at)
		for _, c := range batch {
			if err != nil {
				c.err = chat.ErrUnavailable(err)
			}
			close(c.done)
		}
		read()
	}
}

// next gives the next command; ok is false once the queue is closed and empty. While there is none, it empties the log when that is due.
func (s *Store) next() (c *command, ok bool) {
	for {
		select {
		case c, ok = <-s.queue:
			return c, ok
		case <-s.erase.C:
			s.emptyLog()
		}
	}
}

// erases is for commands that delete text. The database file loses it at the next checkpoint (secure_delete); the write-ahead log
// would keep it until it is overwritten.
func (t *tx) erases() {
	if !t.store.erasing {
		t.store.erasing = true
		t.store.erase.Reset(t.store.within)
	}
}

// emptyLog writes the write-ahead log into the database file and truncates it. While a read still needs the log, it tries again later.
func (s *Store) emptyLog() {
	s.logged(wal.BeforeEmptying)()
	s.conn.SetBusyTimeout(0) // commands must not wait for a read
	busy, _, err := row(s.conn, integer, "PRAGMA wal_checkpoint(TRUNCATE)")
	s.conn.SetBusyTimeout(busyTimeout)
	if err != nil && sqlite.ErrCode(err).ToPrimary() != sqlite.ResultBusy && sqlite.ErrCode(err).ToPrimary() != sqlite.ResultLocked {
		s.log.Error("deleted text is still in the write-ahead log", "error", err)
	}
	if s.erasing = err != nil || busy != 0; s.erasing {
		s.erase.Reset(eraseRetry)
	}
}

// commit runs a batch in one transaction. Commands seldom fail here, since package chat has checked them before. So the first attempt
// uses no savepoints, which would take a third of the writer's time. If a command fails, the batch is rolled back and run again with
// a savepoint for each command.
func (s *Store) commit(batch []*command) ([]chat.Announcement, error) {
	began := time.Now()
	announcements, synced, err := s.attempt(batch, false)
	if errors.Is(err, errRetry) {
		announcements, synced, err = s.attempt(batch, true)
	}
	s.observe(Committed{len(batch), time.Since(began), synced, err})
	if err != nil || s.conn.changes.effects&(onSecrets|onRooms) != 0 {
		clear(s.verified)
	}
	s.access.apply(&s.conn.changes, err != nil)
	return announcements, err
}

// errRetry rolls back an attempt without savepoints and makes commit try again with them.
var errRetry = errors.New("a command failed")

// attempt runs a batch once. With savepoints, a command that fails is rolled back alone and keeps its error. synced is the time of COMMIT.
func (s *Store) attempt(batch []*command, savepoints bool) (announcements []chat.Announcement, synced time.Duration, err error) {
	s.conn.changes = changes{}
	end, err := sqlitex.ImmediateTransaction(s.conn.Conn)
	if err != nil {
		return nil, 0, err
	}
	defer func() {
		began := time.Now()
		end(&err)
		synced = time.Since(began)
	}()
	for _, c := range batch {
		if c.err = c.ctx.Err(); c.err != nil {
			continue
		}
		t := &tx{Conn: s.conn, store: s, savepoint: savepoints}
		if savepoints {
			c.err = s.runInSavepoint(t, c)
		} else {
			c.err = run(t, c)
		}
		switch {
		case c.err == nil:
			announcements = append(announcements, t.announcements...)
		case s.conn.AutocommitEnabled(): // SQLite rolled back the whole transaction (disk full, I/O error)
			return nil, 0, c.err
		case !savepoints:
			s.cache = map[string][]string{}
			return nil, 0, errRetry
		default:
			c.err = mapError(c.err)
		}
	}
	return announcements, 0, nil
}

// runInSavepoint runs a command in a savepoint and rolls the savepoint back if the command fails.
func (s *Store) runInSavepoint(t *tx, c *command) error {
	if err := exec(s.conn, "SAVEPOINT command"); err != nil {
		return err
	}
	before := s.conn.changes
	err := run(t, c)
	if err != nil {
		s.conn.changes.counters, s.conn.changes.touched = before.counters, before.touched // these changes were rolled back
		for _, room := range t.cachedRooms {
			delete(s.cache, room)
		}
		if !s.conn.AutocommitEnabled() {
			err = errors.Join(err, exec(s.conn, "ROLLBACK TO command"))
		}
	}
	if !s.conn.AutocommitEnabled() {
		err = errors.Join(err, exec(s.conn, "RELEASE command"))
	}
	return err
}

// run runs a command. It turns a panic into the command's error, so that the writer goes on with the other commands.
func run(t *tx, c *command) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("command panicked: %v\n%s", p, debug.Stack())
		}
	}()
	if err := c.run(t); err != nil {
		return err
	}
	if err := t.enterAudit(); err != nil {
		return err
	}
	return t.resolve(c.ctx)
}

// mapError returns errors of the chat.Store contract as they are and turns storage errors into Unavailable.
func mapError(err error) error {
	if errors.Is(err, chat.ErrStale) {
		return chat.ErrStale
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return e
	}
	if sqlite.ErrCode(err) == sqlite.ResultConstraintForeignKey { // a row refers to one that does not exist
		return chat.ErrNotFound()
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultFull, sqlite.ResultIOErr, sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultReadOnly, sqlite.ResultCantOpen:
		return chat.ErrUnavailable(err)
	}
	return err
}

// read runs f on a reader connection, in one snapshot.
func read[T any](ctx context.Context, s *Store, f func(*conn) (T, error)) (out T, err error) {
	var c *conn
	select {
	case c = <-s.pool:
	case <-ctx.Done():
		return out, ctx.Err()
	}
	if c == nil {
		return out, chat.ErrUnavailable(errors.New("the store is closed"))
	}
	done := c.interruptOn(ctx)
	defer func() {
		done() // first, since the ROLLBACK must not be interrupted
		if !c.AutocommitEnabled() {
			err = errors.Join(err, exec(c, "ROLLBACK"))
		}
		s.pool <- c
	}()
	if err := exec(c, "BEGIN"); err != nil {
		if ctx.Err() != nil { // BEGIN was interrupted
			err = ctx.Err()
		}
		return out, mapError(err)
	}
	if out, err = f(c); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return *new(T), mapError(err)
	}
	return out, nil
}
