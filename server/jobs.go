package server

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wire"
)

// job is a kind of work that is done later.
type job struct {
	name  string
	state func(ctx context.Context, now time.Time) (wire.OpsJob, error)

	retry, discard func(ctx context.Context, now time.Time) error // nil: cannot be done
}

// jobStates asks all jobs.
func jobStates(ctx context.Context, jobs []job, now time.Time) (out []wire.OpsJob, err error) {
	out = make([]wire.OpsJob, 0, len(jobs))
	for _, j := range jobs {
		s, failed := j.state(ctx, now)
		err = errors.Join(err, failed)
		s.Name, s.CanRetry, s.CanDiscard = j.name, j.retry != nil, j.discard != nil
		out = append(out, s)
	}
	return out, err
}

// jobs are those of this server.
func (s *Server) jobs(cfg Config) (out []job) {
	if cfg.Mail != "" {
		out = append(out, job{name: "mail", state: func(ctx context.Context, now time.Time) (wire.OpsJob, error) {
			q, err := s.data.store.DigestQueue(ctx, now)
			return waiting(q), err
		}, retry: func(ctx context.Context, now time.Time) error {
			err := s.data.store.RetryDigests(ctx, now)
			if d := s.ops.digests.Load(); d != nil && err == nil {
				d.job.Again()
			}
			return err
		}, discard: s.data.store.DiscardDigests})
	}
	out = append(out, job{name: "files", state: func(ctx context.Context, now time.Time) (wire.OpsJob, error) {
		q, err := s.data.store.FileQueue(ctx, now)
		return s.sweeps.done.fill(waiting(q)), err
	}}, job{name: "alerts", state: func(context.Context, time.Time) (wire.OpsJob, error) {
		return wire.OpsJob{Waiting: int64(len(s.data.feed.alerts.posted))}, nil
	}})
	if s.data.ship != nil {
		out = append(out, job{name: "ship", state: func(context.Context, time.Time) (wire.OpsJob, error) {
			st := s.data.ship.shipper.Status()
			return wire.OpsJob{Waiting: int64(st.Waiting), LastAt: optional(st.ShippedAt), FailedAt: optional(st.FailedAt)}, nil
		}})
	}
	return append(out, job{name: "backup", state: func(context.Context, time.Time) (wire.OpsJob, error) {
		last, err := lastBackup(s.data.dir)
		j := s.backups.done.fill(wire.OpsJob{})
		j.LastAt = optional(last)
		return j, err
	}})
}

// RetryJob implements rest.Ops.
func (o *operations) RetryJob(ctx context.Context, name string) error {
	return o.act(ctx, name, func(j job) func(context.Context, time.Time) error { return j.retry })
}

// DiscardJob implements rest.Ops.
func (o *operations) DiscardJob(ctx context.Context, name string) error {
	return o.act(ctx, name, func(j job) func(context.Context, time.Time) error { return j.discard })
}

func (o *operations) act(ctx context.Context, name string, of func(job) func(context.Context, time.Time) error) error {
	i := slices.IndexFunc(o.jobs, func(j job) bool { return j.name == name && of(j) != nil })
	if i < 0 {
		return chat.Errorf(chat.NotFound, "There is no such job, or it cannot do this.")
	}
	return of(o.jobs[i])(ctx, o.data.clock.Time())
}

// done is when work was done, and when it failed, since the start.
type done struct {
	mu             sync.Mutex
	last, failedAt time.Time
}

func (d *done) at(now time.Time, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.failedAt = now
	} else {
		d.last = now
	}
}

func (d *done) fill(j wire.OpsJob) wire.OpsJob {
	d.mu.Lock()
	defer d.mu.Unlock()
	j.LastAt, j.FailedAt = optional(d.last), optional(d.failedAt)
	return j
}

// waiting is the state of a job whose work is in the store.
func waiting(q sqlite.Queue) wire.OpsJob {
	return wire.OpsJob{Waiting: q.Due, Failed: q.Failed, Oldest: optional(q.Oldest)}
}

// optional is nil for no time.
func optional(t time.Time) *wire.Time {
	if t.IsZero() {
		return nil
	}
	return &wire.Time{Time: t}
}
