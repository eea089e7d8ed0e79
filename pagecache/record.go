package pagecache

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Max is how many records one machine keeps. On AWS they expire.
const Max = 10_000

// Record is the outcome of asking one page. Preview is nil when the page said nothing.
type Record struct {
	Key     string // of the URL
	ID      string // names this outcome in posts; random, so that nobody can name what nobody asked for
	Preview *chat.Preview
	At      time.Time // when the page was asked
	Expires time.Time
}

// Outlasts says whether the record stays when another of its key comes: another process asked the page at the same time.
func (r Record) Outlasts(other Record) bool {
	return r.Preview != nil && r.Expires.After(other.At)
}

// Store keeps what pages said about themselves. It is a cache: it is part of no archive, and may forget anything.
type Store interface {
	// Preview finds by key. NotFound when there is none; one that has expired may be returned.
	Preview(ctx context.Context, key string) (Record, error)
	// PutPreview keeps a record in place of the earlier one with its key, and gives it. An earlier one that outlasts it stays and is given.
	// It may forget records of other keys: the cache is bounded.
	PutPreview(ctx context.Context, r Record) (Record, error)
}
