package wal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Pages are what commits have changed in a database: each page as the last of them left it.
type Pages struct {
	size  uint32 // of the database, in pages; 0: nothing was changed
	pages map[uint32][]byte
}

// Empty says whether nothing was changed.
func (p *Pages) Empty() bool { return p.size == 0 }

// Bytes is how much memory the pages take.
func (p *Pages) Bytes() (n int) {
	for _, page := range p.pages {
		return len(p.pages) * len(page)
	}
	return 0
}

// put adds the newest state of a page.
func (p *Pages) put(n uint32, page []byte) {
	if p.pages == nil {
		p.pages = map[uint32][]byte{}
	}
	p.pages[n] = append(p.pages[n][:0], page...)
}

// Before adds what later commits have changed, which takes precedence.
func (p *Pages) Before(later Pages) {
	if later.Empty() {
		return
	}
	if p.pages == nil {
		p.pages = map[uint32][]byte{}
	}
	maps.Copy(p.pages, later.pages)
	p.size = later.size
}

// Encode is the size of the database in pages, the number of each page and the page itself, for Replay.
func (p *Pages) Encode() []byte {
	if p.Empty() {
		return nil
	}
	out := binary.BigEndian.AppendUint32(make([]byte, 0, p.Bytes()+4*len(p.pages)+4), p.size)
	for _, n := range slices.Sorted(maps.Keys(p.pages)) {
		out = append(binary.BigEndian.AppendUint32(out, n), p.pages[n]...)
	}
	return out
}

// Replay applies what Pages.Encode gave to a copy of the database that nobody has open.
func Replay(db *os.File, changes []byte) error {
	if len(changes) == 0 {
		return nil
	}
	var head [18]byte
	if _, err := db.ReadAt(head[:], 0); err != nil {
		return fmt.Errorf("the database is damaged: %w", err)
	}
	page := int64(binary.BigEndian.Uint16(head[16:]))
	if page == 1 {
		page = 65536
	}
	size := 4 + int(page)
	if page < 512 || len(changes)%size != 4 {
		return errors.New("these changes are not of this database")
	}
	for c := changes[4:]; len(c) > 0; c = c[size:] {
		if _, err := db.WriteAt(c[4:size], (int64(binary.BigEndian.Uint32(c))-1)*page); err != nil {
			return err
		}
	}
	return db.Truncate(int64(binary.BigEndian.Uint32(changes)) * page)
}
