package server

import (
	"context"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/socket"
	"github.com/canteen-chat/canteen/sqlite"
)

// ports are what packages report to.
type ports struct {
	requests rest.Meter
	sockets  socket.Meter
	events   func([]chat.Announcement)
	commits  func(sqlite.Committed)
}

// portsOf gives the ports of a meter, or such that count nothing.
func portsOf(m *metrics.Meter, unmeasured bool) ports {
	if unmeasured {
		return ports{events: func([]chat.Announcement) {}}
	}
	return ports{m, m.Sockets(), countEvents(m), observeCommits(m)}
}

// observeCommits gives the store's port: it records each batch of commands.
func observeCommits(m *metrics.Meter) func(sqlite.Committed) {
	commits, failures := m.Counter(catalogue.Commits), m.Counter(catalogue.CommitFailures)
	commands := m.Histogram(catalogue.CommitCommands)
	took, synced := m.Histogram(catalogue.CommitDuration), m.Histogram(catalogue.SyncDuration)
	return func(c sqlite.Committed) {
		if c.Err != nil {
			failures.Inc()
			return
		}
		commits.Inc()
		commands.Observe(float64(c.Commands))
		took.Observe(c.Took.Seconds())
		synced.Observe(c.Synced.Seconds())
	}
}

// countEvents gives a function that counts the posts and reactions in announcements.
func countEvents(m *metrics.Meter) func([]chat.Announcement) {
	posts, reactions := m.Counter(catalogue.Posts), m.Counter(catalogue.Reactions)
	return func(as []chat.Announcement) {
		for _, a := range as {
			switch e := a.Event.(type) {
			case chat.MessageChanged:
				if e.Posted {
					posts.Inc()
				}
			case chat.ReactionChanged:
				if e.Added {
					reactions.Inc()
				}
			}
		}
	}
}

// countUploads gives a function that counts uploads and their bytes.
func countUploads(m *metrics.Meter) func(size int64) {
	uploads, bytes := m.Counter(catalogue.Uploads), m.Counter(catalogue.UploadBytes)
	return func(size int64) {
		uploads.Inc()
		bytes.Add(float64(size))
	}
}

// countMails gives a function that counts e-mails by result.
func countMails(m *metrics.Meter) func(result string) {
	for _, result := range []string{digest.Sent, digest.Refused, digest.Uncertain, digest.Failed} {
		m.Counter(catalogue.Mails, result) // starts at 0, so that the first one is an increase
	}
	return func(result string) { m.Counter(catalogue.Mails, result).Inc() }
}

// gauges adds the gauges of an open data directory to its meter.
func (h *dataDir) gauges(m *metrics.Meter) {
	m.Gauge(catalogue.Sockets, func() float64 { n, _ := h.hub.Open(); return float64(n) })
	m.Gauge(catalogue.PeopleOnline, func() float64 { _, n := h.hub.Open(); return float64(n) })
	m.Gauge(catalogue.StoreQueue, func() float64 { return float64(h.store.Waiting()) })
	m.Gauge(catalogue.DatabaseBytes, func() float64 { return fileSize(filepath.Join(h.dir, databaseFile)) })
	m.Gauge(catalogue.WALBytes, func() float64 { return fileSize(filepath.Join(h.dir, databaseFile+"-wal")) })
	h.measured.gauges(m)
	m.Gauge(catalogue.DiskFree, func() float64 { free, _, _ := h.space.disk(); return float64(free) }) // an error is logged by space
	m.Gauge(catalogue.DiskSize, func() float64 { _, size, _ := h.space.disk(); return float64(size) })
	m.Gauge(catalogue.Ready, func() float64 {
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		if h.store.Ready(ctx) != nil {
			return 0
		}
		return 1
	})
	m.Gauge(catalogue.BackupAge, func() float64 {
		shipped, _ := h.ship.upTo()
		made, err := lastBackup(h.dir)
		if err != nil { // the alarms, which read it too, log the error
			return math.NaN()
		}
		if shipped.After(made) {
			made = shipped
		}
		return h.age(made)
	})
	m.Gauge(catalogue.ShippedAge, func() float64 { shipped, _ := h.ship.upTo(); return h.age(shipped) })
	m.Gauge(catalogue.Build, func() float64 { return 1 }, buildVersion())
}

// age is how long ago something was, in seconds: NaN if it never was.
func (h *dataDir) age(at time.Time) float64 {
	if at.IsZero() {
		return math.NaN()
	}
	return h.clock.Time().Sub(at).Seconds()
}

// fileSize is 0 for a file that does not exist, such as the log of a database that nobody writes to.
func fileSize(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.Size())
}

// buildVersion is the version of the program that runs.
func buildVersion() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "unknown"
}

// counting is a log handler that counts warnings and errors.
type counting struct {
	slog.Handler
	meter *metrics.Meter
}

// Handle implements slog.Handler.
func (c counting) Handle(ctx context.Context, r slog.Record) error {
	switch {
	case r.Level >= slog.LevelError:
		c.meter.Counter(catalogue.LogRecords, "error").Inc()
	case r.Level >= slog.LevelWarn:
		c.meter.Counter(catalogue.LogRecords, "warn").Inc()
	}
	return c.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (c counting) WithAttrs(as []slog.Attr) slog.Handler {
	return counting{c.Handler.WithAttrs(as), c.meter}
}

// WithGroup implements slog.Handler.
func (c counting) WithGroup(name string) slog.Handler {
	return counting{c.Handler.WithGroup(name), c.meter}
}
