package audit

import (
	"context"
	"time"
)

// Store keeps the log: rows and the head.
type Store interface {
	Reader
	// AppendAudit adds the row that follows the head, which it then is, in one commit.
	AppendAudit(ctx context.Context, e Entry) (Row, error)
	AuditHead(ctx context.Context) (Head, error)
	// PruneAudit takes the oldest rows out of the log that were written before a moment, but never the head, and MaxPrune at most. The
	// same commit appends the row of [Prune]. It gives how many rows it took out.
	PruneAudit(ctx context.Context, before, now time.Time) (int, error)
}

// pruneEvery is how many rows are appended between two prunings. Since it is less than MaxPrune, pruning keeps up.
const pruneEvery = 64

// Tidy prunes rows that are older than Keep, now and then. It is called after each append, with the row.
func Tidy(ctx context.Context, s Store, r Row, now time.Time) error {
	if r.N%pruneEvery != 0 {
		return nil
	}
	_, err := s.PruneAudit(ctx, now.Add(-Keep), now)
	return err
}

// Pending is the row that a command leaves. A store appends it in the commit of the command, if it can; otherwise whoever ran the command
// appends it afterwards. One command uses it, in one goroutine at a time.
type Pending struct {
	entry func() (Entry, bool)
	row   Row
	ok    bool
}

// NewPending makes a row that is pending. entry gives what it says once the command knows that, or false for no row; it must not use the
// store.
func NewPending(entry func() (Entry, bool)) *Pending { return &Pending{entry: entry} }

// Next is the row that a store is about to commit with the command; false for none. A repeated attempt gives the row anew.
func (p *Pending) Next(h Head) (r Row, ok bool) {
	if p == nil {
		return Row{}, false
	}
	e, ok := p.entry()
	if ok {
		p.row = h.Next(e)
	}
	p.ok = ok
	return p.row, ok
}

// Due says whether the command leaves a row, for stores that must read the head for it.
func (p *Pending) Due() bool {
	if p == nil {
		return false
	}
	_, due := p.entry()
	return due
}

// Row is the row that a store committed with the command. It holds after a command that was done.
func (p *Pending) Row() (Row, bool) {
	if p == nil {
		return Row{}, false
	}
	return p.row, p.ok
}
