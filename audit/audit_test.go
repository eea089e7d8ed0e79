package audit_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/audit"
)

var began = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// anEntry draws an entry with any texts.
func anEntry(t *rapid.T) audit.Entry {
	text := rapid.StringN(0, 5, 20)
	person := func() audit.Person { return audit.Person{ID: text.Draw(t, "id"), Handle: text.Draw(t, "handle")} }
	e := audit.Entry{
		At: began.Add(time.Duration(rapid.IntRange(-1000, 1000).Draw(t, "seconds")) * time.Second), What: text.Draw(t, "what"), By: person(),
		Session: text.Draw(t, "session"), Token: text.Draw(t, "token"), Address: text.Draw(t, "address"), Of: person(),
		Room: text.Draw(t, "room"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "details") {
		e.Details = append(e.Details, audit.Detail{Name: text.Draw(t, "name"), From: text.Draw(t, "from"), To: text.Draw(t, "to")})
	}
	return e
}

// chain is a chain of rows, and its head.
func chain(t *rapid.T, least int) (rows []audit.Row, head audit.Head) {
	for range rapid.IntRange(least, 12).Draw(t, "rows") {
		r := head.Next(anEntry(t))
		rows, head = append(rows, r), r.Head()
	}
	return rows, head
}

func check(rows []audit.Row, head, copied audit.Head) error {
	c := audit.NewChecker(copied)
	for _, r := range rows {
		if err := c.Add(r); err != nil {
			return err
		}
	}
	n, err := c.End(head)
	if err == nil && n != int64(len(rows)) {
		err = fmt.Errorf("%d rows are counted of %d", n, len(rows))
	}
	return err
}

// TestAChainIsWhole: what Next made passes, with any of its rows as the copy that was kept elsewhere.
func TestAChainIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, head := chain(t, 0)
		copied := audit.Head{}
		if len(rows) > 0 {
			var err error
			if copied, err = audit.ParseHead(rapid.SampledFrom(rows).Draw(t, "copied").Head().String()); err != nil {
				t.Fatal(err)
			}
		}
		if err := check(rows, head, copied); err != nil {
			t.Fatal(err)
		}
	})
}

// TestTamperingIsFound: whatever is done to one row or more without computing later hashes anew is found.
func TestTamperingIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, head := chain(t, 2)
		i := rapid.IntRange(0, len(rows)-1).Draw(t, "row")
		was := fmt.Sprint(rows)
		switch rapid.SampledFrom([]string{"remove", "cut off", "swap", "change", "write anew", "hash", "double", "insert"}).Draw(t, "tampering") {
		case "remove":
			rows = slices.Delete(rows, i, i+1)
		case "cut off":
			rows = rows[:i]
		case "swap":
			j := rapid.IntRange(0, len(rows)-1).Draw(t, "other")
			rows[i], rows[j] = rows[j], rows[i]
			if rapid.Bool().Draw(t, "with their numbers") {
				rows[i].N, rows[j].N = rows[j].N, rows[i].N
			}
		case "change":
			n, hash, prev := rows[i].N, rows[i].Hash, rows[i].Prev
			rows[i].Entry = anEntry(t)
			rows[i].At = rows[i].At.UTC()
			rows[i].N, rows[i].Hash, rows[i].Prev = n, hash, prev
		case "write anew": // one row with its hash, but not the later ones
			e := anEntry(t)
			e.At = rows[i].At
			rows[i] = audit.Head{N: rows[i].N - 1, Hash: rows[i].Prev}.Next(e)
		case "hash":
			rows[i].Hash[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		case "double":
			rows = slices.Insert(rows, i, rows[i])
		case "insert":
			rows = slices.Insert(rows, i, audit.Head{N: rows[i].N - 1, Hash: rows[i].Prev, At: began}.Next(anEntry(t)))
		}
		if fmt.Sprint(rows) == was {
			t.Skip("nothing is different")
		}
		if err := check(rows, head, audit.Head{}); err == nil {
			t.Fatalf("was not found:\n%v\n%v", was, rows)
		}
	})
}

// TestACopyOfTheHead: who can write the store can also compute all hashes and the head anew. A copy of the head tells.
func TestACopyOfTheHead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, head := chain(t, 2)
		keep := rapid.IntRange(0, len(rows)-1).Draw(t, "kept")
		forged, now := slices.Clone(rows[:keep]), audit.Head{}
		if keep > 0 {
			now = rows[keep-1].Head()
		}
		for range rapid.IntRange(0, 14).Draw(t, "forged") {
			e := anEntry(t)
			e.Details = append(e.Details, audit.Detail{Name: "forged"}) // no row of the chain has four details, or this one
			r := now.Next(e)
			forged, now = append(forged, r), r.Head()
		}
		if err := check(forged, now, audit.Head{}); err != nil {
			t.Fatalf("without a copy it is a chain: %v", err)
		}
		if err := check(forged, now, audit.Head{N: head.N, Hash: head.Hash}); err == nil {
			t.Fatal("was not found")
		}
	})
}

// TestPruning: the oldest rows may go when a row stands for them, and for exactly them.
func TestPruning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, head := chain(t, 2)
		first, copied := rows[0].Head(), rows[len(rows)-1].Head()
		last := rapid.IntRange(0, len(rows)-2).Draw(t, "last")
		r := head.Next(audit.Prune(rows[last], began.Add(time.Hour)))
		all, left := append(slices.Clone(rows), r), append(slices.Clone(rows[last+1:]), r)
		for _, of := range [][]audit.Row{all, left} { // a crash between both leaves all
			for _, c := range []audit.Head{{}, {N: copied.N, Hash: copied.Hash}} {
				if err := check(of, r.Head(), c); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := check(left[1:], r.Head(), audit.Head{}); err == nil && len(left) > 1 {
			t.Fatal("one row more is missing, which was not found")
		}
		if err := check(rows[last+1:], head, audit.Head{}); err == nil {
			t.Fatal("no row stands for what is missing, which was not found")
		}
		err := check(left, r.Head(), audit.Head{N: first.N, Hash: first.Hash})
		if last > 0 && (err == nil || !strings.Contains(err.Error(), "pruned")) {
			t.Fatalf("a copy of a row that was pruned: %v", err)
		}
	})
}

// TestCanonicalFormsDiffer: where one text ends and the next begins makes a difference.
func TestCanonicalFormsDiffer(t *testing.T) {
	row := func(e audit.Entry) string { e.At = began; return string(audit.Head{}.Next(e).Canonical()) }
	forms := []string{
		row(audit.Entry{What: "ab", Address: "c"}), row(audit.Entry{What: "a", Address: "bc"}),
		row(audit.Entry{By: audit.Person{ID: "a"}}), row(audit.Entry{By: audit.Person{Handle: "a"}}), row(audit.Entry{Of: audit.Person{ID: "a"}}),
		row(audit.Entry{Session: "a"}), row(audit.Entry{Token: "a"}), row(audit.Entry{Room: "a"}),
		row(audit.Entry{Details: []audit.Detail{{Name: "a"}}}), row(audit.Entry{Details: []audit.Detail{{From: "a"}}}),
		row(audit.Entry{Details: []audit.Detail{{To: "a"}}}), row(audit.Entry{Details: []audit.Detail{{}}}), row(audit.Entry{}),
	}
	slices.Sort(forms)
	if n := len(slices.Compact(slices.Clone(forms))); n != len(forms) {
		t.Errorf("%d forms of %d rows", n, len(forms))
	}
	// A row of a log that is out there must keep its hash.
	r := audit.Head{N: 6, Hash: audit.Hash{1, 2}, At: began}.Next(audit.Entry{
		At: began.Add(1500 * time.Microsecond), What: "user changed", By: audit.Person{ID: "aaaaaaaaaaaa", Handle: "ada"},
		Session: "s", Token: "t", Address: "192.0.2.1", Of: audit.Person{ID: "bbbbbbbbbbbb", Handle: "jonas"}, Room: "r",
		Details: []audit.Detail{{Name: "role", From: "member", To: "admin"}},
	})
	if got, want := r.Hash.String(), "a487c5302e7749bdb6365aa68322c9fae1ea191010af0715341ab19d73ad2692"; got != want {
		t.Errorf("the hash of a row is %s, and was %s", got, want)
	}
}

// listed is a Reader of rows in memory, the oldest first.
type listed []audit.Row

func (l listed) AuditRows(_ context.Context, q audit.Query) (out []audit.Row, _ error) {
	for _, r := range slices.Backward(l) {
		if (q.Before == 0 || r.N < q.Before) && (q.Until.IsZero() || r.At.Before(q.Until)) && len(out) < q.Limit {
			out = append(out, r)
		}
	}
	return out, nil
}

// TestFindGivesAll: page by page every row that the filter wants, once, newest first, whatever the size of pages.
func TestFindGivesAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows listed
		head := audit.Head{N: rapid.Int64Range(0, 2).Draw(t, "pruned")}
		few := func(what string) string { return rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, what) }
		for range rapid.IntRange(0, 30).Draw(t, "rows") {
			r := head.Next(audit.Entry{
				At: began.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "at")) * time.Second), What: few("what"), Room: few("room"),
				By: audit.Person{ID: few("by")}, Of: audit.Person{ID: few("of")},
			})
			rows, head = append(rows, r), r.Head()
		}
		f := audit.Filter{User: few("user"), What: few("of what"), Room: few("in")}
		if rapid.Bool().Draw(t, "bounded") {
			f.From = began.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "from")) * time.Second)
			f.To = f.From.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "to")) * time.Second)
		}
		var want, got []int64
		for _, r := range slices.Backward(rows) {
			if f.Wants(r) {
				want = append(want, r.N)
			}
		}
		limit := rapid.IntRange(1, 9).Draw(t, "limit")
		for p, before := (audit.Page{}), int64(0); ; before = p.Next {
			var err error
			if p, err = audit.Find(context.Background(), rows, f, before, limit); err != nil || len(p.Rows) > limit {
				t.Fatal(len(p.Rows), err)
			}
			for _, r := range p.Rows {
				got = append(got, r.N)
			}
			if p.Next == 0 {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v: %v, want %v", f, got, want)
		}
	})
}

// TestFindIsBounded: a search that finds nothing ends after MaxLooked rows, and goes on from there.
func TestFindIsBounded(t *testing.T) {
	rows, head := make(listed, 0, audit.MaxLooked+100), audit.Head{}
	for i := range cap(rows) {
		e := audit.Entry{At: began, What: "signed in"}
		if i == 10 {
			e.What = "rare"
		}
		rows = append(rows, head.Next(e))
		head = rows[i].Head()
	}
	p, err := audit.Find(t.Context(), rows, audit.Filter{What: "rare"}, 0, 10)
	if err != nil || len(p.Rows) != 0 || p.Next != 101 {
		t.Fatalf("%d rows, next %d, %v", len(p.Rows), p.Next, err)
	}
	if p, err = audit.Find(t.Context(), rows, audit.Filter{What: "rare"}, p.Next, 10); err != nil || len(p.Rows) != 1 || p.Next != 0 {
		t.Fatalf("%d rows, next %d, %v", len(p.Rows), p.Next, err)
	}
}

// asked is a Reader that remembers what it was asked.
type asked struct {
	listed
	queries []audit.Query
}

func (a *asked) AuditRows(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	a.queries = append(a.queries, q)
	return a.listed.AuditRows(ctx, q)
}

// TestFindLooksOnceForATime: a store looks for the place of a time row by row, so that a search asks for it once, and not for each chunk.
func TestFindLooksOnceForATime(t *testing.T) {
	rows, head := &asked{}, audit.Head{}
	for range 2000 {
		r := head.Next(audit.Entry{At: began, What: "signed in"})
		rows.listed, head = append(rows.listed, r), r.Head()
	}
	to := began.Add(time.Hour)
	p, err := audit.Find(t.Context(), rows, audit.Filter{What: "rare", To: to}, 0, 10)
	if err != nil || len(p.Rows) != 0 || p.Next != 0 {
		t.Fatalf("%d rows, next %d, %v", len(p.Rows), p.Next, err)
	}
	for i, q := range rows.queries {
		if first := i == 0; q.Until.Equal(to) != first || q.Until.IsZero() == first {
			t.Errorf("query %d: %+v", i, q)
		}
	}
	if len(rows.queries) < 3 {
		t.Errorf("%d queries of 2000 rows", len(rows.queries))
	}
}

// TestLastBefore agrees with looking at every row.
func TestLastBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 20).Draw(t, "times")
		slices.Sort(times)
		moment, want := rapid.IntRange(0, 10).Draw(t, "moment"), int64(4)
		for i, at := range times {
			if at < moment {
				want = int64(5 + i)
			}
		}
		got, err := audit.LastBefore(5, int64(4+len(times)), began.Add(time.Duration(moment)), func(n int64) (time.Time, error) {
			return began.Add(time.Duration(times[n-5])), nil
		})
		if err != nil || got != want {
			t.Fatalf("%d, %v, want %d", got, err, want)
		}
	})
}

// TestCSV: a spreadsheet gets texts and no formulas, and what has commas, quotes or lines stays one cell.
func TestCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, _ := chain(t, 0)
		var out bytes.Buffer
		if err := audit.WriteCSV(&out, rows); err != nil {
			t.Fatal(err)
		}
		cells, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(cells) != len(rows)+1 {
			t.Fatalf("%d lines of %d rows: %v", len(cells), len(rows), err)
		}
		for _, line := range cells {
			for _, c := range line {
				if c != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(c)[0]) {
					t.Fatalf("a formula: %q", c)
				}
			}
		}
	})
	var out bytes.Buffer
	r := audit.Head{}.Next(audit.Entry{At: began, What: "room changed", By: audit.Person{ID: "a", Handle: "ada"}, Details: []audit.Detail{
		{Name: "name", From: "=HYPERLINK(\"x\")", To: "lobby, small"}, {Name: "topic"}, {Name: "kind", To: "private"},
	}, Address: "@SUM(1)"})
	if err := audit.WriteCSV(&out, []audit.Row{r}); err != nil {
		t.Fatal(err)
	}
	want := strings.Join(audit.Columns(), ",") + "\r\n" + `1,2026-03-01T09:00:00.000Z,room changed,a,ada,,,'@SUM(1),,,,` +
		`"name: =HYPERLINK(""x"") → lobby, small; topic; kind: private",` + r.Hash.String() + "\r\n"
	if out.String() != want {
		t.Errorf("\n%q, want\n%q", out.String(), want)
	}
}
