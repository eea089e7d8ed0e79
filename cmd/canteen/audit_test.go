package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestAuditVerify: the log of a real server is whole, beside it and without it, and holds the head that the API shows. Whatever is done to
// its rows in the database is found, or at least by the copy of the head.
func TestAuditVerify(t *testing.T) {
	w := world.OpenFast(t)
	call := "https://meet.example/{room}"
	for _, url := range []string{call, "", call} {
		world.Must[wire.MyWorkspace](t)(w.As("ada").UpdateWorkspace(context.Background(), wire.UpdateWorkspace{CallURL: &url}))
	}
	verify := func(args ...string) (int, string) {
		return said(t, append([]string{"audit", "verify", "--data", w.Dir}, args...)...)
	}
	code, text := verify()
	_, head, _ := strings.Cut(text, "Head: ")
	head, _, _ = strings.Cut(head, "\n")
	if code != 0 || !strings.Contains(text, "The audit log is whole: ") || !strings.Contains(text, "Keep a copy") {
		t.Fatalf("exit %d: %s", code, text)
	}
	if code, text = verify("--head", head); code != 0 || strings.Contains(text, "Keep a copy") {
		t.Errorf("with its own head: exit %d: %s", code, text)
	}
	if code, text = verify("--head", "12:x"); code != 2 || !strings.Contains(text, "64 hexadecimal digits") {
		t.Errorf("with what is no head: exit %d: %s", code, text)
	}
	w.Stop()
	if code, text = verify(); code != 0 {
		t.Fatalf("without the server: exit %d: %s", code, text)
	}
	for _, c := range []struct{ statement, says string }{
		{"UPDATE audit SET entry = replace(entry, 'workspace changed', 'set up') WHERE n = (SELECT max(n) - 1 FROM audit)", "was changed"},
		{"DELETE FROM audit WHERE n = (SELECT max(n) - 1 FROM audit)", "is missing"},
		{"DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)", "is missing: the log was cut off"},
		{"DELETE FROM audit WHERE n <= 2", "no row says that they were pruned"},
		{"UPDATE audit SET entry = '{' WHERE n = 1", "cannot be read"},
		{"UPDATE audit SET n = -n WHERE n >= (SELECT max(n) - 1 FROM audit); " +
			"UPDATE audit SET n = CASE n WHEN (SELECT min(n) FROM audit) THEN -n - 1 ELSE -n + 1 END WHERE n < 0", "row"},
		{"UPDATE audit_head SET n = n - 1, hash = (SELECT hash FROM audit WHERE audit.n = audit_head.n - 1); " +
			"DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)", "your copy of the head is newer"},
	} {
		restore := tampered(t, filepath.Join(w.Dir, "canteen.db"), c.statement)
		if code, text := verify("--head", head); code != 1 || !strings.Contains(text, "not whole") || !strings.Contains(text, c.says) {
			t.Errorf("%s: exit %d: %s", c.statement, code, text)
		}
		restore()
	}
	if code, text = verify("--head", head); code != 0 {
		t.Errorf("after all was put back: exit %d: %s", code, text)
	}
}

// tampered runs statements in the database, and gives what puts the rows back.
func tampered(t *testing.T, path, statements string) (restore func()) {
	t.Helper()
	run := func(script string) {
		c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
		if err == nil {
			err = sqlitex.ExecuteScript(c, script, nil)
		}
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", script, err))
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head; " + statements)
	return func() {
		run("DELETE FROM audit; DELETE FROM audit_head; INSERT INTO audit SELECT * FROM kept; " +
			"INSERT INTO audit_head SELECT * FROM kept_head; DROP TABLE kept; DROP TABLE kept_head")
	}
}
