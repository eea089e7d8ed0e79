package migrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// Place is a store that a workspace can be moved out of or into.
type Place interface {
	archive.Store
	Workspace(ctx context.Context) (chat.Workspace, error)
}

// Options configure a move.
type Options struct {
	Clock chat.Clock
	Out   io.Writer // for lines of progress
	// From and To are the homes of the bodies of files; nil: only the stores are copied.
	From, To files.Bodies
}

const (
	maxTries    = 6               // of an import while the storage is unavailable
	firstPause  = time.Second     // doubled after each try
	reportEvery = 5 * time.Second // between two lines of progress
	maxText     = 4 << 20         // bytes of text in one import
)

// ErrDifferent means that the copy differs from the source.
var ErrDifferent = errors.New("the copy differs from the source")

// Move copies the workspace of from into to, and returns the sums of both. Nothing else may write to either meanwhile;
// changes of from are detected. The copy has a new epoch. Errors say whether the same command may be run again.
func Move(ctx context.Context, from, to Place, o Options) ([]Sum, error) {
	m := &mover{from: from, to: to, Options: o}
	name, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	done, sums, err := m.findCopy(ctx)
	if err != nil || done {
		return sums, err
	}
	m.printf("Moving %q.", name)
	if o.From != nil {
		if err := m.bodies(ctx); err != nil {
			return nil, err
		}
	}
	copied, workspace, err := m.copy(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w (the target is not set up yet: run the same command again)", err)
	}
	if sums, err = m.compare(ctx, copied); err != nil {
		return sums, err
	}
	workspace.Epoch = chat.NewID()
	if err := m.importAll(ctx, []archive.Record{workspace}); err != nil {
		return sums, fmt.Errorf("finish: %w (run the same command again)", err)
	}
	w, err := to.Workspace(ctx)
	if err == nil && (w.Name != workspace.Name || w.Epoch != workspace.Epoch) {
		err = fmt.Errorf("%w: the target was set up as %q meanwhile", ErrDifferent, w.Name)
	}
	return sums, err
}

// mover is the state of one Move.
type mover struct {
	from, to Place
	Options
}

func (m *mover) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(m.Out, format+"\n", args...) // a closed terminal does not stop the move
}

func (m *mover) begin(ctx context.Context) (name string, err error) {
	w, err := m.from.Workspace(ctx)
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		return "", errors.New("there is no workspace to move: the source is not set up")
	}
	return w.Name, err
}

// findCopy says whether the target already holds a copy of this workspace. Another workspace is an error.
func (m *mover) findCopy(ctx context.Context) (bool, []Sum, error) {
	w, err := m.to.Workspace(ctx)
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		return false, nil, nil
	} else if err != nil {
		return false, nil, err
	}
	m.printf("The target holds the workspace %q. Comparing it with the source.", w.Name)
	target, source, err := m.sumBoth(ctx)
	if err != nil {
		return false, nil, err
	}
	if d := differences(source, target, allKinds); len(d) > 0 {
		return false, nil, fmt.Errorf("the target holds the workspace %q, which is not a copy of the source's: they differ in %s. Move "+
			"into an empty place",
			w.Name, strings.Join(d, ", "))
	}
	m.printf("The workspace is moved already: nothing differs.")
	return true, source, nil
}

func allKinds(archive.RecordKind) bool { return true }

// exceptWorkspace selects the kinds that are compared before the target is set up.
func exceptWorkspace(k archive.RecordKind) bool { return k != archive.WorkspaceRecords }

// neverExpiring selects the kinds that do not change by themselves. Invites and tokens expire.
func neverExpiring(k archive.RecordKind) bool {
	return exceptWorkspace(k) && k != archive.InviteRecords && k != archive.TokenRecords
}

// copy imports all records but the workspace, which it returns.
func (m *mover) copy(ctx context.Context) (sums []Sum, w archive.WorkspaceRecord, err error) {
	t, last := newTally(), m.Clock.Time()
	var batch []archive.Record
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := m.importAll(ctx, batch)
		batch, size = batch[:0], 0
		return err
	}
	err = m.from.Export(ctx, last, func(r archive.Record) error {
		t.add(r)
		if workspace, ok := r.(archive.WorkspaceRecord); ok {
			w = workspace
			return nil
		}
		if now := m.Clock.Time(); now.Sub(last) >= reportEvery {
			last = now
			m.printf("%9d records copied, %d of them messages", t.total, t.counts[archive.MessageRecords])
		}
		batch, size = append(batch, r), size+len(t.buf)
		if len(batch) < archive.MaxImport && size < maxText {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return nil, w, fmt.Errorf("copy: %w", err)
	}
	m.printf("%9d records copied. Reading both stores again to compare.", t.total)
	return t.sums(), w, nil
}

// importAll imports records, and tries again while the store answers Unavailable.
func (m *mover) importAll(ctx context.Context, records []archive.Record) error {
	for try := 1; ; try++ {
		err := m.to.Import(ctx, records)
		if err == nil || chat.ErrorCode(err) != chat.Unavailable || try == maxTries {
			return err
		}
		select {
		case <-time.After(firstPause << (try - 1)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// compare reads both stores again and compares them.
func (m *mover) compare(ctx context.Context, copied []Sum) ([]Sum, error) {
	target, source, err := m.sumBoth(ctx)
	if err != nil {
		return nil, fmt.Errorf("compare: %w (the target is not set up yet: run the same command again)", err)
	}
	if d := differences(copied, source, neverExpiring); len(d) > 0 {
		return source, fmt.Errorf("the source was changed while it was copied: %s. Stop everything that writes to it, "+
			"empty the target, and move again",
			strings.Join(d, ", "))
	}
	if d := differences(source, target, exceptWorkspace); len(d) > 0 {
		return source, fmt.Errorf("%w in %s. The target, which is not set up, may hold the rest of another move: empty it, and move "+
			"again",
			ErrDifferent, strings.Join(d, ", "))
	}
	return source, nil
}

// sumBoth sums both stores as of one moment.
func (m *mover) sumBoth(ctx context.Context) (target, source []Sum, err error) {
	now := m.Clock.Time()
	if target, err = Sums(ctx, m.to, now); err != nil {
		return nil, nil, fmt.Errorf("read the target: %w", err)
	}
	if source, err = Sums(ctx, m.from, now); err != nil {
		return nil, nil, fmt.Errorf("read the source: %w", err)
	}
	return target, source, nil
}
