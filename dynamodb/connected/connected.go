// Package connected keeps live connections in DynamoDB: an item under its user, and one that leads from its id to the user.
package connected

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// Table is the table of the items; ByShard and ByOpen are its indexes.
const (
	Table   = "connections"
	ByShard = "by_shard"
	ByOpen  = "by_open"
)

// Connections is a connection.Store.
type Connections struct{ DB *table.DB }

var _ connection.Store = Connections{}

const (
	shards               = 16 // partitions of the index over all connections
	maxSingleQueries     = 50 // users; beyond, all shards are read
	maxConcurrentQueries = 32 // queries at the same time
)

// item is the item of a connection. pk is its user, sk its id.
type item struct {
	ID        string `dynamodbav:"sk"`
	User      string `dynamodbav:"user"`
	SessionID string `dynamodbav:"session,omitempty"`
	TokenID   string `dynamodbav:"token,omitempty"`
	Room      string `dynamodbav:"room,omitempty"`
	Thread    int64  `dynamodbav:"thread,omitempty"`
	Away      bool   `dynamodbav:"away,omitempty"`
	NotOwn    bool   `dynamodbav:"not_own,omitempty"`
	MadeAt    int64  `dynamodbav:"made_at"`
	SeenAt    int64  `dynamodbav:"seen_at"`
	ActiveAt  int64  `dynamodbav:"active_at,omitempty"`
	TTL       int64  `dynamodbav:"ttl"`
	Until     int64  `dynamodbav:"until,omitempty"`
	Shard     string `dynamodbav:"shard"`
}

func pk(user string) string { return "user#" + user }
func key(user, id string) table.Key {
	return table.NewKey(Table, pk(user), id)
}
func ownerKey(id string) table.Key {
	return table.NewKey(Table, "connection#"+id, "-")
}

func (c item) toChat() connection.Connection {
	out := connection.Connection{
		ID: c.ID, User: c.User, SessionID: c.SessionID, TokenID: c.TokenID, Room: c.Room, Thread: c.Thread, Away: c.Away,
		NotOwn:    c.NotOwn,
		MadeAt:    table.At(c.MadeAt),
		SeenAt:    table.At(c.SeenAt),
		ActiveAt:  table.MomentAt(c.ActiveAt),
		ExpiresAt: time.Unix(c.TTL, 0).UTC(),
		Until:     table.MomentAt(c.Until),
	}
	return out
}

func newItem(c connection.Connection) item {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.ID)) // Write of a hash never fails
	return item{
		ID: c.ID, User: c.User, SessionID: c.SessionID, TokenID: c.TokenID, Room: c.Room, Thread: c.Thread, Away: c.Away,
		NotOwn: c.NotOwn,
		MadeAt: table.Millis(c.MadeAt), SeenAt: table.Millis(c.SeenAt), ActiveAt: table.Moment(c.ActiveAt),
		TTL: table.Seconds(c.ExpiresAt), Until: table.Moment(c.Until), Shard: strconv.Itoa(int(h.Sum32() % shards)),
	}
}

// owner maps the id of a connection to its user.
type owner struct {
	User string `dynamodbav:"of"`
	TTL  int64  `dynamodbav:"ttl"`
}

// AddConnection implements connection.Store.
func (s Connections) AddConnection(ctx context.Context, c connection.Connection) error {
	_, err := table.Write(ctx, s.DB, func(t *table.Tx) (struct{}, error) {
		if err := t.Put(ownerKey(c.ID), owner{c.User, table.Seconds(c.ExpiresAt)}); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, t.Put(key(c.User, c.ID), newItem(c))
	})
	return err
}

// load loads an item. NotFound if it does not exist.
func load[T any](t *table.Tx, k table.Key) (v T, err error) {
	i, err := t.Load(k)
	if err == nil && i == nil {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return v, err
	}
	return table.Decode[T](i)
}

// Connection implements connection.Store.
func (s Connections) Connection(ctx context.Context, id string, now time.Time) (connection.Connection, error) {
	return table.Read(ctx, s.DB, func(t *table.Tx) (connection.Connection, error) {
		h, err := load[owner](t, ownerKey(id))
		if err != nil {
			return connection.Connection{}, err
		}
		c, err := load[item](t, key(h.User, id))
		if err == nil && c.TTL <= table.Seconds(now) {
			err = chat.ErrNotFound()
		}
		return c.toChat(), err
	})
}

// UpdateConnection implements connection.Store.
func (s Connections) UpdateConnection(ctx context.Context, user, id string, f func(*connection.Connection)) (connection.Connection, error) {
	return table.Write(ctx, s.DB, func(t *table.Tx) (connection.Connection, error) {
		i, err := load[item](t, key(user, id))
		if err != nil {
			return connection.Connection{}, err
		}
		c := i.toChat()
		f(&c)
		i.Room, i.Thread, i.Away, i.SeenAt, i.ActiveAt, i.Until = c.Room, c.Thread, c.Away, table.Millis(c.SeenAt), table.Moment(c.ActiveAt),
			table.Moment(c.Until)
		return i.toChat(), t.Put(key(user, id), i)
	})
}

// RemoveConnection implements connection.Store.
func (s Connections) RemoveConnection(ctx context.Context, user, id string) error {
	return s.DB.DeleteAll(ctx, []table.Key{key(user, id), ownerKey(id)})
}

// ConnectionsOf implements connection.Store.
func (s Connections) ConnectionsOf(ctx context.Context, ids []string, now time.Time) ([]connection.Connection, error) {
	if len(ids) > maxSingleQueries {
		return s.connectionsByShard(ctx, ids, now)
	}
	queries := make([]table.Range, len(ids))
	for i, id := range ids {
		queries[i] = table.Range{Table: Table, PK: pk(id)}
	}
	return s.connections(ctx, queries, now, func(item) bool { return true })
}

// connectionsByShard reads all connections and keeps those of the given users. The index is eventually consistent: a
// connection made within the last second may be missing. Its client fetches everything once it is connected.
func (s Connections) connectionsByShard(ctx context.Context, ids []string, now time.Time) ([]connection.Connection, error) {
	of := make(map[string]bool, len(ids))
	for _, id := range ids {
		of[id] = true
	}
	queries := make([]table.Range, shards)
	for i := range queries {
		queries[i] = table.Range{Table: Table, Index: ByShard, Hash: "shard", PK: strconv.Itoa(i)}
	}
	return s.connections(ctx, queries, now, func(c item) bool { return of[c.User] })
}

// ConnectionsIn implements connection.Store.
func (s Connections) ConnectionsIn(ctx context.Context, room string, now time.Time) ([]connection.Connection, error) {
	return s.connections(ctx, []table.Range{{Table: Table, Index: ByOpen, Hash: "room", PK: room}}, now,
		func(item) bool { return true })
}

// connections runs the queries and returns the wanted connections that have not expired at now.
func (s Connections) connections(
	ctx context.Context, queries []table.Range, now time.Time, wanted func(item) bool,
) ([]connection.Connection, error) {
	results := make([][]connection.Connection, len(queries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentQueries)
	for n, q := range queries {
		g.Go(func() error {
			items, err := s.DB.Query(ctx, q)
			for _, it := range items {
				c, err := table.Decode[item](it)
				if err != nil {
					return err
				}
				if c.TTL > table.Seconds(now) && wanted(c) {
					results[n] = append(results[n], c.toChat())
				}
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []connection.Connection
	for _, a := range results {
		out = append(out, a...)
	}
	return out, nil
}
