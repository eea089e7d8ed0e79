package server

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/sqlite"
)

// VerifyAudit checks the audit log of a data directory, while a server has it open or not. It gives the number of rows and the head.
// copied is a head that was kept elsewhere, or zero.
func VerifyAudit(ctx context.Context, dir string, copied audit.Head, log *slog.Logger) (int64, audit.Head, error) {
	if err := prepare(dir, false, log); err != nil {
		return 0, audit.Head{}, fmt.Errorf("--data: %w", err)
	}
	return sqlite.VerifyAudit(ctx, filepath.Join(dir, databaseFile), copied)
}
