package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
)

// boundedSessions: with more than chat.MaxSessions sessions of a user the oldest ends, which is announced (security.md AU-14). Sessions
// that are over make room without that, and nobody else's session ends.
func boundedSessions(t *testing.T, open Open) {
	ctx, hs, hm := context.Background(), &recorder{}, &recorder{}
	s := opened(t, open, hs)
	defer s.Close()
	m := model.New(hm.feed)
	for _, o := range []struct {
		chat.Store
		settle func()
	}{{s, hs.settle}, {m, nil}} {
		if err := furnish(ctx, o, o.settle); err != nil {
			t.Fatal(err)
		}
	}
	hs.take()
	hm.take()
	now, epoch, all := began, int64(1), []string{}
	add := func(id, user string, at, expires time.Time, want ...string) {
		t.Helper()
		all = append(all, id)
		n := chat.NewSession{Secret: chat.HashSecret(id), Session: chat.Session{
			ID: id, User: user, UserEpoch: epoch, CreatedAt: at, LastSeenAt: at, ExpiresAt: expires, PasswordAt: at,
		}}
		for _, store := range []chat.Store{s, m} {
			if err := store.AddSession(ctx, n); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
		if got, model := endedSessions(hs.take()), endedSessions(hm.take()); !slices.Equal(got, want) || !slices.Equal(model, want) {
			t.Errorf("%s: ended %q, the model %q, want %q", id, got, model, want)
		}
	}
	next := func(id string, want ...string) {
		t.Helper()
		now = now.Add(time.Minute)
		add(id, "umira", now, now.Add(24*time.Hour), want...)
	}
	add("short", "umira", now, now.Add(chat.MaxSessions*time.Minute))
	add("jonas", "ujonas", now, now.Add(24*time.Hour))
	for i := range chat.MaxSessions {
		next(fmt.Sprint("a", i)) // the last takes the place of the short one, which is over at that instant
	}
	next("one more", "a0")
	add("of a slow clock", "umira", began, now.Add(24*time.Hour), "a1")
	next("after it", "of a slow clock")
	for _, store := range []chat.Store{s, m} {
		if err := store.EndSession(ctx, "umira", "a20"); err != nil {
			t.Fatal(err)
		}
	}
	hs.take()
	hm.take()
	next("in its place")
	next("and beyond", "a2")
	alike(ctx, t, s, m, all, now)
	for _, store := range []chat.Store{s, m} {
		end := chat.UpdateUser{
			User: "umira", EndSessions: true, KeepTokens: true, At: now,
			KeepSession: &chat.KeptSession{ID: "a9", Secret: chat.HashSecret("a9 anew")},
		}
		if _, err := store.UpdateUser(ctx, end); err != nil {
			t.Fatal(err)
		}
	}
	hs.take()
	hm.take()
	epoch++
	next("of a new password") // a9 and this one
	all = append(all, "a9 anew")
	alike(ctx, t, s, m, all, now)
	if _, _, err := s.SessionBySecret(ctx, "umira", chat.HashSecret("a9"), now); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("the former secret of the session that was kept: %v", err)
	}
	kept, _, err := s.SessionBySecret(ctx, "umira", chat.HashSecret("a9 anew"), now)
	if err != nil || kept.ID != "a9" || !kept.PasswordAt.Before(now.Add(-time.Minute)) {
		t.Errorf("the session that was kept: %+v, %v", kept, err)
	}
	hash := "hash"
	for _, store := range []chat.Store{s, m} {
		change := chat.UpdateUser{
			User: "umira", Password: &hash, EndSessions: true, KeepTokens: true, At: now,
			KeepSession: &chat.KeptSession{ID: "a9", Secret: chat.HashSecret("a9 once more")},
		}
		if _, err := store.UpdateUser(ctx, change); err != nil {
			t.Fatal(err)
		}
	}
	alike(ctx, t, s, m, append(all, "a9 once more"), now)
	kept, _, err = s.SessionBySecret(ctx, "umira", chat.HashSecret("a9 once more"), now)
	if err != nil || kept.ID != "a9" || !kept.PasswordAt.Equal(now) {
		t.Errorf("the session in which the password was changed: %+v, %v", kept, err)
	}
}

// endedSessions are the ids of all sessions that were announced as ended.
func endedSessions(as []chat.Announcement) []string {
	var ids []string
	for _, a := range as {
		if e, ok := a.Event.(chat.SessionsEnded); ok {
			ids = append(ids, e.IDs...)
		}
	}
	slices.Sort(ids)
	return ids
}

// alike holds what can be read of sessions to the model, by user and by each secret.
func alike(ctx context.Context, t *testing.T, s, m chat.Store, secrets []string, now time.Time) {
	t.Helper()
	for _, user := range []string{"umira", "ujonas"} {
		got, gotErr := s.Sessions(ctx, user, now)
		want, wantErr := m.Sessions(ctx, user, now)
		if gotErr != nil || wantErr != nil || fmt.Sprint(plain(got)) != fmt.Sprint(plain(want)) || len(want) == 0 ||
			len(want) > chat.MaxSessions {
			t.Errorf("%d sessions of %s, %v; the model has %d, %v", len(got), user, gotErr, len(want), wantErr)
		}
	}
	live := 0
	for _, secret := range secrets {
		got, _, gotErr := s.SessionBySecret(ctx, "umira", chat.HashSecret(secret), now)
		want, u, wantErr := m.SessionBySecret(ctx, "umira", chat.HashSecret(secret), now)
		if u.ID == "ujonas" { // not to be found under another's name
			continue
		}
		if wantErr == nil {
			live++
		}
		if fmt.Sprint(plain(got)) != fmt.Sprint(plain(want)) && wantErr == nil || chat.ErrorCode(gotErr) != chat.ErrorCode(wantErr) {
			t.Errorf("session %q: %+v, %v; the model says %+v, %v", secret, got, gotErr, want, wantErr)
		}
	}
	if live == 0 || live == len(secrets) {
		t.Errorf("%d of %d sessions live: the comparison shows nothing", live, len(secrets))
	}
}
