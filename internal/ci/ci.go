// Package ci tells tests apart that run in CI, where everything they need must be there. It may import nothing of the project.
package ci

import (
	"fmt"
	"os"
	"testing"
)

// NotRun ends a test that cannot run on this machine, and says why: it is skipped, and in CI it fails.
func NotRun(t testing.TB, format string, args ...any) {
	t.Helper()
	why := "NOT RUN: " + fmt.Sprintf(format, args...)
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}
