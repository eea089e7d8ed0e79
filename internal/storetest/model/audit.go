package model

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
)

var _ audit.Store = (*Store)(nil)

func (s *Store) addAudit(r audit.Row) {
	r.Details = slices.Clone(r.Details)
	s.audit, s.auditHead = append(s.audit, r), r.Head()
}

// AppendAudit implements audit.Store.
func (s *Store) AppendAudit(ctx context.Context, e audit.Entry) (audit.Row, error) {
	return command(ctx, s, chat.Facts{}, func() (audit.Row, error) {
		r := s.auditHead.Next(e)
		s.addAudit(r)
		return r, nil
	})
}

// AuditHead implements audit.Store.
func (s *Store) AuditHead(ctx context.Context) (audit.Head, error) {
	return read(ctx, s, func() (audit.Head, error) { return s.auditHead, nil })
}

// AuditRows implements audit.Reader.
func (s *Store) AuditRows(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	return read(ctx, s, func() (out []audit.Row, err error) {
		for _, r := range slices.Backward(s.audit) {
			if (q.Before == 0 || r.N < q.Before) && (q.Until.IsZero() || r.At.Before(q.Until)) && len(out) < q.Limit {
				r.Details = slices.Clone(r.Details)
				out = append(out, r)
			}
		}
		return out, nil
	})
}

// PruneAudit implements audit.Store.
func (s *Store) PruneAudit(ctx context.Context, before, now time.Time) (int, error) {
	return command(ctx, s, chat.Facts{}, func() (int, error) {
		n := 0
		for n < min(len(s.audit)-1, audit.MaxPrune) && s.audit[n].At.Before(before) {
			n++
		}
		if n == 0 {
			return 0, nil
		}
		last := s.audit[n-1]
		s.audit = slices.Clone(s.audit[n:])
		s.addAudit(s.auditHead.Next(audit.Prune(last, now)))
		return n, nil
	})
}
