package backup_test

import (
	"testing"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/internal/placetest"
)

// TestDirectory: a directory keeps the contract of places.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	placetest.Run(t, func(t testing.TB) backup.Place {
		p, err := backup.OpenDirectory(dir)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}, 1<<20)
}
