package table

import (
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	defaultPatience = 3 * time.Second // how long a command is retried
	maxBackoff      = 400 * time.Millisecond
	maxCached       = 1000 // items in the cache
)

// Options configure a [DB]. Client and Log are required.
type Options struct {
	Client   *dynamodb.Client
	Prefix   string // of the table names
	Log      *slog.Logger
	Patience time.Duration // how long a command is retried; 0 means 3 s
	// Cached says whether the process keeps the last state of an item that it saw, for [Tx.UseCached]. nil means none.
	Cached func(Key) bool
	// Final says whether an item never changes once it exists, and tells that the command was done before, as an idempotency key does.
	// nil means none.
	Final func(Key) bool
}

// DB reads and writes the items of tables with a common prefix. It is safe for concurrent use.
type DB struct {
	client   *dynamodb.Client
	prefix   string
	log      *slog.Logger
	patience time.Duration
	cached   func(Key) bool
	final    func(Key) bool

	mu    sync.Mutex
	items map[Key]Item // the cache: commands start with these, and run again if they are out of date
}

// Open makes a DB on existing tables. It does no I/O.
func Open(o Options) *DB {
	d := &DB{
		client: o.Client, prefix: o.Prefix, log: o.Log, patience: o.Patience, cached: o.Cached, final: o.Final, items: map[Key]Item{},
	}
	none := func(Key) bool { return false }
	if d.patience == 0 {
		d.patience = defaultPatience
	}
	if d.cached == nil {
		d.cached = none
	}
	if d.final == nil {
		d.final = none
	}
	return d
}

// table is the full name of a table.
func (d *DB) table(name string) string { return d.prefix + name }

func (d *DB) cachedItem(k Key) (Item, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.items[k]
	return i, ok
}

// Cache keeps the state of an item for [Tx.UseCached], if the options say that it is cached; nil drops it.
func (d *DB) Cache(k Key, i Item) {
	if !d.cached(k) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.items) >= maxCached {
		clear(d.items)
	}
	if i == nil {
		delete(d.items, k)
		return
	}
	d.items[k] = i
}
