package digest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/mail"
)

// Results of one message, as they are counted.
const (
	Sent      = "sent"
	Refused   = "refused"   // the address, for good
	Uncertain = "uncertain" // the server may have taken it
	Failed    = "failed"    // it is sent later
)

// Reader finds what waits for somebody (Unread).
type Reader interface {
	Waiting(ctx context.Context, user string, since, until time.Time) (Waiting, error)
}

// Store is what the job needs of a store.
type Store interface {
	chat.DigestStore
	User(ctx context.Context, id string) (chat.User, error)
}

// Options are the parts of a job. All but Count are required.
type Options struct {
	Store  Store
	Reader Reader
	Mailer mail.Mailer
	From   mail.Address
	URL    string // at which people reach Canteen, without a slash at the end
	Active func(ctx context.Context, user string) (bool, error)
	Count  func(result string) // counts messages by their result
	Clock  chat.Clock
	Log    *slog.Logger
}

// Job sends digests that are due. It is safe for concurrent use, also by several processes.
type Job struct {
	o       Options
	mu      sync.Mutex // held while it runs
	resume  time.Time  // not before, after failures
	pause   time.Duration
	failing time.Time // since when all messages have failed; zero: the last one did not
	warned  time.Time
	again   atomic.Bool // the next Run does not wait for resume
}

const (
	atOnce     = 50               // states read at once
	lease      = 10 * time.Minute // how long a digest is left to the process that is sending it
	settle     = time.Minute      // what is newer may not be in the inbox yet, or is being read this moment
	inARow     = 3                // failures after which the mail server is left alone for a while
	firstPause = time.Minute
	lastPause  = 15 * time.Minute
	warnAfter  = 30 * time.Minute
	warnEvery  = 6 * time.Hour
)

// New makes a job.
func New(o Options) *Job {
	if o.Count == nil {
		o.Count = func(string) {}
	}
	return &Job{o: o}
}

// Run looks at all digests that are due, and sends those for which something waits. After three failures in a row it leaves the mail server
// alone for a while: the rest stays due. A digest that cannot be read is put off, so that it does not keep the others waiting; after three
// such errors Run ends, and returns them.
func (j *Job) Run(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	now, failures := j.o.Clock.Time(), 0
	if !j.again.Swap(false) && now.Before(j.resume) {
		return nil
	}
	var failed []error
	for {
		due, err := j.o.Store.DueDigests(ctx, now, atOnce)
		if err != nil {
			return errors.Join(append(failed, fmt.Errorf("read which digests are due: %w", err))...)
		}
		for _, d := range due {
			result, err := j.one(ctx, d)
			switch {
			case errors.Is(err, chat.ErrStale): // another process has it, or its user changed a setting: it is looked at again
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				failed = append(failed, fmt.Errorf("digest of %s: %w", d.User, err))
				if err := j.putOff(ctx, d); err != nil || len(failed) >= inARow {
					return errors.Join(append(failed, err)...)
				}
			}
			if failures = j.after(result, failures); failures >= inARow {
				j.pause = min(max(2*j.pause, firstPause), lastPause)
				j.resume = now.Add(j.pause)
				return errors.Join(failed...)
			}
		}
		if len(due) < atOnce {
			return errors.Join(failed...)
		}
	}
}

// Again lets the next Run try at once, also after failures.
func (j *Job) Again() { j.again.Store(true) }

// putOff makes a digest due later, after an error. If another process or its user has changed it meanwhile, it stays as it is.
func (j *Job) putOff(ctx context.Context, d chat.DigestState) error {
	after := d
	after.Tries++
	after.Due = j.o.Clock.Time().Add(retry(after.Tries))
	if err := j.o.Store.MoveDigest(ctx, d, after); !errors.Is(err, chat.ErrStale) {
		return err
	}
	return nil
}

// after counts a result, and warns when no message has been sent for long. It returns the failures in a row.
func (j *Job) after(result string, failures int) int {
	now := j.o.Clock.Time()
	switch result {
	case "":
		return failures
	case Sent, Refused: // the server works
		j.failing, j.warned, j.pause, failures = time.Time{}, time.Time{}, 0, 0
	default:
		failures++
		if j.failing.IsZero() {
			j.failing = now
		}
		if now.Sub(j.failing) >= warnAfter && now.Sub(j.warned) >= warnEvery {
			j.warned = now
			j.o.Log.Error("no e-mail has been sent for long: check the mail server with canteen check", "since", j.failing)
		}
	}
	j.o.Count(result)
	return failures
}

// one looks at one digest. result is "" if no message was tried.
func (j *Job) one(ctx context.Context, d chat.DigestState) (result string, err error) {
	now := j.o.Clock.Time()
	u, err := j.o.Store.User(ctx, d.User)
	if err != nil {
		return "", err
	}
	active := false
	if u.WantsDigest() {
		if active, err = j.o.Active(ctx, d.User); err != nil {
			return "", fmt.Errorf("presence: %w", err)
		}
	}
	after := d
	switch verdict, at := Judge(u, d, now, active); verdict {
	case End:
		after.Due = time.Time{}
	case Begin:
		j.o.Log.InfoContext(ctx, "digest turned on", "user", u.ID, "every", u.Settings.Attention.Digest)
		after = chat.DigestState{User: d.User, Due: next(u, now), Last: now, Since: now, Key: chat.NewSecret()}
	case Later:
		after.Due = at
	default:
		return j.send(ctx, u, d, now)
	}
	return "", j.o.Store.MoveDigest(ctx, d, after)
}

// send sends the digest of u if anything waits. What was written within the user's delay is left for the next one.
func (j *Job) send(ctx context.Context, u chat.User, d chat.DigestState, now time.Time) (result string, err error) {
	until := now.Add(-max(settle, u.Settings.Attention.PushDelay))
	if until.Before(d.Since) {
		until = d.Since
	}
	done := d
	done.Due, done.Last, done.Since, done.Tries = next(u, now), now, until, 0
	w, err := j.o.Reader.Waiting(ctx, u.ID, d.Since, until)
	if err != nil {
		return "", fmt.Errorf("what waits: %w", err)
	}
	if len(w.Items) == 0 {
		return "", j.o.Store.MoveDigest(ctx, d, done)
	}
	m := Compose(w, Sender{j.o.From, j.o.URL}, d, now)
	leased := d
	leased.Due = now.Add(lease)
	if err := j.o.Store.MoveDigest(ctx, d, leased); err != nil {
		return "", err
	}
	err = j.o.Mailer.Send(ctx, m)
	if ctx.Err() != nil && err != nil && !errors.Is(err, mail.ErrUncertain) { // the process is ending: it is sent after the lease
		return "", nil
	}
	log := j.o.Log.With("user", u.ID)
	switch {
	case err == nil:
		result = Sent
		log.InfoContext(ctx, "digest sent", "items", len(w.Items))
	case errors.Is(err, mail.ErrRefused):
		result = Refused
		done = d
		done.Due, done.Tries = now.Add(refusedFor), 0
		log.WarnContext(ctx, "the address of a user is refused: no digest for 7 days", "error", err)
	case errors.Is(err, mail.ErrUncertain):
		result = Uncertain
		log.WarnContext(ctx, "a digest may have been sent, and is not sent again", "error", err)
	default:
		result = Failed
		done = d
		done.Tries = d.Tries + 1
		done.Due = now.Add(retry(done.Tries))
		log.WarnContext(ctx, "a digest was not sent, and will be later", "error", err, "tries", done.Tries)
	}
	return result, j.save(context.WithoutCancel(ctx), leased, done)
}

// save keeps what was done. If the user has changed a setting meanwhile, their change stays, and what was mailed is kept with it.
func (j *Job) save(ctx context.Context, leased, done chat.DigestState) error {
	err := j.o.Store.MoveDigest(ctx, leased, done)
	for range 3 {
		if !errors.Is(err, chat.ErrStale) {
			break
		}
		now, gone := j.o.Store.Digest(ctx, done.User)
		if gone != nil {
			return gone
		}
		if now.Key != done.Key { // it was turned off and on again
			return nil
		}
		mine := done
		mine.Due = now.Due
		err = j.o.Store.MoveDigest(ctx, now, mine)
	}
	return err
}

// key names a digest: one that is sent again has the same.
func key(d chat.DigestState) string { return d.Key + " " + strconv.FormatInt(d.Since.UnixMilli(), 10) }
