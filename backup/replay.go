package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/wal"
)

// named is a generation with the name of its directory.
type named struct {
	Generation
	name string
}

// generations are those of a place that are complete, the earliest first.
func generations(ctx context.Context, p Place) ([]named, error) {
	dirs, err := p.List(ctx, "")
	var out []named
	for _, dir := range dirs {
		if !isGeneration(dir) {
			continue
		}
		g := named{name: dir}
		if err := readJSON(ctx, p, dir+"/"+generationFile, &g.Generation); errors.Is(err, fs.ErrNotExist) { // it was interrupted
			continue
		} else if err != nil {
			return nil, damaged("%s: %w", dir, err)
		}
		out = append(out, g)
	}
	return out, err
}

// isGeneration says whether a directory has the name of a generation. Others have put in the place what has another name.
func isGeneration(dir string) bool {
	_, err := time.Parse(generationName, dir)
	return err == nil
}

func readJSON(ctx context.Context, p Place, name string, v any) error {
	f, err := p.Open(ctx, name)
	if err != nil {
		return err
	}
	return errors.Join(json.NewDecoder(f).Decode(v), f.Close())
}

// RestoreShipped makes a data directory of what a Shipper has shipped, as of the moment to; zero: the last one. dir and lock are as for
// Restore. The result is the moment of the last commit that it holds, to about a second.
func RestoreShipped(ctx context.Context, p Place, to time.Time, dir, lock string) (at time.Time, err error) {
	in, err := openFolder(dir)
	if err != nil {
		return at, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return in.restoreShipped(ctx, p, to, lock)
}

// restoreShipped is RestoreShipped into a folder.
func (f folder) restoreShipped(ctx context.Context, p Place, to time.Time, lock string) (at time.Time, err error) {
	all, err := generations(ctx, p)
	if err != nil {
		return at, err
	}
	var from *named
	for i, g := range all {
		if to.IsZero() || !g.From.After(to) {
			from = &all[i]
		}
	}
	switch {
	case len(all) == 0:
		return at, errNothing
	case from == nil:
		return at, fmt.Errorf("the earliest moment that can be restored is %s", all[0].From.Format(time.RFC3339))
	case from.Format != 1:
		return at, errFormat(from.Format)
	}
	err = f.making(ctx, lock, func() (err error) {
		at, err = f.replay(ctx, p, *from, to)
		return err
	})
	return at, err
}

func errFormat(format int) error {
	return fmt.Errorf("what was shipped has the format %d, and this program knows 1: upgrade the program", format)
}

// replay makes the database of a generation and its segments up to a moment, and the bodies that it names.
func (f folder) replay(ctx context.Context, p Place, g named, to time.Time) (at time.Time, err error) {
	path := filepath.Join(f.Name(), extracted)
	db, err := f.create(extracted)
	if err != nil {
		return at, err
	}
	at, err = g.apply(ctx, p, db, to)
	if err = errors.Join(err, db.Close()); err != nil {
		return at, err
	}
	contents, err := sqlite.CheckCopy(ctx, path)
	if err != nil {
		return at, err
	}
	for _, b := range neededBodies(contents) {
		if err := f.fetch(ctx, p, b); err != nil {
			return at, fmt.Errorf("%s: %w", b.of, err)
		}
	}
	return at, nil
}

// apply writes the copy of a generation, and applies its segments up to a moment.
func (g named) apply(ctx context.Context, p Place, db *os.File, to time.Time) (at time.Time, err error) {
	base, err := p.Open(ctx, g.name+"/"+databaseFile)
	if err != nil {
		return at, err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(db, sum), untilDone{ctx, base})
	if err = errors.Join(err, base.Close()); err != nil {
		return at, err
	}
	if !bytes.Equal(sum.Sum(nil), g.Sum) {
		return at, damaged("the digest of %s/%s is another", g.name, databaseFile)
	}
	names, err := p.List(ctx, g.name)
	if err != nil {
		return at, err
	}
	last, n := g.Sum, 0
	for _, name := range names {
		if !strings.HasSuffix(name, segmentFile) {
			continue
		}
		if n >= g.First && !to.IsZero() && !at.Before(to) {
			return at, nil
		}
		h, changes, err := readSegment(ctx, p, g.name+"/"+name)
		if err == nil && (h.N != n+1 || !bytes.Equal(h.Before, last)) {
			err = damaged("segment %d of %s is missing", n+1, g.name)
		}
		if err != nil && n >= g.First {
			err = fmt.Errorf("%w; what was before it can be restored with --to %s", err, at.Format(time.RFC3339Nano))
		}
		if err != nil {
			return at, err
		}
		if h.N > g.First && !to.IsZero() && h.At.After(to) {
			return at, nil
		}
		if err := wal.Replay(db, changes); err != nil {
			return at, fmt.Errorf("segment %d of %s: %w", h.N, g.name, err)
		}
		last, n, at = h.Sum, h.N, h.At
	}
	if n < g.First {
		return at, damaged("segment %d of %s is missing", n+1, g.name)
	}
	return at, nil
}

func readSegment(ctx context.Context, p Place, name string) (h segment, changes []byte, err error) {
	f, err := p.Open(ctx, name)
	if err != nil {
		return h, nil, err
	}
	r := bufio.NewReader(f)
	line, err := r.ReadBytes('\n')
	if err == nil {
		changes, err = io.ReadAll(r)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return h, nil, damaged("%s: %w", name, err)
	}
	if err := json.Unmarshal(line, &h); err != nil || !bytes.Equal(h.Sum, h.sum(changes)) {
		return h, nil, damaged("the digest of %s is another", name)
	}
	return h, changes, nil
}

// fetch copies a body, and compares it with what the database says of it.
func (f folder) fetch(ctx context.Context, p Place, b needed) error {
	body, err := p.Open(ctx, shippedBodies+"/"+b.key)
	if err != nil {
		return err
	}
	sum := sha256.New()
	err = writeFile(ctx, func() (*os.File, error) { return f.create(filepath.Join(bodiesDir, b.key)) }, io.TeeReader(body, sum))
	if err = errors.Join(err, body.Close()); err != nil {
		return err
	}
	if b.sum != "" && hex.EncodeToString(sum.Sum(nil)) != b.sum {
		return damaged("it has another digest than its row says")
	}
	return nil
}
