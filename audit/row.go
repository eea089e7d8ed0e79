// Package audit is the audit log as pure functions: what a row says, the chain that its hashes make, the search for rows, and files of them.
//
// Each row holds the hash of the row before it. Its own hash is SHA-256 of that hash and of the row's canonical form. So whoever removes,
// changes or reorders rows must compute all later hashes again, and then the hash of the newest row, the head, is another one than
// in any copy that was kept elsewhere.
//
// It imports only the standard library.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keep is how long rows are kept. Older ones are pruned.
const Keep = 2 * 365 * 24 * time.Hour

// MaxPrune is how many rows one row about pruning stands for at most.
const MaxPrune = 80

// Pruned is what the row says that stands for older rows. Its details are the number and the hash of the last one of them.
const Pruned = "audit log pruned"

const (
	prunedThrough = "through"
	prunedHash    = "hash"
)

// Hash is SHA-256.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads what String writes.
func ParseHash(s string) (h Hash, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, errors.New("a hash has 64 hexadecimal digits")
	}
	return Hash(b), nil
}

// Person is somebody as they were when the row was written. The id stays theirs; the handle may be another one today.
type Person struct {
	ID     string `json:"id,omitempty"`
	Handle string `json:"handle,omitempty"`
}

// Detail says more about what was done: a value, or what it was and what it became.
type Detail struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Entry is what a row says: who did what, when and from where. It never holds the text of a message, a password or the secret of a token.
type Entry struct {
	At      time.Time `json:"at"`
	What    string    `json:"what"`
	By      Person    `json:"by"`                // empty for who was not signed in
	Session string    `json:"session,omitempty"` // the id, where it was done in a session
	Token   string    `json:"token,omitempty"`   // the id, where it was done by a token
	Address string    `json:"address,omitempty"`
	Of      Person    `json:"of"` // whom it was done to
	Room    string    `json:"room,omitempty"`
	Details []Detail  `json:"details,omitempty"`
}

// Row is an entry in its place.
type Row struct {
	N int64 // 1 for the first row ever
	Entry
	Prev, Hash Hash // Prev is zero in the first row
}

// Head is the newest row in brief; the zero value is that of an empty log.
type Head struct {
	N    int64
	Hash Hash
	At   time.Time
}

// String is the form in which a head is shown and copied.
func (h Head) String() string { return strconv.FormatInt(h.N, 10) + ":" + h.Hash.String() }

// ParseHead reads what String writes. The time is not part of it.
func ParseHead(s string) (Head, error) {
	n, hash, _ := strings.Cut(strings.TrimSpace(s), ":")
	number, err := strconv.ParseInt(n, 10, 64)
	h, wrong := ParseHash(hash)
	if err != nil || wrong != nil || number < 0 {
		return Head{}, errors.New("a head is a number, a colon and 64 hexadecimal digits, as the audit log shows it")
	}
	return Head{N: number, Hash: h}, nil
}

// Head is the row in brief.
func (r Row) Head() Head { return Head{N: r.N, Hash: r.Hash, At: r.At} }

// Next is the row that follows the head. Its time is in whole milliseconds and not before the head's; its texts are UTF-8.
func (h Head) Next(e Entry) Row {
	e.Details = slices.Clone(e.Details)
	texts := []*string{&e.What, &e.By.ID, &e.By.Handle, &e.Session, &e.Token, &e.Address, &e.Of.ID, &e.Of.Handle, &e.Room}
	for i := range e.Details {
		texts = append(texts, &e.Details[i].Name, &e.Details[i].From, &e.Details[i].To)
	}
	for _, s := range texts {
		*s = strings.ToValidUTF8(*s, "\ufffd")
	}
	e.At = e.At.UTC().Truncate(time.Millisecond)
	if e.At.Before(h.At) {
		e.At = h.At
	}
	r := Row{N: h.N + 1, Entry: e, Prev: h.Hash}
	r.Hash = r.hash()
	return r
}

// hash is SHA-256 of Prev and the canonical form.
func (r Row) hash() Hash { return sha256.Sum256(append(r.Prev[:], r.Canonical()...)) }

// Canonical is the form of a row that its hash is made of: the texts below one after the other, each after its length in bytes as a
// big-endian number of 8 bytes. No two different rows have the same form.
func (r Row) Canonical() []byte {
	var out []byte
	add := func(texts ...string) {
		for _, s := range texts {
			out = append(binary.BigEndian.AppendUint64(out, uint64(len(s))), s...)
		}
	}
	add("canteen audit row 1", strconv.FormatInt(r.N, 10), strconv.FormatInt(r.At.UnixMilli(), 10), r.What, r.By.ID, r.By.Handle,
		r.Session, r.Token, r.Address, r.Of.ID, r.Of.Handle, r.Room, strconv.Itoa(len(r.Details)))
	for _, d := range r.Details {
		add(d.Name, d.From, d.To)
	}
	return out
}

// Prune is the entry that stands for the rows up to last, which its store deletes in the same commit.
func Prune(last Row, at time.Time) Entry {
	return Entry{At: at, What: Pruned, Details: []Detail{
		{Name: prunedThrough, To: strconv.FormatInt(last.N, 10)}, {Name: prunedHash, To: last.Hash.String()},
	}}
}

// pruned is the last row that the row stands for; ok says whether it stands for any.
func (r Row) pruned() (h Head, ok bool) {
	if r.What != Pruned || len(r.Details) != 2 || r.Details[0].Name != prunedThrough || r.Details[1].Name != prunedHash {
		return h, false
	}
	h, err := ParseHead(r.Details[0].To + ":" + r.Details[1].To)
	return h, err == nil
}

// Checker checks a chain, row by row from the oldest.
type Checker struct {
	rows   int64
	begin  Head // the row before the first one that was given
	head   Head
	signed map[Head]bool // the rows that others stand for
	copied Head          // a head that was kept elsewhere; zero for none
	found  bool          // the chain has the row of copied
}

// NewChecker makes a checker. copied is a head that was kept elsewhere, or zero.
func NewChecker(copied Head) *Checker { return &Checker{signed: map[Head]bool{}, copied: copied} }

// Add checks the next row.
func (c *Checker) Add(r Row) error {
	switch {
	case c.rows == 0 && r.N < 1:
		return fmt.Errorf("row %d has no place in a chain", r.N)
	case c.rows == 0:
		c.begin = Head{N: r.N - 1, Hash: r.Prev}
		if c.begin.N == 0 && r.Prev != (Hash{}) {
			return errors.New("row 1 does not begin a chain: it was changed, or rows before it were removed")
		}
	case r.N > c.head.N+1:
		return fmt.Errorf("%s missing", span(c.head.N+1, r.N-1))
	case r.N <= c.head.N:
		return fmt.Errorf("row %d comes after row %d: rows were reordered", r.N, c.head.N)
	case r.Prev != c.head.Hash:
		return fmt.Errorf("row %d does not follow row %d: one of them was changed, or rows were replaced", r.N, c.head.N)
	}
	if r.hash() != r.Hash {
		return fmt.Errorf("row %d was changed: its hash is not that of what it says", r.N)
	}
	if c.rows > 0 && r.At.Before(c.head.At) {
		return fmt.Errorf("row %d is older than the row before it", r.N)
	}
	if h, ok := r.pruned(); ok {
		c.signed[h] = true
	}
	c.rows, c.head = c.rows+1, r.Head()
	at := Head{N: r.N, Hash: r.Hash}
	c.found = c.found || c.copied == at || c.copied == c.begin
	return nil
}

// span names rows as the subject of "missing".
func span(from, to int64) string {
	if from == to {
		return fmt.Sprintf("row %d is", from)
	}
	return fmt.Sprintf("rows %d to %d are", from, to)
}

// End checks what only the whole chain shows, against the head that the store keeps, and says how many rows there are.
func (c *Checker) End(head Head) (rows int64, err error) {
	head.At = time.Time{}
	last := Head{N: c.head.N, Hash: c.head.Hash}
	switch {
	case last.N < head.N:
		err = fmt.Errorf("%s missing: the log was cut off", span(last.N+1, head.N))
	case last != head:
		err = errors.New("the newest row is not the one that the head names: rows were added or replaced")
	case c.begin.N > 0 && !c.signed[c.begin]:
		err = fmt.Errorf("%s missing, and no row says that they were pruned", span(1, c.begin.N))
	case c.copied.N > last.N:
		err = fmt.Errorf("%s missing: your copy of the head is newer", span(last.N+1, c.copied.N))
	case c.copied.N > 0 && c.copied.N < c.begin.N:
		err = fmt.Errorf("row %d of your copy was pruned, so that it proves nothing: use a newer copy", c.copied.N)
	case c.copied.N > 0 && !c.found:
		err = fmt.Errorf("row %d is not the one in your copy: the log was written anew", c.copied.N)
	}
	return c.rows, err
}
