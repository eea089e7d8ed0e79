package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/sqlite"
)

// Shipped says what a Shipper has shipped to a place.
type Shipped struct {
	From, To                      time.Time // each moment between them can be restored
	Generations, Segments, Bodies int
}

// VerifyShipped reads everything that a Shipper has shipped to a place. It makes the first and the last moment of each generation as
// RestoreShipped does, so it checks the digest of each segment and copy, the database, and that each file has its body. The error names all
// that is missing or damaged. A Shipper may go on meanwhile. VerifyShipped makes databases in a temporary directory in temp, or in that of
// the system if temp is "".
func VerifyShipped(ctx context.Context, p Place, temp string) (s Shipped, err error) {
	all, err := generations(ctx, p)
	if err != nil {
		return s, err
	}
	if len(all) == 0 {
		return s, errNothing
	}
	v := &shipment{place: p, temp: temp, bodies: map[string]string{}}
	var wrong []error
	for _, g := range all {
		to, segments, bad := v.generation(ctx, g)
		if err := ctx.Err(); err != nil {
			return s, err
		}
		if len(bad) > 0 && v.forgotten(ctx, g) {
			continue
		}
		wrong = append(wrong, bad...)
		if s.Generations++; s.Generations == 1 {
			s.From = g.From
		}
		s.To, s.Segments = to, s.Segments+segments
	}
	s.Bodies = len(v.bodies)
	return s, errors.Join(wrong...)
}

var errNothing = errors.New("nothing was shipped there")

// shipment is a place that is being verified.
type shipment struct {
	place  Place
	temp   string
	bodies map[string]string // digests of the bodies that were read, in hexadecimal; "" of a missing one
}

// forgotten says whether a generation was deleted since it was listed: nobody needs it any more.
func (v *shipment) forgotten(ctx context.Context, g named) bool {
	var now Generation
	return errors.Is(readJSON(ctx, v.place, g.name+"/"+generationFile, &now), fs.ErrNotExist)
}

// generation checks a generation, and gives its last moment and how many segments it has.
func (v *shipment) generation(ctx context.Context, g named) (to time.Time, segments int, wrong []error) {
	if g.Format != 1 {
		return to, 0, []error{errFormat(g.Format)}
	}
	names, err := v.place.List(ctx, g.name)
	if err != nil {
		return to, 0, []error{err}
	}
	segments = len(slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, segmentFile) }))
	used := map[string]bool{}
	if err := g.uses(ctx, v.place, used); err != nil {
		wrong = append(wrong, err)
	}
	for key := range used {
		if !files.IsKey(key) {
			wrong = append(wrong, damaged("a list of files of %s names %q", g.name, key))
		}
	}
	said := map[string]bool{}
	for _, moment := range []time.Time{g.From, {}} {
		at, bad := v.moment(ctx, g, moment)
		for _, err := range bad {
			if !said[err.Error()] {
				wrong = append(wrong, err)
			}
			said[err.Error()] = true
		}
		if to = at; len(bad) > 0 && at.IsZero() { // the copy itself is damaged
			break
		}
	}
	return to, segments, wrong
}

// moment makes the database of a generation at a moment, and checks it and its bodies.
func (v *shipment) moment(ctx context.Context, g named, to time.Time) (at time.Time, wrong []error) {
	failed := func(err error) (time.Time, []error) {
		return at, []error{fmt.Errorf("the copy of %s: %w", g.name, err)}
	}
	dir, err := os.MkdirTemp(v.temp, "canteen-verify")
	if err != nil {
		return failed(err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			wrong = append(wrong, err)
		}
	}()
	path := filepath.Join(dir, databaseFile)
	db, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // #nosec G304 -- in a directory of our own
	if err != nil {
		return failed(err)
	}
	at, err = g.apply(ctx, v.place, db, to)
	if err = errors.Join(err, db.Close()); err != nil {
		return failed(err)
	}
	contents, err := sqlite.CheckCopy(ctx, path)
	if err != nil {
		return failed(err)
	}
	for _, b := range neededBodies(contents) {
		if err := v.body(ctx, b); err != nil {
			wrong = append(wrong, fmt.Errorf("the copy of %s: %w", g.name, err))
		}
	}
	return at, wrong
}

// body compares a body with what a database says of it. It reads each body once.
func (v *shipment) body(ctx context.Context, b needed) error {
	sum, read := v.bodies[b.key]
	if !read {
		var err error
		if sum, err = v.sum(ctx, b.key); err != nil {
			return fmt.Errorf("%s: %w", b.of, err)
		}
		v.bodies[b.key] = sum
	}
	switch {
	case sum == "":
		return fmt.Errorf("%s is missing", b.of)
	case b.sum != "" && sum != b.sum:
		return fmt.Errorf("%s has another digest than its row says", b.of)
	}
	return nil
}

// sum is the digest of a body, or "" if it is missing.
func (v *shipment) sum(ctx context.Context, key string) (string, error) {
	body, err := v.place.Open(ctx, shippedBodies+"/"+key)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, untilDone{ctx, body})
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, body.Close())
}
