// Package auditlog keeps the audit log in DynamoDB: one item for each row, and one for the head. A row and the head are written in one
// transaction, whose condition is that the head is still the one that the row follows.
//
// Nobody deletes rows, since no program has the right to. Those that are pruned get an expiry time, after which DynamoDB deletes them
// within days; nobody reads them from then on.
package auditlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

const (
	in = "users" // the table: programs cannot delete from it, and items in it can expire
	pk = "audit"
)

// Log is an audit.Store.
type Log struct{ DB *table.DB }

var _ audit.Store = Log{}

func rowKey(n int64) table.Key { return table.NewKey(in, pk, table.Ordinal(n)) }
func headKey() table.Key       { return table.NewKey(in, pk, "head") }

// row is the item of a row. sk is its number.
type row struct {
	Entry string `dynamodbav:"entry"` // JSON
	Prev  string `dynamodbav:"prev"`
	Hash  string `dynamodbav:"hash"`
	TTL   int64  `dynamodbav:"ttl,omitempty"` // of a row that is pruned
}

func newRow(r audit.Row) (row, error) {
	entry, err := json.Marshal(r.Entry)
	return row{Entry: string(entry), Prev: r.Prev.String(), Hash: r.Hash.String()}, err
}

// head is the item of the head.
type head struct {
	N      int64  `dynamodbav:"n"`
	Hash   string `dynamodbav:"hash"`
	At     int64  `dynamodbav:"at"`
	Pruned int64  `dynamodbav:"pruned,omitempty"` // rows up to this one are pruned
}

// rowOf reads a row. Whoever has the rights can put anything there.
func rowOf(i table.Item) (r audit.Row, err error) {
	if _, err := fmt.Sscanf(i.Text("sk"), "%d", &r.N); err != nil {
		return r, fmt.Errorf("an item of the audit log is no row: %w", err)
	}
	if err = json.Unmarshal([]byte(i.Text("entry")), &r.Entry); err != nil {
		return r, fmt.Errorf("row %d of the audit log cannot be read: %w", r.N, err)
	}
	var wrong error
	r.At = r.At.UTC()
	r.Prev, err = audit.ParseHash(i.Text("prev"))
	r.Hash, wrong = audit.ParseHash(i.Text("hash"))
	if err = errors.Join(err, wrong); err != nil {
		err = fmt.Errorf("row %d of the audit log cannot be read: %w", r.N, err)
	}
	return r, err
}

func headOf(i table.Item) (audit.Head, int64, error) {
	if i == nil {
		return audit.Head{}, 0, nil
	}
	h, err := table.Decode[head](i)
	if err != nil {
		return audit.Head{}, 0, err
	}
	hash, err := audit.ParseHash(h.Hash)
	return audit.Head{N: h.N, Hash: hash, At: table.At(h.At)}, h.Pruned, err
}

// Enter appends the row that a command leaves to its transaction.
func Enter(t *table.Tx, p *audit.Pending) error {
	if !p.Due() {
		return nil
	}
	h, pruned, err := load(t)
	if err != nil {
		return err
	}
	if r, ok := p.Next(h); ok {
		return put(t, r, pruned)
	}
	return nil
}

func load(t *table.Tx) (audit.Head, int64, error) {
	i, err := t.Load(headKey())
	if err != nil {
		return audit.Head{}, 0, err
	}
	return headOf(i)
}

// put adds a row, which is the head from now on. The head must be as it was loaded.
func put(t *table.Tx, r audit.Row, pruned int64) error {
	i, err := newRow(r)
	if err != nil {
		return err
	}
	if err := t.Put(rowKey(r.N), i); err != nil {
		return err
	}
	return t.Put(headKey(), head{r.N, r.Hash.String(), table.Millis(r.At), pruned})
}

// AppendAudit implements audit.Store.
func (l Log) AppendAudit(ctx context.Context, e audit.Entry) (audit.Row, error) {
	return table.Write(ctx, l.DB, func(t *table.Tx) (audit.Row, error) {
		h, pruned, err := load(t)
		if err != nil {
			return audit.Row{}, err
		}
		r := h.Next(e)
		return r, put(t, r, pruned)
	})
}

// head reads the head and up to which row the log is pruned.
func (l Log) head(ctx context.Context) (audit.Head, int64, error) {
	found, err := l.DB.Get(ctx, []table.Key{headKey()})
	if err != nil {
		return audit.Head{}, 0, err
	}
	return headOf(found[headKey()])
}

// AuditHead implements audit.Store.
func (l Log) AuditHead(ctx context.Context) (audit.Head, error) {
	h, _, err := l.head(ctx)
	return h, err
}

// AuditRows implements audit.Reader.
func (l Log) AuditRows(ctx context.Context, q audit.Query) (out []audit.Row, err error) {
	h, pruned, err := l.head(ctx)
	if err != nil {
		return nil, err
	}
	last := h.N
	if q.Before > 0 {
		last = min(last, q.Before-1)
	}
	if !q.Until.IsZero() {
		if last, err = audit.LastBefore(pruned+1, last, q.Until, func(n int64) (time.Time, error) { return l.at(ctx, n) }); err != nil {
			return nil, err
		}
	}
	if last <= pruned {
		return nil, nil
	}
	err = l.each(ctx, table.Range{From: table.Ordinal(pruned + 1), To: table.Ordinal(last), Descending: true, Limit: q.Limit},
		func(r audit.Row) error {
			out = append(out, r)
			return nil
		})
	return out, err
}

// at is when a row was written.
func (l Log) at(ctx context.Context, n int64) (time.Time, error) {
	found, err := l.DB.Get(ctx, []table.Key{rowKey(n)})
	if err != nil {
		return time.Time{}, err
	}
	r, err := rowOf(found[rowKey(n)])
	return r.At, err
}

// each calls f for each row of a range.
func (l Log) each(ctx context.Context, q table.Range, f func(audit.Row) error) error {
	q.Table, q.PK = in, pk
	return l.DB.QueryPages(ctx, q, func(items []table.Item) error {
		for _, i := range items {
			r, err := rowOf(i)
			if err == nil {
				err = f(r)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// PruneAudit implements audit.Store.
func (l Log) PruneAudit(ctx context.Context, before, now time.Time) (int, error) {
	return table.Write(ctx, l.DB, func(t *table.Tx) (int, error) {
		h, pruned, err := load(t)
		if err != nil || h.N <= pruned+1 {
			return 0, err
		}
		n, last := 0, audit.Row{}
		err = l.each(ctx, table.Range{From: table.Ordinal(pruned + 1), To: table.Ordinal(h.N - 1), Limit: audit.MaxPrune},
			func(r audit.Row) error {
				if !r.At.Before(before) || r.N != pruned+int64(n)+1 {
					return nil
				}
				i, err := newRow(r)
				i.TTL = table.Seconds(now)
				n, last = n+1, r
				return errors.Join(err, t.Overwrite(rowKey(r.N), i))
			})
		if err != nil || n == 0 {
			return 0, err
		}
		return n, put(t, h.Next(audit.Prune(last, now)), last.N)
	})
}

// VerifyAudit checks the whole log. It gives the number of rows and the head. copied is a head that was kept elsewhere, or zero.
func (l Log) VerifyAudit(ctx context.Context, copied audit.Head) (rows int64, h audit.Head, err error) {
	h, pruned, err := l.head(ctx)
	if err != nil {
		return 0, h, err
	}
	c := audit.NewChecker(copied)
	if err := l.each(ctx, table.Range{From: table.Ordinal(pruned + 1), To: table.Ordinal(h.N)}, c.Add); err != nil {
		return 0, h, err
	}
	rows, err = c.End(h)
	return rows, h, err
}
