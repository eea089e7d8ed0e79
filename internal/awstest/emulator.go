// Package awstest runs emulators of AWS for the time of a test, on this machine alone.
//
// It may import local.
package awstest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/canteen-chat/canteen/aws/local"
)

// Start runs an emulator until the test ends and gives its URL. Where it is not installed the test is skipped, loudly; in CI it
// fails.
func Start(t testing.TB, name string) (endpoint string) {
	t.Helper()
	program, err := local.Find(".", name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("NOT TESTED: %v", err)
	}
	e, err := local.Start(context.Background(), program, 0, filepath.Join(t.TempDir(), "emulator.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e.URL
}
