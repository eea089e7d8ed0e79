package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// conn is a connection with its prepared statements. One goroutine uses it at a time.
type conn struct {
	*sqlite.Conn
	prepared map[string]prepared
	stop     chan struct{} // readers only: closing it interrupts the running statement

	preparing effect  // writer only: effect of the statement that is being prepared
	changes   changes // writer only: changes made by the current batch
}

type prepared struct {
	*sqlite.Stmt
	effect effect
}

func newConn(c *sqlite.Conn) *conn { return &conn{Conn: c, prepared: map[string]prepared{}} }

// watch installs an authorizer that records the effect on access of each statement prepared later.
func (c *conn) watch() error {
	return c.SetAuthorizer(sqlite.AuthorizeFunc(func(a sqlite.Action) sqlite.AuthResult {
		c.preparing |= effectOf(a)
		return sqlite.AuthResultOK
	}))
}

// openReader opens a connection that cannot change data. Readers never checkpoint: in SQLite before 3.51.3, two checkpoints at the
// same time could corrupt the file (WAL reset), and only the writer knows when a checkpoint is due.
func openReader(path string) (*conn, error) {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenWAL)
	if err != nil {
		return nil, err
	}
	err = errors.Join(prepare(c), pragma(c, "query_only = ON"), pragma(c, "wal_autocheckpoint = 0"))
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	r := newConn(c)
	r.resetInterrupt()
	return r, nil
}

// prepare applies the settings that SQLite keeps per connection.
func prepare(c *sqlite.Conn) error {
	c.SetBusyTimeout(busyTimeout)
	for _, set := range []string{
		"journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF", "temp_store = MEMORY",
		"cache_size = -8192",
		"journal_size_limit = 67108864", "secure_delete = ON", // secure_delete overwrites deleted text with zeros
	} {
		if err := pragma(c, set); err != nil {
			return err
		}
	}
	return nil
}

func pragma(c *sqlite.Conn, set string) error {
	if err := sqlitex.ExecuteTransient(c, "PRAGMA "+set, nil); err != nil {
		return fmt.Errorf("PRAGMA %s: %w", set, err)
	}
	return nil
}

// resetInterrupt gives a reader a new interrupt channel: when it is opened, and after each interrupt.
func (c *conn) resetInterrupt() {
	c.stop = make(chan struct{})
	c.SetInterrupt(c.stop)
}

// interruptOn interrupts the connection when ctx ends. The caller calls done after its last use of the connection.
func (c *conn) interruptOn(ctx context.Context) (done func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	stop := c.stop
	cancel := context.AfterFunc(ctx, func() { close(stop) })
	return func() {
		if !cancel() {
			<-stop
			c.resetInterrupt()
		}
	}
}

// run executes a statement and calls each for every row. The statement stays prepared on the connection.
//
// It overwrites the earlier bindings without clearing them first, unlike sqlitex.Execute. After clearing, SQLite plans many statements
// again for each execution, which takes longer than most of our queries.
func (c *conn) run(query string, args []any, each func(*sqlite.Stmt) error) (err error) {
	st, ok := c.prepared[query]
	if !ok {
		c.preparing = 0
		if st.Stmt, err = c.Prepare(query); err != nil {
			return err
		}
		st.effect = c.preparing
		c.prepared[query] = st
	}
	if n := st.BindParamCount(); n != len(args) {
		return fmt.Errorf("%d arguments for %d parameters: %s", len(args), n, query)
	}
	defer func() { err = errors.Join(err, st.Reset()) }()
	for i, arg := range args {
		if err := bind(st.Stmt, i+1, arg); err != nil {
			return err
		}
	}
	if st.effect != 0 {
		c.changes.executed(st.effect)
	}
	for {
		more, err := st.Step()
		if err != nil || !more {
			return err
		}
		if each == nil {
			continue
		}
		if err := each(st.Stmt); err != nil {
			return err
		}
	}
}

func bind(st *sqlite.Stmt, i int, arg any) error {
	switch v := arg.(type) {
	case nil:
		st.BindNull(i)
	case string:
		st.BindText(i, v)
	case int64:
		st.BindInt64(i, v)
	case int:
		st.BindInt64(i, int64(v))
	case bool:
		st.BindBool(i, v)
	case float64:
		st.BindFloat(i, v)
	case []byte:
		st.BindBytes(i, v)
	default:
		return fmt.Errorf("sqlite: unsupported argument type %T", arg)
	}
	return nil
}
