package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// TestAdoption: who was there lately, which rooms had something new, and which feedback somebody else has answered. It counts every person
// once, and no bots.
func TestAdoption(t *testing.T) {
	s, _, _ := testStore(t)
	ctx, week := context.Background(), noon.Add(-7*24*time.Hour)
	run := func(statement string, args ...any) {
		t.Helper()
		must(t, do(ctx, s, func(tx *tx) error { return exec(tx.Conn, statement, args...) }))
	}
	count := func() Adoption {
		t.Helper()
		a, err := s.Adoption(ctx, week, noon.Add(-30*24*time.Hour))
		must(t, err)
		return a
	}
	if got := count(); got != (Adoption{People: 2}) {
		t.Errorf("at first: %+v", got)
	}
	sign := func(n int, user string, seen time.Time) {
		must(t, s.AddSession(ctx, chat.NewSession{Secret: chat.HashSecret(cid(n)), Session: chat.Session{
			ID: cid(n), User: user, UserEpoch: epochOf(s, user), CreatedAt: noon, LastSeenAt: seen, ExpiresAt: noon.Add(time.Hour),
		}}))
	}
	sign(1, "jonas", noon)
	sign(2, "jonas", noon)
	sign(3, "mira", week.Add(-time.Hour))
	m, err := post(s, "jonas", 1, "The soup is good")
	must(t, err)
	if got := count(); got != (Adoption{People: 2, Active: 1, Rooms: 1}) {
		t.Errorf("after a post: %+v", got)
	}
	run("INSERT INTO feedback VALUES ('general', ?, 'jonas', ?)", m.Seq, millis(noon))
	run("UPDATE message SET repliers = '[\"jonas\"]' WHERE room = 'general' AND seq = ?", m.Seq)
	if got := count(); got.Feedback != 1 || got.Answered != 0 {
		t.Errorf("after a reply of one's own: %+v", got)
	}
	run("UPDATE message SET repliers = '[\"jonas\",\"mira\"]' WHERE room = 'general' AND seq = ?", m.Seq)
	if got := count(); got.Feedback != 1 || got.Answered != 1 {
		t.Errorf("after an answer: %+v", got)
	}
	run("UPDATE message SET created_at = ? WHERE room = 'general' AND seq = ?", millis(week), m.Seq)
	run("UPDATE feedback SET at = ? WHERE room = 'general' AND seq = ?", millis(noon.Add(-31*24*time.Hour)), m.Seq)
	run("UPDATE user SET bot = 1 WHERE id = 'jonas'")
	if got := count(); got != (Adoption{People: 1}) {
		t.Errorf("of what is long ago, and of a bot: %+v", got)
	}
	run("UPDATE user SET bot = 0 WHERE id = 'jonas'")
	run("DELETE FROM feedback WHERE room = 'general' AND seq = ?", m.Seq)
}

// TestQueues: what is due, since when, and what was tried in vain.
func TestQueues(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	run := func(statement string, args ...any) {
		t.Helper()
		must(t, do(ctx, s, func(tx *tx) error { return exec(tx.Conn, statement, args...) }))
	}
	hour := func(n int) int64 { return millis(noon.Add(time.Duration(n) * time.Hour)) }
	for i, d := range [][2]int64{{0, 0}, {hour(-2), 0}, {hour(-1), 0}, {hour(1), 0}, {hour(-1), 2}, {hour(3), 1}} {
		run("INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?, 'key', ?)", cid(i), d[0], hour(-9), hour(-9), d[1])
	}
	queue := func() Queue {
		t.Helper()
		q, err := s.DigestQueue(ctx, noon)
		must(t, err)
		return q
	}
	if got, want := queue(), (Queue{Due: 2, Failed: 2, Oldest: noon.Add(-2 * time.Hour)}); got != want {
		t.Errorf("digests: %+v, want %+v", got, want)
	}
	due := func() int {
		t.Helper()
		all, err := s.DueDigests(ctx, noon, 100)
		must(t, err)
		return len(all)
	}
	before := due()
	must(t, s.RetryDigests(ctx, noon))
	if n := due(); n != before+1 {
		t.Errorf("%d are due, %d were", n, before)
	}
	must(t, s.DiscardDigests(ctx, noon))
	if got := queue(); got.Failed != 0 {
		t.Errorf("after they were given up: %+v", got)
	}
	for i := range 6 {
		d, err := s.Digest(ctx, cid(i))
		must(t, err)
		if given := i >= 4; d.Since.Equal(noon) != given || d.Last.Equal(noon) != given || d.Tries != 0 {
			t.Errorf("digest %d: %+v", i, d)
		}
	}
	for i := range 6 {
		run("DELETE FROM digest WHERE user = ?", cid(i))
	}
	row := chat.FileRow{File: chat.File{ID: "a", Size: 1, Name: "a"}, State: chat.FileDead, Owner: "mira", At: noon, Due: noon.Add(-time.Hour)}
	must(t, do(ctx, s, func(tx *tx) error { return tx.putFile(row, 0) }))
	row.ID, row.Due = "b", noon.Add(time.Hour)
	must(t, do(ctx, s, func(tx *tx) error { return tx.putFile(row, 0) }))
	if q, err := s.FileQueue(ctx, noon); err != nil || q != (Queue{Due: 1, Oldest: noon.Add(-time.Hour)}) {
		t.Errorf("files: %+v (%v)", q, err)
	}
	run("DELETE FROM file WHERE id IN ('a', 'b')")
}
