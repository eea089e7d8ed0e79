package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/canteen-chat/canteen/audit"
)

// Bounds of what is read of the audit log at once.
const (
	MaxAuditExport  = 5_000 // rows in one file: fewer than 6 MB, which a function on AWS can answer
	AuditWhatLength = 100
)

// AuditRow is a row of the audit log, as an administrator sees it.
type AuditRow struct {
	audit.Row
	Hidden bool // it is about a room that the administrator does not see, and so does not say which; its hash still depends on it
}

// AuditPage is some of the rows that are wanted.
type AuditPage struct {
	Rows []AuditRow // newest first
	Next string     // the cursor with which the search goes on; "" at the end
	Head audit.Head // of the whole log
}

// Audit searches the audit log. It is for owners and admins of the workspace, in a session or by a token with the scope audit. A page may
// have fewer rows than limit, and yet a next one: a search looks at audit.MaxLooked rows at once.
func (c *Canteen) Audit(ctx context.Context, a Actor, f audit.Filter, cursor string, limit *int) (AuditPage, error) {
	n, err := pageLimit(limit, DefaultPage, MaxPage)
	if err != nil {
		return AuditPage{}, err
	}
	return perform(ctx, c, a, CmdAudit, use[AuditPage]{
		may: (*attempt).mayAudit,
		do:  func(at *attempt) (AuditPage, error) { return c.auditPage(ctx, at.Actor, f, cursor, n) },
	})
}

// ExportAudit is Audit with MaxAuditExport rows. The audit log says who exported it.
func (c *Canteen) ExportAudit(ctx context.Context, a Actor, f audit.Filter, cursor string) (AuditPage, error) {
	return perform(ctx, c, a, CmdExportAudit, use[AuditPage]{
		may: (*attempt).mayAudit,
		do:  func(at *attempt) (AuditPage, error) { return c.auditPage(ctx, at.Actor, f, cursor, MaxAuditExport) },
	})
}

// AuditWords are what rows of the audit log say that was done, sorted.
func AuditWords() []string {
	out := []string{refusedWhat, audit.Pruned, "user added", "password reset"} // the last two on the command line
	for _, s := range Commands() {
		if s.Audit != "" {
			out = append(out, s.Audit)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mayAudit holds for owners and admins. The scope of a token was checked before.
func (at *attempt) mayAudit() error {
	if at.User.Role.rank() < Admin.rank() {
		return Errorf(Forbidden, "Only owners and admins of the workspace may read the audit log.")
	}
	return nil
}

func (c *Canteen) auditPage(ctx context.Context, a Actor, f audit.Filter, cursor string, limit int) (p AuditPage, err error) {
	log := c.auditor.store
	if log == nil {
		return p, ErrUnavailable(errors.New("there is no audit log"))
	}
	var before int64
	if cursor != "" {
		if before, err = strconv.ParseInt(cursor, 10, 64); err != nil || before < 1 {
			return p, InvalidField("cursor", "The cursor must be the next of an earlier answer.")
		}
	}
	if f.Room != "" {
		if _, err := c.see(ctx, a, f.Room); err != nil {
			return p, err
		}
	}
	if p.Head, err = log.AuditHead(ctx); err != nil {
		return p, err
	}
	found, err := audit.Find(ctx, log, f, before, limit)
	if err != nil {
		return p, err
	}
	if found.Next > 0 {
		p.Next = strconv.FormatInt(found.Next, 10)
	}
	p.Rows, err = c.auditRows(ctx, a, found.Rows)
	return p, err
}

// auditRows hides rooms that the actor does not see: who knows the id of a private room can find out more, and an admin can enter it.
func (c *Canteen) auditRows(ctx context.Context, a Actor, rows []audit.Row) ([]AuditRow, error) {
	out, seen := make([]AuditRow, len(rows)), map[string]bool{"": true}
	for i, r := range rows {
		if _, asked := seen[r.Room]; !asked {
			_, err := c.see(ctx, a, r.Room)
			if err != nil && ErrorCode(err) != NotFound {
				return nil, err
			}
			seen[r.Room] = err == nil
		}
		if out[i] = (AuditRow{Row: r, Hidden: !seen[r.Room]}); out[i].Hidden {
			out[i].Room = ""
		}
	}
	return out, nil
}
