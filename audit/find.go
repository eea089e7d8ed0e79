package audit

import (
	"context"
	"time"
)

// Filter says which rows are wanted. Empty fields want any.
type Filter struct {
	User     string    // id: who did it, or whom it was done to
	What     string    // exactly
	Room     string    // id
	From, To time.Time // From is included, To is not
}

// Wants says whether the filter wants a row.
func (f Filter) Wants(r Row) bool {
	return (f.User == "" || r.By.ID == f.User || r.Of.ID == f.User) && (f.What == "" || r.What == f.What) &&
		(f.Room == "" || r.Room == f.Room) && !r.At.Before(f.From) && (f.To.IsZero() || r.At.Before(f.To))
}

// Reader reads rows. Stores are Readers.
type Reader interface {
	// AuditRows are rows older than q.Before, newest first.
	AuditRows(ctx context.Context, q Query) ([]Row, error)
}

// Query asks for rows.
type Query struct {
	Before int64     // their numbers are lower; 0: from the newest
	Until  time.Time // they were written before; zero: any
	Limit  int
}

// Page is some of the rows that a filter wants.
type Page struct {
	Rows []Row // newest first
	Next int64 // the number before which the search goes on; 0 at the end
}

const (
	chunk     = 500    // rows that are read at once
	MaxLooked = 20_000 // rows that one search looks at
)

// Find searches for rows that a filter wants, numbered below before (0: from the newest): limit of them, or as many as there are among the
// next MaxLooked rows. So a page may have few rows, or none, and still a next one.
func Find(ctx context.Context, in Reader, f Filter, before int64, limit int) (p Page, err error) {
	until := f.To
	for looked := 0; looked < MaxLooked; {
		rows, err := in.AuditRows(ctx, Query{Before: before, Until: until, Limit: min(chunk, MaxLooked-looked)})
		if err != nil {
			return Page{}, err
		}
		if len(rows) == 0 {
			p.Next = 0
			return p, nil
		}
		until = time.Time{} // the following rows are older: no store need look for the place again
		for _, r := range rows {
			if r.At.Before(f.From) {
				p.Next = 0
				return p, nil
			}
			looked, before = looked+1, r.N
			switch {
			case !f.Wants(r):
			case len(p.Rows) == limit:
				return p, nil
			default:
				p.Rows, p.Next = append(p.Rows, r), r.N
			}
		}
	}
	p.Next = before
	return p, nil
}

// LastBefore is the number of the newest row between first and last that was written before a moment; first-1 when there is none. at
// gives the time of a row. Times never go back.
func LastBefore(first, last int64, moment time.Time, at func(n int64) (time.Time, error)) (int64, error) {
	for first <= last {
		middle := first + (last-first)/2
		when, err := at(middle)
		if err != nil {
			return 0, err
		}
		if when.Before(moment) {
			first = middle + 1
		} else {
			last = middle - 1
		}
	}
	return last, nil
}
