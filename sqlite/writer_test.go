package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

func TestGroupCommit(t *testing.T) {
	s, h, _ := testStore(t)
	const n = 400
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := post(s, "mira", i, "hello"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h.mu.Lock()
	commits := h.n
	h.mu.Unlock()
	announcements := h.take()
	if len(announcements) != n {
		t.Fatalf("%d announcements", len(announcements))
	}
	for i, a := range announcements {
		if m := a.Event.(chat.MessageChanged).Message; m.Rev != int64(i+1) || len(a.To) != 2 {
			t.Fatalf("announcement %d: rev %d to %v", i, m.Rev, a.To)
		}
	}
	if commits > n/4 {
		t.Errorf("%d commits for %d commands", commits, n)
	}
}

func TestDiskFull(t *testing.T) {
	s, h, path := testStore(t)
	ctx := context.Background()
	var pages int64
	must(t, do(ctx, s, func(tx *tx) (err error) { pages, _, err = row(tx.Conn, integer, "PRAGMA page_count"); return err }))
	must(t, do(ctx, s, func(tx *tx) error {
		_, _, err := row(tx.Conn, integer, "PRAGMA max_page_count = "+fmt.Sprint(pages+8))
		return err
	}))
	var ok []chat.Message
	var full error
	for i := 0; i < 100 && full == nil; i++ {
		var m chat.Message
		if m, full = post(s, "mira", i, strings.Repeat("x", 15000)); full == nil {
			ok = append(ok, m)
		}
	}
	var e *chat.Error
	if !errors.As(full, &e) || e.Code != chat.Unavailable || e.RetryAfter != time.Second || e.Err == nil {
		t.Fatalf("full: %v", full)
	}
	if got := len(h.take()); got != len(ok) {
		t.Errorf("announced %d of %d", got, len(ok))
	}
	// Many posts at once while the disk is full: some may fit. Exactly the acknowledged ones must be stored.
	var wg sync.WaitGroup
	var mu sync.Mutex
	acked := map[string]bool{}
	for i := range 40 {
		wg.Go(func() {
			if m, err := post(s, "jonas", 1000+i, strings.Repeat("y", 15000)); err == nil {
				mu.Lock()
				acked[m.ClientID] = true
				mu.Unlock()
			} else if chat.ErrorCode(err) != chat.Unavailable {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	p, err := s.Page(ctx, chat.PageQuery{Room: "general", Bound: chat.Bound{Limit: 200, Bytes: chat.PageBytes}, Viewer: "mira"})
	must(t, err)
	if len(p.Messages) != len(ok)+len(acked) {
		t.Errorf("%d messages, %d acknowledged", len(p.Messages), len(ok)+len(acked))
	}
	must(t, do(ctx, s, func(tx *tx) error { _, _, err := row(tx.Conn, integer, "PRAGMA max_page_count = 1000000"); return err }))
	if _, err := post(s, "mira", 5000, "again"); err != nil {
		t.Fatal("did not recover:", err)
	}
	must(t, s.Close())
	s = open(t, path, h)
	if q, err := s.Page(ctx, chat.PageQuery{Room: "general", Bound: chat.Bound{Limit: 200, Bytes: chat.PageBytes}, Viewer: "mira"}); err != nil ||
		len(q.Messages) != len(p.Messages)+1 {
		t.Errorf("after reopening: %d, %v", len(q.Messages), err)
	}
	must(t, integrity(s))
}

// A command that changes a room's members and then fails must not change the cached members.
func TestCacheAfterFailure(t *testing.T) {
	s, h, _ := testStore(t)
	ctx := context.Background()
	addUser(t, s, "ada")
	_, err := post(s, "mira", 1, "warm the cache")
	must(t, err)
	boom := errors.New("boom")
	err = do(ctx, s, func(tx *tx) error {
		if err := tx.insertMembers("general", []string{"ada"}, chat.RoomMember, noon); err != nil {
			return err
		}
		if _, err := tx.members("general"); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	h.take()
	_, err = post(s, "mira", 2, "to mira and jonas")
	must(t, err)
	if to := h.take()[0].To; len(to) != 2 {
		t.Errorf("announced to %v", to)
	}
	must(t, s.AddMembers(ctx, chat.AddMembers{Room: "general", Users: []string{"ada"}, Role: chat.RoomMember, At: noon}))
	h.take()
	_, err = post(s, "mira", 3, "to ada too")
	must(t, err)
	if to := h.take()[0].To; len(to) != 3 {
		t.Errorf("announced to %v", to)
	}
}

// A queued command is dropped when its caller's context ends.
func TestCancelledWhileQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, _ := testStore(t)
		hold, held := make(chan struct{}), make(chan struct{})
		go func() { _ = do(context.Background(), s, func(*tx) error { close(held); <-hold; return nil }) }()
		<-held
		ctx, cancel := context.WithCancel(context.Background())
		left := make(chan error)
		go func() {
			_, _, err := s.PostMessage(ctx, chat.PostMessage{Room: "general", Author: "mira", ClientID: cid(1), Text: "never", At: noon})
			left <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(hold)
		m, err := post(s, "mira", 2, "after")
		must(t, err)
		if m.Seq != 1 || len(h.take()) != 1 {
			t.Errorf("seq %d", m.Seq)
		}
	})
}

func TestQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, _ := testStore(t)
		hold, held := make(chan struct{}), make(chan struct{})
		go func() { _ = do(context.Background(), s, func(*tx) error { close(held); <-hold; return nil }) }()
		<-held
		var wg sync.WaitGroup
		for i := range cap(s.queue) {
			wg.Go(func() { _, _ = post(s, "mira", i, "x") })
		}
		synctest.Wait()
		start := time.Now()
		_, err := post(s, "mira", 9999, "one too many")
		if chat.ErrorCode(err) != chat.Unavailable || time.Since(start) != queueWait {
			t.Error(err, time.Since(start))
		}
		close(hold)
		wg.Wait()
	})
}

func TestCloseFinishesAndIsSafeUnderLoad(t *testing.T) {
	s, h, path := testStore(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	acked := 0
	for i := range 300 {
		wg.Go(func() {
			if _, err := post(s, "mira", i, "x"); err == nil {
				mu.Lock()
				acked++
				mu.Unlock()
			} else if chat.ErrorCode(err) != chat.Unavailable {
				t.Error(err)
			}
		})
	}
	must(t, s.Close())
	wg.Wait()
	must(t, s.Close())
	if _, err := s.User(context.Background(), "mira"); chat.ErrorCode(err) != chat.Unavailable {
		t.Error("read after close:", err)
	}
	s = open(t, path, &recorder{})
	r, err := s.RoomAccess(context.Background(), "general", "mira")
	must(t, err)
	if int(r.LastSeq) != acked || len(h.take()) != acked {
		t.Errorf("%d stored, %d acknowledged", r.LastSeq, acked)
	}
}

// When COMMIT itself fails, the batch is rolled back, every caller gets Unavailable, nothing is announced and the writer goes on.
func TestCommitFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, _ := testStore(t)
		ctx := context.Background()
		hold, held := make(chan struct{}), make(chan struct{})
		go func() { _ = do(ctx, s, func(*tx) error { close(held); <-hold; return nil }) }()
		<-held
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() { _, errs[i] = post(s, "mira", i, "x") })
		}
		synctest.Wait()
		var broken error
		wg.Go(func() {
			broken = do(ctx, s, func(tx *tx) error {
				if err := exec(tx.Conn, "PRAGMA defer_foreign_keys = ON"); err != nil {
					return err
				}
				tx.membersChanged("general")
				if err := exec(tx.Conn, "INSERT INTO member VALUES ('general', 'ghost', 'member', 0, 0, 0, 'all', 0, 0, 1, 0)"); err != nil {
					return err
				}
				_, err := tx.members("general")
				return err
			})
		})
		synctest.Wait()
		close(hold)
		wg.Wait()
		for _, err := range append(errs, broken) {
			if chat.ErrorCode(err) != chat.Unavailable {
				t.Fatal(err)
			}
		}
		if as := h.take(); len(as) != 0 {
			t.Fatalf("announced %d", len(as))
		}
		m, err := post(s, "mira", 0, "x")
		must(t, err)
		if as := h.take(); m.Seq != 1 || m.Rev != 1 || len(as[0].To) != 2 {
			t.Errorf("%+v %v", m, as[0].To)
		}
		must(t, integrity(s))
	})
}

// A caller whose context ends must not read what the writer still writes (-race).
func TestContextEndsWhileCommandRuns(t *testing.T) {
	s, _, _ := testStore(t)
	var wg sync.WaitGroup
	for i := range 500 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%40)*200*time.Microsecond)
			defer cancel()
			_, _, _ = s.PostMessage(ctx, chat.PostMessage{Room: "general", Author: "mira", ClientID: cid(i), Text: "x", At: noon})
		})
	}
	wg.Wait()
}

// TestFailuresInABatch: a command that fails after writing, or panics, is rolled back alone. The other commands of its batch are
// committed once.
func TestFailuresInABatch(t *testing.T) {
	s, h, _ := testStore(t)
	ctx, held, gate := context.Background(), make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // blocks the writer until the batch is queued
		if err := do(ctx, s, func(*tx) error { close(held); <-gate; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-held
	boom := errors.New("boom")
	const n = 60
	for i := range n {
		wg.Go(func() {
			if i%3 == 0 {
				if _, err := post(s, "mira", i, "hello"); err != nil {
					t.Error(err)
				}
				return
			}
			err := do(ctx, s, func(t *tx) error {
				if _, err := t.post(chat.PostMessage{Room: "general", Author: "mira", ClientID: cid(i), Text: "never posted",
					At: noon}); err != nil {
					return err
				}
				if i%3 == 1 {
					panic("at the disco")
				}
				return boom
			})
			if err == nil || i%3 == 2 && !errors.Is(err, boom) {
				t.Errorf("command %d: %v", i, err)
			}
		})
	}
	for len(s.queue) < n {
		time.Sleep(time.Millisecond)
	}
	close(gate)
	wg.Wait()
	announcements := h.take()
	if len(announcements) != n/3 {
		t.Fatalf("%d announcements of %d posts", len(announcements), n/3)
	}
	for i, a := range announcements {
		if m := a.Event.(chat.MessageChanged).Message; m.Rev != int64(i+1) || m.Text != "hello" {
			t.Errorf("announcement %d: rev %d %q", i, m.Rev, m.Text)
		}
	}
	if r, err := s.RoomAccess(ctx, "general", "mira"); err != nil || r.LastSeq != n/3 {
		t.Errorf("last seq %d, %v", r.LastSeq, err)
	}
}
