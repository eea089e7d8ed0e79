package chat

import (
	"context"
	"log/slog"
	"slices"

	"github.com/canteen-chat/canteen/audit"
)

// auditor keeps the audit log: who did, or was refused, what to which object; never content. Each row of it is a line of the process's log
// too. Of all refusals together, the audit log has as many rows as a rate allows.
type auditor struct {
	log     *slog.Logger
	clock   Clock
	users   UserStore   // gives the handles of those whom a command is about
	store   audit.Store // nil: there are only lines
	limiter Limiter

	offenders audit.Offenders
}

const refusedWhat = "refused" // what a row says of a command that was refused

func newAuditor(o Options) *auditor {
	return &auditor{log: o.Log, clock: o.Clock, users: o.Store, store: o.Audit, limiter: o.Limiter}
}

// done notes a command that was done. The store may have appended the row of the audit log in the commit of the command.
func (a *auditor) done(ctx context.Context, who Actor, what string, about []any, pending *audit.Pending) {
	about = a.named(ctx, who, about)
	row, ok := pending.Row()
	if !ok {
		row = a.append(ctx, a.entry(who, what, about))
	}
	a.tidy(ctx, row)
	a.write(ctx, slog.LevelInfo, who, what, about, row)
}

// pending is the row that the command of an attempt leaves if it is done; nil for none.
func (a *auditor) pending(at *attempt, spec Spec, room string) *audit.Pending {
	if spec.Audit == "" || a.store == nil {
		return nil
	}
	return audit.NewPending(func() (audit.Entry, bool) {
		return a.entry(at.Actor, spec.Audit, attributes(room, at.known, at.about)), !at.quiet
	})
}

// entry is what a row of the audit log says.
func (a *auditor) entry(who Actor, what string, about []any) audit.Entry {
	e := audit.Entry{
		At: a.clock.Time(), What: what, By: audit.Person{ID: who.User.ID, Handle: who.User.Handle}, Session: who.SessionID, Token: who.TokenID,
		Address: audit.Short(who.Address),
	}
	for i, v := range about {
		if s, ok := v.(string); ok {
			about[i] = audit.Short(s)
		}
	}
	e.Describe(about)
	return e
}

// append appends a row to the audit log after the command that it tells of. What was done cannot be undone: when the row cannot be
// written, the process's log says so.
func (a *auditor) append(ctx context.Context, e audit.Entry) (row audit.Row) {
	if a.store == nil {
		return row
	}
	row, err := a.store.AppendAudit(context.WithoutCancel(ctx), e)
	if err != nil {
		a.log.ErrorContext(ctx, "a row of the audit log could not be written", "what", e.What, "error", err)
	}
	return row
}

// tidy lets rows go that are too old. If that fails, the next time makes up for it.
func (a *auditor) tidy(ctx context.Context, row audit.Row) {
	if row.N == 0 {
		return
	}
	if err := audit.Tidy(context.WithoutCancel(ctx), a.store, row, a.clock.Time()); err != nil {
		a.log.WarnContext(ctx, "the audit log was not pruned", "error", err)
	}
}

// refused notes a command that was refused, unless its offender has had a line within the second. What was asked over a socket (live)
// gets no row.
func (a *auditor) refused(ctx context.Context, who Actor, command string, err error, about []any, live bool) {
	before, ok := a.offenders.Count(who.key(), a.clock())
	if !ok {
		return
	}
	about = append(about, "command", command, "code", string(ErrorCode(err)))
	if before > 0 {
		about = append(about, "more", before)
	}
	about = a.named(ctx, who, about)
	var row audit.Row
	if !live && a.store != nil {
		wait, err := a.limiter.Take(ctx, rates().refusal, "audit")
		if err != nil {
			a.log.WarnContext(ctx, "a rate was not taken", "rate", rates().refusal.Name, "error", err)
		} else if wait == 0 {
			row = a.append(ctx, a.entry(who, refusedWhat, about))
			a.tidy(ctx, row)
		}
	}
	a.write(ctx, slog.LevelWarn, who, refusedWhat, about, row)
}

// named adds the handle of whom a command is about, if the store knows them; otherwise the id must do.
func (a *auditor) named(ctx context.Context, who Actor, about []any) []any {
	var out []any
	known := slices.Contains(about, any(audit.OfHandle))
	for i := 0; i+1 < len(about); i += 2 {
		out = append(out, about[i], about[i+1])
		id, ok := about[i+1].(string)
		if !ok || about[i] != audit.Of || known || !IsID(id) {
			continue
		}
		if id == who.User.ID {
			out = append(out, audit.OfHandle, who.User.Handle)
		} else if u, err := a.users.User(ctx, id); err == nil {
			out = append(out, audit.OfHandle, u.Handle)
		}
	}
	return out
}

// write writes a line, without what is empty. With the row's hash, the process's log is a copy that the audit log can be checked against.
func (a *auditor) write(ctx context.Context, level slog.Level, who Actor, what string, about []any, row audit.Row) {
	all := append([]any{
		"what", what, "user", who.User.ID, "handle", who.User.Handle, "session", who.SessionID, "token", who.TokenID,
		"address", who.Address,
	}, about...)
	if row.N > 0 {
		all = append(all, "row", row.Head().String())
	}
	var args []any
	for i := 0; i+1 < len(all); i += 2 {
		if s, ok := all[i+1].(string); !ok {
			args = append(args, all[i], all[i+1])
		} else if s != "" {
			args = append(args, all[i], audit.Short(s))
		}
	}
	a.log.Log(ctx, level, "audit", args...)
}

// Refused writes the audit line of a request that was refused at the door, before any command: it came from a page of another origin,
// or from nobody who is signed in. what says what it asked for, such as a route's pattern; never content or a secret.
func (c *Canteen) Refused(ctx context.Context, a Actor, what string, err error) {
	if refused(err) {
		c.auditor.refused(ctx, a, what, err, nil, false)
	}
}
