package sqlite

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
)

// slow are plans that take longer the more there is: a scan of a table or an index, or of a room's messages by primary key, which reads
// every reply and every text.
var slow = regexp.MustCompile(`\bSCAN (\w+)|\bSEARCH (?:message|last) USING PRIMARY KEY \(room=\?(?: AND seq[<>]\?)?\)`)

// bounded are what may be scanned: it is as small in a large workspace.
var bounded = []string{"workspace", "names", "custom_emoji", "custom_emoji_list", "sqlite_master", "json_each", "CONSTANT"}

// wholes are beginnings of the queries that read a whole table, and why they may. On the writer runs none of them but the import.
func wholes() map[string]string {
	return map[string]string{
		"SELECT " + strings.Join(strings.Fields(userColumns), " ") + " FROM user ORDER BY id": "the directory, which is asked for with an ETag",
		"SELECT " + strings.Join(strings.Fields(roomColumns), " ") + ", coalesce((SELECT description FROM room_about": "browsing " +
			"looks into names; its index holds public rooms only, of which there are MaxRooms at most",
		"SELECT id, room, by, calls, created_at, used_at, epoch, secret FROM hook":             "an export",
		"SELECT count(*) FROM room WHERE kind = 'public' AND archived = 0 AND instr(name_fold": "the same, for their number",
		"SELECT id, name, role FROM user ORDER BY id":                                          "what names are compared by, once after an upgrade that changes it",
		"SELECT id, name FROM room WHERE kind = 'public'":                                      "the same, of rooms",
		"SELECT id FROM room LEFT JOIN follower":                                               "which rooms a follower has to catch up on, once, when the server starts",
		"SELECT coalesce(sum(json_extract(info, '$.size')), 0) FROM file":                      "for the metrics, every ten minutes",
		"SELECT count(*) FROM user WHERE deactivated = 0":                                      "how much Canteen is used, once a minute",
		"SELECT count(DISTINCT session.user) FROM session":                                     "the same",
		"SELECT count(*) FROM room JOIN message":                                               "the same",
		"SELECT data FROM sqlite_dbpage":                                                       "a backup, on a connection of its own",
		"SELECT name FROM sqlite_schema WHERE":                                                 "the same",
		"SELECT id, info FROM file WHERE state IN (?, ?)":                                      "the same",
		"SELECT " + auditColumns + " FROM audit ORDER BY n":                                    "a check of the audit log, on a connection of its own",
		"DELETE FROM session":                                                                  "a restore, before the database is used",
		"INSERT INTO workspace SELECT":                                                         "the last record of an import, once",
		"WITH RECURSIVE n (i)":                                                                 "a test's own, without an end",
	}
}

// whole says whether a query may read a whole table.
func whole(q string) bool {
	for begin := range wholes() {
		if strings.HasPrefix(q, begin) {
			return true
		}
	}
	return false
}

// checkPlans holds the plans of queries to an index.
func checkPlans(t testing.TB, c *conn, queries []string) {
	t.Helper()
	for _, q := range queries {
		plan, line := explain(t, c, q), strings.Join(strings.Fields(q), " ")
		for _, step := range slow.FindAllStringSubmatch(plan, -1) {
			if !slices.Contains(bounded, step[1]) && !whole(line) {
				t.Errorf("%s in %s\n%s", step[0], line, plan)
			}
		}
	}
}

// Inspect holds every statement that s has prepared, whatever built its text, to an index, and what is counted to what is there. Tests
// call it before they close a store.
func Inspect(t testing.TB, s *Store) {
	t.Helper()
	if s.closed { // the test has closed it
		return
	}
	ctx, queries := context.Background(), map[string]bool{}
	must(t, do(ctx, s, func(tx *tx) error {
		for q := range tx.Conn.prepared {
			queries[q] = true
		}
		return nil
	}))
	_, err := read(ctx, s, func(c *conn) (int, error) {
		for range readers - 1 {
			other := <-s.pool
			defer func() { s.pool <- other }()
			for q := range other.prepared {
				queries[q] = true
			}
		}
		for q := range c.prepared {
			queries[q] = true
		}
		checkPlans(t, c, slices.Sorted(maps.Keys(queries)))
		counted, _, err := row(c, integer, "SELECT rooms FROM workspace")
		must(t, err)
		there, _, err := row(c, integer, "SELECT count(*) FROM room WHERE kind <> 'direct' AND EXISTS (SELECT 1 FROM workspace)")
		if counted != there {
			t.Errorf("%d rooms are counted, %d are there", counted, there)
		}
		return 0, err
	})
	must(t, err)
}

// TestNoScans checks the query plan of every query in the package's source, run by a test or not.
func TestNoScans(t *testing.T) {
	queries := queriesInSource(t)
	if len(queries) < 60 {
		t.Fatalf("only %d queries were found: the test looks in the wrong place", len(queries))
	}
	s, _, _ := testStore(t)
	_, err := read(context.Background(), s, func(c *conn) (int, error) {
		for _, bad := range []string{"message WHERE text = 'x'", "message WHERE room = 'x'", "message WHERE room = 'x' AND seq > 1", "user", "room"} {
			if plan := explain(t, c, "SELECT * FROM "+bad); !slow.MatchString(plan) {
				t.Errorf("the plan of a slow query is not noticed: %s", plan)
			}
		}
		checkPlans(t, c, queries)
		return 0, nil
	})
	must(t, err)
}

// TestStatementsStayPrepared runs every query of the package twice and checks that SQLite plans it once. If the planner uses the value of a
// parameter, SQLite plans the statement again for each new value, which takes longer than most of our queries. It does so for
// LIMIT ?, but not for LIMIT +?, which is an expression.
func TestStatementsStayPrepared(t *testing.T) {
	queries := append(queriesInSource(t), "SELECT user FROM member WHERE room = ? LIMIT ?")
	s, _, _ := testStore(t)
	if err := do(context.Background(), s, func(tx *tx) error { return staysPrepared(t, tx.Conn, queries) }); !errors.Is(err, errUndone) {
		t.Fatal(err)
	}
}

// TestInvalidQueryIsNamed: staysPrepared returns an error with the text of a query that cannot be prepared, and the store still works.
func TestInvalidQueryIsNamed(t *testing.T) {
	s, _, _ := testStore(t)
	const wrong = "SELECT nothing FROM nowhere"
	err := do(context.Background(), s, func(tx *tx) error { return staysPrepared(t, tx.Conn, []string{wrong}) })
	if err == nil || errors.Is(err, errUndone) || !strings.Contains(err.Error(), wrong) {
		t.Errorf("a query of an unknown table: %v", err)
	}
	_, err = post(s, "mira", 1, "hello")
	must(t, err)
}

var errUndone = errors.New("rolled back on purpose")

// staysPrepared checks each query. It always returns an error, so that the command is rolled back: errUndone when all queries could be
// prepared. It must not call t.Fatal, which would end the writer's goroutine.
func staysPrepared(t *testing.T, c *conn, queries []string) error {
	t.Helper()
	for _, q := range queries {
		planned, err := plannedAgain(c, q)
		if err != nil {
			return errors.Join(err, c.watch()) // it names the query
		}
		if want := strings.Contains(q, "LIMIT ?"); planned != want {
			t.Errorf("planned again for each execution: %t: %s", planned, q)
		}
	}
	return errors.Join(errUndone, c.watch())
}

// plannedAgain tells whether SQLite plans a query again for its second execution. Planning calls the authorizer.
func plannedAgain(c *conn, query string) (bool, error) {
	asked := 0
	err := c.SetAuthorizer(sqlite.AuthorizeFunc(func(sqlite.Action) sqlite.AuthResult { asked++; return sqlite.AuthResultOK }))
	if err != nil {
		return false, err
	}
	st, err := c.Prepare(query)
	if err != nil {
		return false, err
	}
	again := 0
	for i, value := range []any{7, 8, "a", "b"} {
		asked = 0
		_ = c.run(query, slices.Repeat([]any{value}, st.BindParamCount()), nil) // constraint errors do not matter: they come after the planning
		if i%2 == 1 {
			again += asked
		}
	}
	return again > 0, nil
}

// reads matches statements that have a plan.
var reads = regexp.MustCompile(`^(SELECT|UPDATE|DELETE)\b`)

func explain(t testing.TB, c *conn, query string) string {
	t.Helper()
	st, _, err := c.PrepareTransient("EXPLAIN QUERY PLAN " + query) // no arguments are needed to plan
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { must(t, st.Finalize()) }()
	var steps []string
	for more, err := st.Step(); more || err != nil; more, err = st.Step() {
		must(t, err)
		steps = append(steps, st.ColumnText(3))
	}
	if reads.MatchString(query) && len(steps) == 0 {
		t.Errorf("no plan: %s", query)
	}
	return strings.Join(steps, "\n")
}

// queriesInSource returns the SQL strings in the package's source, with its constants inserted. The pager's queries are built at
// run time, so they are listed here.
func queriesInSource(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	must(t, err)
	var files []*ast.File
	for _, name := range names {
		if name == "archive.go" { // an export has to read everything
			continue
		}
		if !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			must(t, err)
			files = append(files, f)
		}
	}
	consts := map[string]string{}
	for range 3 { // constants may consist of constants
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
					if s, ok := folded(v.Values[0], consts); ok {
						consts[v.Names[0].Name] = s
					}
				}
				return true
			})
		}
	}
	queries := map[string]bool{}
	for _, where := range []string{timeline, replies} {
		queries["SELECT "+messageColumns+where+"seq > ? ORDER BY seq"] = true
		queries["SELECT "+messageColumns+where+"seq < ? ORDER BY seq DESC"] = true
		queries["SELECT 1"+where+"seq < ? LIMIT 1"] = true
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			s, ok := folded(e, consts)
			if ok && sql.MatchString(s) && s != "SELECT "+consts["messageColumns"] {
				queries[s] = true
				return false
			}
			return !ok || !strings.Contains(s, " FROM ")
		})
	}
	out := make([]string, 0, len(queries))
	for q := range queries {
		out = append(out, q)
	}
	return out
}

var sql = regexp.MustCompile(`^(SELECT [\s\S]+ FROM|UPDATE \w+ SET|DELETE FROM|INSERT (OR REPLACE )?INTO \w+ SELECT)\b`)

// folded evaluates a string expression of literals and constants.
func folded(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		s, ok := consts[e.Name]
		return s, ok
	case *ast.BinaryExpr:
		x, okX := folded(e.X, consts)
		y, okY := folded(e.Y, consts)
		return x + y, okX && okY && e.Op == token.ADD
	}
	return "", false
}
