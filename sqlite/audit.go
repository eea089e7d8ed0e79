package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/audit"
)

var _ audit.Store = (*Store)(nil)

// AppendAudit implements audit.Store.
func (s *Store) AppendAudit(ctx context.Context, e audit.Entry) (audit.Row, error) {
	return write(ctx, s, func(t *tx) (audit.Row, error) { return t.appendAudit(e) })
}

// enterAudit appends the row that the command leaves.
func (t *tx) enterAudit() error {
	if t.audit == nil {
		return nil
	}
	head, err := auditHead(t.Conn)
	if err != nil {
		return err
	}
	if r, ok := t.audit.Next(head); ok {
		return t.addAudit(r)
	}
	return nil
}

func (t *tx) appendAudit(e audit.Entry) (audit.Row, error) {
	head, err := auditHead(t.Conn)
	if err != nil {
		return audit.Row{}, err
	}
	r := head.Next(e)
	return r, t.addAudit(r)
}

// addAudit adds a row, which is the head from now on.
func (t *tx) addAudit(r audit.Row) error {
	entry, err := json.Marshal(r.Entry)
	if err != nil {
		return err
	}
	err = exec(t.Conn, "INSERT INTO audit (n, entry, prev, hash) VALUES (?, ?, ?, ?)", r.N, string(entry), r.Prev[:], r.Hash[:])
	if err != nil {
		return err
	}
	return exec(t.Conn, "INSERT OR REPLACE INTO audit_head (one, n, hash, at) VALUES (1, ?, ?, ?)", r.N, r.Hash[:], millis(r.At))
}

// AuditHead implements audit.Store.
func (s *Store) AuditHead(ctx context.Context) (audit.Head, error) { return read(ctx, s, auditHead) }

func auditHead(c *conn) (audit.Head, error) {
	h, _, err := row(c, func(st *sqlite.Stmt) audit.Head {
		s := &scanner{st: st}
		return audit.Head{N: s.int64(), Hash: s.hash(), At: s.time()}
	}, "SELECT n, hash, at FROM audit_head WHERE one = 1")
	return h, err
}

// hash reads a hash. One of another length is zero, which no row has.
func (s *scanner) hash() (h audit.Hash) {
	if i := s.next(); s.st.ColumnLen(i) == len(h) {
		s.st.ColumnBytes(i, h[:])
	}
	return h
}

// auditRow reads a row of the log. Whoever writes in the file can put anything there.
func auditRow(st *sqlite.Stmt) (r audit.Row, err error) {
	s := &scanner{st: st}
	r.N = s.int64()
	if err = json.Unmarshal([]byte(s.text()), &r.Entry); err != nil {
		return r, fmt.Errorf("row %d of the audit log cannot be read: %w", r.N, err)
	}
	r.At, r.Prev, r.Hash = r.At.UTC(), s.hash(), s.hash()
	return r, nil
}

const auditColumns = "n, entry, prev, hash"

// AuditRows implements audit.Reader.
func (s *Store) AuditRows(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	return read(ctx, s, func(c *conn) (out []audit.Row, err error) {
		last, _, err := row(c, integer, "SELECT coalesce(max(n), 0) FROM audit")
		if err != nil {
			return nil, err
		}
		if q.Before > 0 {
			last = min(last, q.Before-1)
		}
		if !q.Until.IsZero() {
			if last, err = lastBefore(c, last, q.Until); err != nil {
				return nil, err
			}
		}
		return auditRows(c, "SELECT "+auditColumns+" FROM audit WHERE n <= ? ORDER BY n DESC LIMIT ?", last, q.Limit)
	})
}

func auditRows(c *conn, query string, args ...any) (out []audit.Row, err error) {
	return out, c.run(query, args, func(st *sqlite.Stmt) error {
		r, err := auditRow(st)
		out = append(out, r)
		return err
	})
}

// lastBefore is the number of the newest row up to last that was written before a moment.
func lastBefore(c *conn, last int64, moment time.Time) (int64, error) {
	first, _, err := row(c, integer, "SELECT coalesce(min(n), 1) FROM audit")
	if err != nil {
		return 0, err
	}
	return audit.LastBefore(first, last, moment, func(n int64) (time.Time, error) {
		rs, err := auditRows(c, "SELECT "+auditColumns+" FROM audit WHERE n >= ? ORDER BY n LIMIT 1", n)
		if err != nil || len(rs) == 0 {
			return time.Time{}, errors.Join(err, errors.New("the audit log has no row there"))
		}
		return rs[0].At, nil
	})
}

// PruneAudit implements audit.Store.
func (s *Store) PruneAudit(ctx context.Context, before, now time.Time) (int, error) {
	return write(ctx, s, func(t *tx) (int, error) {
		head, err := auditHead(t.Conn)
		if err != nil {
			return 0, err
		}
		old, err := auditRows(t.Conn, "SELECT "+auditColumns+" FROM audit WHERE n < ? ORDER BY n LIMIT ?", head.N, audit.MaxPrune)
		if err != nil {
			return 0, err
		}
		n := 0
		for n < len(old) && old[n].At.Before(before) {
			n++
		}
		if n == 0 {
			return 0, nil
		}
		if err := exec(t.Conn, "DELETE FROM audit WHERE n <= ?", old[n-1].N); err != nil {
			return 0, err
		}
		_, err = t.appendAudit(audit.Prune(old[n-1], now))
		return n, err
	})
}

// VerifyAudit checks the audit log of the database at path, of one snapshot, beside a Store or without one. It gives the number of rows
// and the head. copied is a head that was kept elsewhere, or zero.
func VerifyAudit(ctx context.Context, path string, copied audit.Head) (rows int64, head audit.Head, err error) {
	c, err := openReader(path)
	if err != nil {
		return 0, head, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	c.SetInterrupt(ctx.Done())
	defer c.SetInterrupt(nil)
	done, names, err := schema(c)
	if err == nil && done < len(names) {
		err = errors.New("the database is of an older version: run canteen serve once, which upgrades it")
	}
	if err == nil {
		err = exec(c, "BEGIN")
	}
	if err != nil {
		return 0, head, stopped(ctx, err)
	}
	if head, err = auditHead(c); err != nil {
		return 0, head, stopped(ctx, err)
	}
	checker := audit.NewChecker(copied)
	if err := c.run("SELECT "+auditColumns+" FROM audit ORDER BY n", nil, func(st *sqlite.Stmt) error {
		r, err := auditRow(st)
		if err != nil {
			return err
		}
		return checker.Add(r)
	}); err != nil {
		return 0, head, stopped(ctx, err)
	}
	rows, err = checker.End(head)
	return rows, head, err
}
