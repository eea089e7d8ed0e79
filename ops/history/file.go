package history

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Finest is the time between two samples.
const Finest = 10 * time.Second

// tier is a ring of slots of the same length.
type tier struct {
	Step  int64 `json:"step"` // seconds
	Slots int64 `json:"slots"`
}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// tiers are the rings of a file, the finest first. The step of each is a multiple of the one before.
func tiers() []tier {
	return []tier{{10, day / 10}, {minute, 30 * day / minute}, {hour, 2 * 366 * day / hour}}
}

func (t tier) span() int64 { return t.Step * t.Slots }

const (
	format     = "canteen history 1"
	headerSize = 16 << 10
	suffix     = ".broken" // of a file whose header cannot be read
)

// header is the first line of a file after its format, in JSON. Zeros follow until headerSize.
type header struct {
	Tiers   []tier   `json:"tiers"`
	Columns []string `json:"columns"`
}

// File is an open history file. It is safe for concurrent use; only one process may have it open.
type File struct {
	header

	mu   sync.RWMutex // held while slots are written
	file *os.File
	now  func() time.Time
}

// Open opens the file, or creates it. If the table of series is another one than when the file was made, it is made anew with what the
// series that are still there have. A file whose header cannot be read is set aside.
func Open(path string, now func() time.Time, log *slog.Logger) (*File, error) {
	want := header{Tiers: tiers()}
	for _, c := range columns() {
		want.Columns = append(want.Columns, c.name)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0o600) // #nosec G304 -- the operator names the directory
	if errors.Is(err, os.ErrNotExist) {
		return create(path, want, nil, now)
	} else if err != nil {
		return nil, err
	}
	got, err := readHeader(f)
	if err == nil && slices.Equal(got.Columns, want.Columns) && slices.Equal(got.Tiers, want.Tiers) {
		return &File{header: want, file: f, now: now}, nil
	}
	var from *File
	if err != nil {
		log.Warn("the history cannot be read and begins anew", "error", err, "kept", filepath.Base(path)+suffix)
		if err := os.Rename(path, path+suffix); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	} else {
		from = &File{header: got, file: f, now: now}
	}
	out, err := create(path, want, from, now)
	return out, errors.Join(err, f.Close())
}

// create makes a file completely or not at all, with what another one has.
func create(path string, h header, from *File, now func() time.Time) (*File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return nil, err
	}
	out := &File{header: h, file: f, now: now}
	_, err = f.WriteAt(h.bytes(), 0)
	if err == nil && from != nil {
		err = out.copy(from)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return out, nil
}

// copy takes the slots of the tiers that both files have, and of the columns that both have.
func (f *File) copy(from *File) error {
	known, row := make([]int, len(f.Columns)), make([]float64, len(f.Columns))
	for c, name := range f.Columns {
		known[c] = slices.Index(from.Columns, name)
	}
	for i, t := range f.Tiers {
		old := slices.IndexFunc(from.Tiers, func(o tier) bool { return o.Step == t.Step })
		if old < 0 {
			continue
		}
		end := from.now().Unix() + day // of a clock that was set back since
		err := from.each(old, end-min(t.span(), from.Tiers[old].span()), end, func(at int64, values []float64) error {
			for c, there := range known {
				if row[c] = math.NaN(); there >= 0 {
					row[c] = values[there]
				}
			}
			return f.write(i, at, row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (h header) bytes() []byte {
	line, err := json.Marshal(h)
	if err != nil {
		panic(err) // strings and numbers
	}
	out := fmt.Appendf(nil, "%s %08x\n%s\n", format, crc32.ChecksumIEEE(line), line)
	if len(out) > headerSize {
		panic("the table of series does not fit into the header of the history")
	}
	return append(out, make([]byte, headerSize-len(out))...)
}

func readHeader(f io.ReaderAt) (h header, err error) {
	b := make([]byte, headerSize)
	if n, err := f.ReadAt(b, 0); err != nil {
		return h, fmt.Errorf("the header has %d bytes: %w", n, err)
	}
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	if want := fmt.Sprintf("%s %08x", format, crc32.ChecksumIEEE(line)); string(first) != want {
		return h, errors.New("the header is damaged, or that of another version")
	}
	return h, json.Unmarshal(line, &h)
}

// slotSize is the length of a slot: its time, the values and a checksum.
func (h header) slotSize() int64 { return 8 + 4*int64(len(h.Columns)) + 4 }

// place is where the slot of a time is.
func (h header) place(tier int, at int64) int64 {
	out := int64(headerSize)
	for _, t := range h.Tiers[:tier] {
		out += t.Slots * h.slotSize()
	}
	t := h.Tiers[tier]
	return out + at/t.Step%t.Slots*h.slotSize()
}

// write writes a slot. at is its beginning.
func (f *File) write(tier int, at int64, values []float64) error {
	b := make([]byte, 0, f.slotSize())
	b = binary.LittleEndian.AppendUint64(b, uint64(max(at, 0))) // #nosec G115 -- not negative
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	_, err := f.file.WriteAt(b, f.place(tier, at))
	return err
}

// slot reads the slot of a time from its bytes. ok is false for a gap.
func slot(b []byte, at int64, out []float64) (ok bool) {
	end := len(b) - 4
	if binary.LittleEndian.Uint64(b) != uint64(max(at, 0)) || // #nosec G115 -- not negative
		binary.LittleEndian.Uint32(b[end:]) != crc32.ChecksumIEEE(b[:end]) {
		return false
	}
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[8+4*i:])))
	}
	return true
}

const atOnce = 256 // slots that are read at once

// each calls do with the slots of a tier that begin within a time and are no gaps. The values are those of this call only.
func (f *File) each(tier int, from, to int64, do func(at int64, values []float64) error) error {
	t, size := f.Tiers[tier], f.slotSize()
	b, values := make([]byte, atOnce*size), make([]float64, len(f.Columns))
	for at := max(0, from+t.Step-1) / t.Step * t.Step; at < to; {
		n := min((to-at+t.Step-1)/t.Step, atOnce, t.Slots-at/t.Step%t.Slots) // not beyond the end of the ring
		got, err := f.file.ReadAt(b[:n*size], f.place(tier, at))
		if err != nil && !errors.Is(err, io.EOF) { // nothing was written there yet
			return err
		}
		clear(b[got:])
		for i := range n {
			if slot(b[i*size:(i+1)*size], at, values) {
				if err := do(at, values); err != nil {
					return err
				}
			}
			at += t.Step
		}
	}
	return nil
}

// add writes the slot of the finest tier that a time is in, and those of the others that it is a part of.
func (f *File) add(at time.Time, values []float64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	begin := at.Unix() / f.Tiers[0].Step * f.Tiers[0].Step
	if err := f.write(0, begin, values); err != nil {
		return err
	}
	for i := 1; i < len(f.Tiers); i++ {
		step := f.Tiers[i].Step
		begin := begin / step * step
		s := newSums(f.Columns, begin, step, 1)
		if err := f.each(i-1, begin, begin+step, s.add); err != nil {
			return err
		}
		if err := f.write(i, begin, s.means(0, f.Tiers[i-1].Step)); err != nil {
			return err
		}
	}
	return nil
}

// Bytes is how much room the file takes on the disk.
func (f *File) Bytes() (int64, error) {
	info, err := f.file.Stat()
	if err != nil {
		return 0, err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512, nil // what was never written takes no room
	}
	return info.Size(), nil
}

// Close waits until all is on the disk, and closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.file.Sync(), f.file.Close())
}
