package world

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
)

const (
	maxSecrets  = 64 // more would make tests with many messages slow
	leastSecret = 12 // characters: a shorter text may be in a log by chance
)

// watched is a log handler that fails the test if a record holds a message text, a password or a token: at every level, also those that
// the test's own log leaves out.
type watched struct {
	inner slog.Handler
	seen  *seen
}

// seen is what the handlers of a world share: the secrets, and a handler that writes records as text.
type seen struct {
	t       testing.TB
	mu      sync.Mutex
	secrets [][]byte
	b       bytes.Buffer
}

func watch(t testing.TB, log *slog.Logger) (*slog.Logger, *seen) {
	s := &seen{t: t, secrets: [][]byte{[]byte(Password)}}
	return slog.New(watched{log.Handler(), s}), s
}

// secret adds a secret to those that no record may hold.
func (s *seen) secret(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.secrets) < maxSecrets && len(text) >= leastSecret {
		s.secrets = append(s.secrets, []byte(text))
	}
}

// check fails the test if a record holds a secret.
func (s *seen) check(r slog.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
	if err := slog.NewTextHandler(&s.b, &slog.HandlerOptions{Level: slog.LevelDebug}).Handle(context.Background(), r); err != nil {
		s.t.Errorf("a record of the log is not written: %v", err)
	}
	for _, secret := range s.secrets {
		if bytes.Contains(s.b.Bytes(), secret) {
			s.t.Errorf("the log holds the secret %q: %s", secret, s.b.Bytes())
		}
	}
}

// Enabled implements slog.Handler.
func (watched) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (w watched) Handle(ctx context.Context, r slog.Record) error {
	w.seen.check(r)
	if !w.inner.Enabled(ctx, r.Level) {
		return nil
	}
	return w.inner.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (w watched) WithAttrs(as []slog.Attr) slog.Handler {
	r := slog.Record{}
	r.AddAttrs(as...)
	w.seen.check(r)
	return watched{w.inner.WithAttrs(as), w.seen}
}

// WithGroup implements slog.Handler.
func (w watched) WithGroup(name string) slog.Handler { return watched{w.inner.WithGroup(name), w.seen} }
