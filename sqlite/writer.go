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

	"github.com/canteen-chat/canteen/chat"
)

// tx is one command at work: the connection within its transaction, and what it has to say once committed.
type tx struct {
	Conn    *conn
	store   *Store
	alone   bool // in a savepoint of its own: the command failed, or another of its batch did
	said    []chat.Announcement
	touched []string // rooms whose cached members it replaced
}

// command is a tx function in the queue.
type command struct {
	ctx  context.Context
	run  func(*tx) error
	err  error
	done chan struct{}
}

// write runs f as one command and returns once it is durable and announced, or nothing of it happened. When ctx ends while
// the command is under way the caller leaves, and the command may still happen.
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

// do is write for commands without a result.
func do(ctx context.Context, s *Store, f func(*tx) error) error {
	_, err := write(ctx, s, func(t *tx) (struct{}, error) { return struct{}{}, f(t) })
	return err
}

// one runs a statement that returns a row for what it changed: NotFound when there is none.
func (t *tx) one(query string, args ...any) error {
	_, err := found(row(t.Conn, text, query, args...))
	return err
}

func (s *Store) enqueue(ctx context.Context, c *command) error {
	s.closed.RLock()
	defer s.closed.RUnlock()
	if s.over {
		return chat.ErrUnavailable(errors.New("the store is closed"))
	}
	select {
	case s.queue <- c:
		return nil
	default:
	}
	wait := time.NewTimer(patience)
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

// write is the writer goroutine.
func (s *Store) write() {
	defer close(s.done)
	for c := range s.queue {
		batch := []*command{c}
		runtime.Gosched() // who is about to enqueue shares this commit
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
		said, err := s.commit(batch)
		if err != nil {
			s.log.Error("commit failed; nothing of it happened", "commands", len(batch), "error", err)
			s.cache = map[string][]string{}
		} else if len(said) > 0 {
			s.feed(said)
		}
		for _, c := range batch {
			if err != nil {
				c.err = chat.ErrUnavailable(err)
			}
			close(c.done)
		}
	}
}

// commit runs a batch in one transaction. Hardly any command fails here, since the rules have looked before: the first attempt
// does without savepoints, which cost a third of the writer's time. Where one fails after all, everything is undone and done
// again, each command in a savepoint of its own.
func (s *Store) commit(batch []*command) ([]chat.Announcement, error) {
	said, err := s.attempt(batch, false)
	if errors.Is(err, errAgain) {
		said, err = s.attempt(batch, true)
	}
	if err != nil || s.conn.changes.effects&(onSecrets|onRooms) != 0 {
		clear(s.held)
	}
	s.access.apply(&s.conn.changes, err != nil)
	return said, err
}

// errAgain undoes an attempt without savepoints.
var errAgain = errors.New("a command failed")

// attempt runs a batch once. Commands that fail in their savepoint are undone alone and keep their error.
func (s *Store) attempt(batch []*command, savepoints bool) (said []chat.Announcement, err error) {
	s.conn.changes = changes{}
	end, err := sqlitex.ImmediateTransaction(s.conn.Conn)
	if err != nil {
		return nil, err
	}
	defer end(&err)
	for _, c := range batch {
		if c.err = c.ctx.Err(); c.err != nil {
			continue
		}
		t := &tx{Conn: s.conn, store: s, alone: savepoints}
		if savepoints {
			c.err = s.apart(t, c)
		} else {
			c.err = run(t, c)
		}
		switch {
		case c.err == nil:
			said = append(said, t.said...)
		case s.conn.AutocommitEnabled(): // SQLite gave up the whole transaction (disk full, I/O error)
			return nil, c.err
		case !savepoints:
			s.cache = map[string][]string{}
			return nil, errAgain
		default:
			c.err = mapped(c.err)
		}
	}
	return said, nil
}

// apart runs a command in a savepoint.
func (s *Store) apart(t *tx, c *command) error {
	if err := exec(s.conn, "SAVEPOINT command"); err != nil {
		return err
	}
	before := s.conn.changes
	err := run(t, c)
	if err != nil {
		s.conn.changes.counters, s.conn.changes.touched = before.counters, before.touched // they did not happen
		for _, room := range t.touched {
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

// run runs a command; a panic is its error, since the one writer goes on for the others.
func run(t *tx, c *command) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("command panicked: %v\n%s", p, debug.Stack())
		}
	}()
	if err := c.run(t); err != nil {
		return err
	}
	return t.resolve(c.ctx)
}

// mapped leaves the errors of the contract as they are, and calls Unavailable what is the storage's.
func mapped(err error) error {
	if errors.Is(err, chat.ErrStale) {
		return chat.ErrStale
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return e
	}
	if sqlite.ErrCode(err) == sqlite.ResultConstraintForeignKey { // a row names what is not there
		return chat.ErrNotFound()
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultFull, sqlite.ResultIOErr, sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultReadOnly, sqlite.ResultCantOpen:
		return chat.ErrUnavailable(err)
	}
	return err
}

// read runs f on a connection of its own, in one snapshot.
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
	done := c.during(ctx)
	defer func() {
		done() // the snapshot is given up also when ctx has ended
		if !c.AutocommitEnabled() {
			err = errors.Join(err, exec(c, "ROLLBACK"))
		}
		s.pool <- c
	}()
	if err := exec(c, "BEGIN"); err != nil {
		if ctx.Err() != nil { // it interrupts what the connection does
			err = ctx.Err()
		}
		return out, mapped(err)
	}
	if out, err = f(c); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return *new(T), mapped(err)
	}
	return out, nil
}
