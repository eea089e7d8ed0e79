package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// rows runs a query and scans each row. The query stays prepared on the connection.
func rows[T any](c *conn, scan func(*sqlite.Stmt) T, query string, args ...any) ([]T, error) {
	var out []T
	err := c.run(query, args, func(st *sqlite.Stmt) error {
		out = append(out, scan(st))
		return nil
	})
	return out, err
}

// row returns the first row of a query; ok says whether there is one.
func row[T any](c *conn, scan func(*sqlite.Stmt) T, query string, args ...any) (out T, ok bool, err error) {
	err = c.run(query, args, func(st *sqlite.Stmt) error {
		if !ok {
			out, ok = scan(st), true
		}
		return nil
	})
	return out, ok, err
}

// errEnough ends a query before its last row: the rest is not read.
var errEnough = errors.New("enough rows")

// enough is the error of a query that may have ended with errEnough.
func enough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func exec(c *conn, query string, args ...any) error { return c.run(query, args, nil) }

// found returns NotFound when there is no row.
func found[T any](v T, ok bool, err error) (T, error) {
	if err == nil && !ok {
		err = chat.ErrNotFound()
	}
	return v, err
}

func integer(st *sqlite.Stmt) int64 { return st.ColumnInt64(0) }
func text(st *sqlite.Stmt) string   { return st.ColumnText(0) }

// scanner reads the columns of a row from left to right.
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

// list reads a JSON list that jsonList wrote.
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

// jsonList encodes a list as JSON.
func jsonList[T any](v []T) string {
	if len(v) == 0 {
		return "[]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sqlite: cannot encode a list of %T: %v", v, err)) // depends only on the type T, so tests would find it
	}
	return string(b)
}

func millis(t time.Time) int64 { return t.UnixMilli() }

// optionalMillis returns the argument of a statement for an optional time: NULL for nil.
func optionalMillis(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMilli()
}
