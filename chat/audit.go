package chat

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// auditor writes the audit lines: who did, or was refused, what to which object; never content. One offender gets a line of
// refusals a second at most, which says how many there were since the last one, so that nobody can flood the log.
type auditor struct {
	log   *slog.Logger
	clock Clock
	users UserStore // gives the handles of those whom a command is about

	mu        sync.Mutex
	offenders map[string]offender
}

// offender is who was refused something lately.
type offender struct {
	said  time.Time // when the last line was written
	since int       // refusals after it, not written
}

const (
	refusalsEvery = time.Second
	maxOffenders  = 4096 // remembered; beyond them a refusal is counted under "many"
	maxAttribute  = 100  // bytes of a value
)

func newAuditor(log *slog.Logger, clock Clock, users UserStore) *auditor {
	return &auditor{log: log, clock: clock, users: users, offenders: map[string]offender{}}
}

// done writes the line of a command that was done.
func (a *auditor) done(ctx context.Context, who Actor, what string, about []any) {
	a.write(ctx, slog.LevelInfo, who, what, about)
}

// refused writes the line of a command that was refused, unless its offender has had one within the second.
func (a *auditor) refused(ctx context.Context, who Actor, command string, err error, about []any) {
	before, ok := a.count(who.key())
	if !ok {
		return
	}
	about = append(about, "command", command, "code", string(ErrorCode(err)))
	if before > 0 {
		about = append(about, "more", before)
	}
	a.write(ctx, slog.LevelWarn, who, "refused", about)
}

// count says whether key gets a line now, and how many refusals had none since the last one.
func (a *auditor) count(key string) (before int, ok bool) {
	now := a.clock()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.offenders) >= maxOffenders {
		a.forget(now)
	}
	if _, known := a.offenders[key]; !known && len(a.offenders) >= maxOffenders {
		key = "many"
	}
	o := a.offenders[key]
	if now.Sub(o.said) < refusalsEvery {
		o.since++
		a.offenders[key] = o
		return 0, false
	}
	a.offenders[key] = offender{said: now}
	return o.since, true
}

// forget drops whoever may have a line again.
func (a *auditor) forget(now time.Time) {
	for key, o := range a.offenders {
		if now.Sub(o.said) >= refusalsEvery {
			delete(a.offenders, key)
		}
	}
}

// write leaves out what is empty, and cuts what is long: requests choose some of the values. It names people by id and by handle.
func (a *auditor) write(ctx context.Context, level slog.Level, who Actor, what string, about []any) {
	all := append([]any{
		"what", what, "user", who.User.ID, "handle", who.User.Handle, "session", who.SessionID, "token", who.TokenID,
		"address", who.Address,
	}, about...)
	var args []any
	for i := 0; i < len(all); i += 2 {
		key, value := all[i], all[i+1]
		if value == "" {
			continue
		}
		s, _ := value.(string)
		if len(s) > maxAttribute {
			value = strings.ToValidUTF8(s[:maxAttribute], "") + "…"
		}
		args = append(args, key, value)
		if key == auditOf && IsID(s) {
			if u, err := a.users.User(ctx, s); err == nil { // otherwise the id must do
				args = append(args, "of_handle", u.Handle)
			}
		}
	}
	a.log.Log(ctx, level, "audit", args...)
}

// auditOf is the attribute with the id of the user whom a command is about.
const auditOf = "of"

// Refused writes the audit line of a request that was refused at the door, before any command: it came from a page of another origin,
// or from nobody who is signed in. what says what it asked for, such as a route's pattern; never content or a secret.
func (c *Canteen) Refused(ctx context.Context, a Actor, what string, err error) {
	if refused(err) {
		c.auditor.refused(ctx, a, what, err, nil)
	}
}
