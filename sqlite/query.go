package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// rows runs a query, kept prepared on the connection, and scans each row.
func rows[T any](c *sqlite.Conn, scan func(*sqlite.Stmt) T, query string, args ...any) ([]T, error) {
	var out []T
	err := sqlitex.Execute(c, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(st *sqlite.Stmt) error {
		out = append(out, scan(st))
		return nil
	}})
	return out, err
}

// row is the first row, if any.
func row[T any](c *sqlite.Conn, scan func(*sqlite.Stmt) T, query string, args ...any) (T, bool, error) {
	out, err := rows(c, scan, query, args...)
	if len(out) == 0 {
		return *new(T), false, err
	}
	return out[0], true, err
}

func exec(c *sqlite.Conn, query string, args ...any) error {
	return sqlitex.Execute(c, query, &sqlitex.ExecOptions{Args: args})
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
