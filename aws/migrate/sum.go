package migrate

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"reflect"
	"time"

	"github.com/canteen-chat/canteen/archive"
)

// Sum sums up the records of one kind.
type Sum struct {
	Kind   archive.RecordKind
	Count  int64
	SHA256 [sha256.Size]byte // of their canonical encodings, in the order of Export
}

func (s Sum) String() string {
	return fmt.Sprintf("%-10s %9d  sha256 %x…", s.Kind, s.Count, s.SHA256[:8])
}

// tally sums records by kind.
type tally struct {
	counts map[archive.RecordKind]int64
	hashes map[archive.RecordKind]hash.Hash
	total  int64
	buf    []byte
}

func newTally() *tally {
	t := &tally{counts: map[archive.RecordKind]int64{}, hashes: map[archive.RecordKind]hash.Hash{}}
	for _, k := range archive.RecordKinds() {
		t.hashes[k] = sha256.New()
	}
	return t
}

// add counts a record. It leaves out the epoch of a workspace, since each copy has its own.
func (t *tally) add(r archive.Record) {
	if w, ok := r.(archive.WorkspaceRecord); ok {
		w.Epoch = ""
		r = w
	}
	k := r.RecordKind()
	t.total++
	t.counts[k]++
	t.buf = canonical(t.buf[:0], reflect.ValueOf(r))
	_, _ = t.hashes[k].Write(t.buf) // Write of a hash never fails
}

func (t *tally) sums() []Sum {
	var out []Sum
	for _, k := range archive.RecordKinds() {
		s := Sum{Kind: k, Count: t.counts[k]}
		t.hashes[k].Sum(s.SHA256[:0])
		out = append(out, s)
	}
	return out
}

// Sums sums everything that a store exports as of now.
func Sums(ctx context.Context, from archive.Store, now time.Time) ([]Sum, error) {
	t := newTally()
	err := from.Export(ctx, now, func(r archive.Record) error {
		t.add(r)
		return nil
	})
	return t.sums(), err
}

// differences lists the selected kinds in which two lists of sums differ.
func differences(a, b []Sum, kinds func(archive.RecordKind) bool) (out []string) {
	for i := range a {
		if a[i] != b[i] && kinds(a[i].Kind) {
			out = append(out, fmt.Sprintf("%s (%d and %d)", a[i].Kind, a[i].Count, b[i].Count))
		}
	}
	return out
}
