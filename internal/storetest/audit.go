package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
)

// auditLog checks audit.Store: a chain whatever is appended at once, rows in the commit of the command they tell of, and pruning.
func auditLog(t *testing.T, open Open) {
	s, h := furnished(t, open)
	log, ok := s.Store.(audit.Store)
	if !ok {
		t.Fatalf("%T keeps no audit log", s.Store)
	}
	ctx := context.Background()
	if head, err := log.AuditHead(ctx); err != nil || head != (audit.Head{}) {
		t.Fatalf("the head of an empty log: %v, %v", head, err)
	}
	entry := func(n int) audit.Entry {
		return audit.Entry{
			At: began.Add(time.Duration(n) * time.Hour), What: fmt.Sprint("what", n), By: audit.Person{ID: "umira", Handle: "mira"}, Session: "s",
			Token: "t", Address: "192.0.2.1", Of: audit.Person{ID: "ugus", Handle: "gus"}, Room: general,
			Details: []audit.Detail{{Name: "role", From: "<b>&\u2028", To: "\xff"}, {Name: "topic"}},
		}
	}
	first, err := log.AppendAudit(ctx, entry(0))
	if err != nil || first.N != 1 {
		t.Fatalf("row %d, %v", first.N, err)
	}
	rows := 1 + together10(t, log, entry)
	if got := whole(t, log); len(got) != rows || fmt.Sprint(got[0]) != fmt.Sprint(first) {
		t.Fatalf("%d rows of %d, the first %+v, want %+v", len(got), rows, got[0], first)
	}
	pages(t, log, rows)
	auditedCommands(t, s, log)
	pruning(t, log)
	for _, a := range h.take() {
		if _, ok := a.Event.(chat.WorkspaceChanged); !ok {
			t.Errorf("%T was announced", a.Event)
		}
	}
}

// together10 appends rows at once, and gives how many.
func together10(t *testing.T, log audit.Store, entry func(int) audit.Entry) int {
	var wg sync.WaitGroup
	for n := range 9 {
		wg.Go(func() {
			if _, err := log.AppendAudit(context.Background(), entry(n/3)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return 9
}

// whole gives all rows, the oldest first, which must be a chain that ends in the head.
func whole(t *testing.T, log audit.Store) []audit.Row {
	t.Helper()
	rows, err := log.AuditRows(context.Background(), audit.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(rows)
	c := audit.NewChecker(audit.Head{})
	for _, r := range rows {
		if err := c.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	head, err := log.AuditHead(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.End(head); err != nil {
		t.Fatal(err)
	}
	return rows
}

// pages checks each bound of a query.
func pages(t *testing.T, log audit.Store, rows int) {
	all := whole(t, log)
	for before := range int64(rows + 2) {
		for hours := range 5 {
			q := audit.Query{Before: before, Limit: 3}
			if hours > 0 {
				q.Until = began.Add(time.Duration(hours-1) * time.Hour)
			}
			var want []int64
			for _, r := range slices.Backward(all) {
				if (before == 0 || r.N < before) && (hours == 0 || r.At.Before(q.Until)) && len(want) < q.Limit {
					want = append(want, r.N)
				}
			}
			var got []int64
			found, err := log.AuditRows(context.Background(), q)
			for _, r := range found {
				got = append(got, r.N)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%+v: %v, %v, want %v", q, got, err, want)
			}
		}
	}
}

// auditedCommands checks that a command and its row are one: a command that is refused leaves none, and one that finds everything as it
// should be leaves one all the same.
func auditedCommands(t *testing.T, s Opened, log audit.Store) {
	t.Helper()
	ctx, before := context.Background(), len(whole(t, log))
	off := true
	pending := func(yes bool) *audit.Pending {
		return audit.NewPending(func() (audit.Entry, bool) { return audit.Entry{At: began, What: "workspace changed"}, yes })
	}
	run := func(epoch int64, yes bool) (audit.Row, bool, error) {
		p := pending(yes)
		err := s.UpdateWorkspace(ctx, chat.UpdateWorkspace{
			Facts:       chat.Facts{User: &chat.UserFact{ID: "umira", Role: chat.Owner, Epoch: epoch}, Audit: p},
			PreviewsOff: &off,
		})
		r, ok := p.Row()
		return r, ok, err
	}
	if _, _, err := run(7, true); outcome(nil, err) != "stale" {
		t.Errorf("of another epoch: %v", err)
	}
	if _, ok, err := run(1, false); err != nil || ok {
		t.Errorf("without a row: %t, %v", ok, err)
	}
	if n := len(whole(t, log)); n != before {
		t.Errorf("%d rows, want %d", n, before)
	}
	r, ok, err := run(1, true)
	rows := whole(t, log)
	if err != nil || !ok || len(rows) != before+1 || fmt.Sprint(rows[before]) != fmt.Sprint(r) || r.What != "workspace changed" {
		t.Errorf("%+v, %t, %v, of %d rows", r, ok, err, len(rows))
	}
	p := pending(true)
	err = s.SetMemberRole(ctx, chat.Facts{Audit: p}, general, "umira", chat.RoomOwner) // as it is
	r, ok = p.Row()
	if rows = whole(t, log); err != nil || !ok || len(rows) != before+2 || fmt.Sprint(rows[before+1]) != fmt.Sprint(r) {
		t.Errorf("what changes nothing: %+v, %t, %v, of %d rows", r, ok, err, len(rows))
	}
}

// pruning checks that old rows go, with a row that stands for them, and never the newest.
func pruning(t *testing.T, log audit.Store) {
	t.Helper()
	ctx, all := context.Background(), whole(t, log)
	copied, now := all[len(all)-1].Head(), began.Add(time.Hour)
	if n, err := log.PruneAudit(ctx, began, now); err != nil || n != 0 || len(whole(t, log)) != len(all) {
		t.Fatalf("nothing is old: %d, %v", n, err)
	}
	old := 0
	for _, r := range all {
		if r.At.Before(now) {
			old++
		}
	}
	n, err := log.PruneAudit(ctx, now, now)
	left := whole(t, log)
	if err != nil || n != old || old == 0 || len(left) != len(all)-old+1 || left[len(left)-1].What != audit.Pruned {
		t.Fatalf("%d pruned of %d, %v, %d left of %d", n, old, err, len(left), len(all))
	}
	found, err := log.AuditRows(ctx, audit.Query{Until: began.Add(time.Minute), Limit: 10})
	if err != nil || len(found) != 0 {
		t.Errorf("rows that are pruned: %v, %v", found, err)
	}
	forever := began.Add(1000 * time.Hour)
	for n := range 3 {
		moment := forever.Add(time.Duration(n) * time.Hour)
		newest, err := log.AuditHead(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.PruneAudit(ctx, moment, moment); err != nil {
			t.Fatal(err)
		}
		if left = whole(t, log); len(left) != 2 || left[0].N != newest.N {
			t.Errorf("%d rows are left, the first is row %d; the newest was %d", len(left), left[0].N, newest.N)
		}
	}
	head, err := log.AuditHead(ctx)
	if err != nil || head.N <= copied.N {
		t.Errorf("the head is row %d, and was %d: %v", head.N, copied.N, err)
	}
}
