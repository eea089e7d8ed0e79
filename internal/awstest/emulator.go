// Package awstest starts emulators of AWS on this machine for the duration of a test.
//
// It may import aws/local and aws/template.
package awstest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/internal/ci"
)

// Shared is the URL of an emulator that scripts/emulated has started for all packages, "" if there is none. Tests share it, so the
// names of their resources must start with Unique.
func Shared(name string) string {
	return os.Getenv(map[string]string{local.Ministack: "CANTEEN_TEST_MINISTACK", local.Moto: "CANTEEN_TEST_MOTO"}[name])
}

// Start gives the URL of the shared emulator, or starts one until the end of the test. With -short it skips the test. If the emulator
// is not installed, it skips the test with a message; in CI the test fails.
func Start(t testing.TB, name string) (endpoint string) {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT TESTED: -short skips tests that need an emulator of AWS")
	}
	if url := Shared(name); url != "" {
		return url
	}
	program, err := local.Find(".", name)
	if err != nil {
		ci.NotRun(t, "%v", err)
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

// Unique is a random prefix for the names of tables and stacks: ten lower-case letters and digits, the first a letter, and a hyphen.
func Unique() string { return "t" + strings.ToLower(rand.Text()[:9]) + "-" }
