package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// rows runs a query, kept prepared on the connection, and scans each row.
func rows[T any](c *conn, scan func(*sqlite.Stmt) T, query string, args ...any) ([]T, error) {
	var out []T
	err := c.run(query, args, func(st *sqlite.Stmt) error {
		out = append(out, scan(st))
		return nil
	})
	return out, err
}

// row is the first row, if any.
func row[T any](c *conn, scan func(*sqlite.Stmt) T, query string, args ...any) (out T, ok bool, err error) {
	err = c.run(query, args, func(st *sqlite.Stmt) error {
		if !ok {
			out, ok = scan(st), true
		}
		return nil
	})
	return out, ok, err
}

func exec(c *conn, query string, args ...any) error { return c.run(query, args, nil) }

// found makes NotFound of no row.
func found[T any](v T, ok bool, err error) (T, error) {
	if err == nil && !ok {
		err = chat.ErrNotFound()
	}
	return v, err
}

func integer(st *sqlite.Stmt) int64 { return st.ColumnInt64(0) }
func text(st *sqlite.Stmt) string   { return st.ColumnText(0) }

// scanner reads the columns of a row one after the other.
type scanner struct {
	st *sqlite.Stmt
	i  int
}

func (s *scanner) next() int       { s.i++; return s.i - 1 }
func (s *scanner) text() string    { return s.st.ColumnText(s.next()) }
func (s *scanner) int64() int64    { return s.st.ColumnInt64(s.next()) }
func (s *scanner) int() int        { return s.st.ColumnInt(s.next()) }
func (s *scanner) bool() bool      { return s.st.ColumnBool(s.next()) }
func (s *scanner) time() time.Time { return time.UnixMilli(s.int64()).UTC() }

func (s *scanner) optionalTime() *time.Time {
	if s.st.ColumnIsNull(s.i) {
		s.i++
		return nil
	}
	t := s.time()
	return &t
}

// list reads a JSON list, which this package alone writes.
func list[T any](s *scanner) []T {
	t := s.text()
	if t == "" || t == "[]" {
		return nil
	}
	var out []T
	if err := json.Unmarshal([]byte(t), &out); err != nil {
		panic(fmt.Sprintf("sqlite: a stored list is damaged: %v", err))
	}
	return out
}

// jsonList writes one.
func jsonList[T any](v []T) string {
	if len(v) == 0 {
		return "[]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sqlite: a list of %T has no JSON: %v", v, err)) // only types without one, so never at run time
	}
	return string(b)
}

func millis(t time.Time) int64 { return t.UnixMilli() }

// optionalMillis is an argument: NULL for none.
func optionalMillis(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMilli()
}
