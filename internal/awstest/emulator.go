// Package awstest runs emulators of AWS for the time of a test, on this machine alone.
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
)

// Shared is the URL of an emulator that scripts/emulated runs for all packages; "" without it. Who uses it makes names that begin
// with Unique, since others are there too.
func Shared(name string) string {
	return os.Getenv(map[string]string{local.Ministack: "CANTEEN_TEST_MINISTACK", local.Moto: "CANTEEN_TEST_MOTO"}[name])
}

// Start gives the URL of the shared emulator, or runs one until the test ends. Where it is not installed, and with -short, the
// test is skipped, loudly; in CI it fails.
func Start(t testing.TB, name string) (endpoint string) {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT TESTED: -short leaves out what needs an emulator of AWS")
	}
	if url := Shared(name); url != "" {
		return url
	}
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

// Unique is a prefix for the names of tables and stacks that no other test uses: a letter and nine more letters and digits, lower
// case, and a hyphen.
func Unique() string { return "t" + strings.ToLower(rand.Text()[:9]) + "-" }
