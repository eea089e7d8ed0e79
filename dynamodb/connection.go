package dynamodb

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

const (
	shards               = 16 // partitions of the index over all connections
	maxSingleQueries     = 50 // users; beyond, all shards are read
	maxConcurrentQueries = 32 // queries at the same time
)

// connectionItem is the item of a connection. pk is its user, sk its id.
type connectionItem struct {
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

func connectionPK(user string) string { return "user#" + user }
func connectionKey(user, id string) table.Key {
	return table.NewKey(connections, connectionPK(user), id)
}
func connectionHolderKey(id string) table.Key {
	return table.NewKey(connections, "connection#"+id, "-")
}

func (c connectionItem) toChat() connection.Connection {
	out := connection.Connection{
		ID: c.ID, User: c.User, SessionID: c.SessionID, TokenID: c.TokenID, Room: c.Room, Thread: c.Thread, Away: c.Away,
		NotOwn:    c.NotOwn,
		MadeAt:    table.At(c.MadeAt),
		SeenAt:    table.At(c.SeenAt),
		ActiveAt:  moment(c.ActiveAt),
		ExpiresAt: time.Unix(c.TTL, 0).UTC(),
		Until:     moment(c.Until),
	}
	return out
}

func newConnection(c connection.Connection) connectionItem {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.ID)) // Write of a hash never fails
	return connectionItem{
		ID: c.ID, User: c.User, SessionID: c.SessionID, TokenID: c.TokenID, Room: c.Room, Thread: c.Thread, Away: c.Away,
		NotOwn: c.NotOwn,
		MadeAt: table.Millis(c.MadeAt), SeenAt: table.Millis(c.SeenAt), ActiveAt: momentOf(c.ActiveAt),
		TTL: table.Seconds(c.ExpiresAt), Until: momentOf(c.Until), Shard: strconv.Itoa(int(h.Sum32() % shards)),
	}
}

// momentOf is a time as it is stored, 0 for the zero time; moment is its inverse.
func momentOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return table.Millis(t)
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return table.At(ms)
}

// connectionOwner maps the id of a connection to its user.
type connectionOwner struct {
	User string `dynamodbav:"of"`
	TTL  int64  `dynamodbav:"ttl"`
}

// AddConnection implements connection.Store.
func (s *Store) AddConnection(ctx context.Context, c connection.Connection) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.Put(connectionHolderKey(c.ID), connectionOwner{c.User, table.Seconds(c.ExpiresAt)}); err != nil {
			return err
		}
		return t.Put(connectionKey(c.User, c.ID), newConnection(c))
	})
}

// Connection implements connection.Store.
func (s *Store) Connection(ctx context.Context, id string, now time.Time) (connection.Connection, error) {
	return read(ctx, s, func(t *tx) (connection.Connection, error) {
		h, err := loadItem[connectionOwner](t, connectionHolderKey(id))
		if err != nil {
			return connection.Connection{}, err
		}
		c, err := loadItem[connectionItem](t, connectionKey(h.User, id))
		if err == nil && c.TTL <= table.Seconds(now) {
			err = chat.ErrNotFound()
		}
		return c.toChat(), err
	})
}

// UpdateConnection implements connection.Store.
func (s *Store) UpdateConnection(ctx context.Context, user, id string, f func(*connection.Connection)) (connection.Connection, error) {
	return write(ctx, s, func(t *tx) (connection.Connection, error) {
		now, err := change(t, connectionKey(user, id), func(i *connectionItem) {
			c := i.toChat()
			f(&c)
			i.Room, i.Thread, i.Away, i.SeenAt, i.ActiveAt, i.Until = c.Room, c.Thread, c.Away, table.Millis(c.SeenAt), momentOf(c.ActiveAt),
				momentOf(c.Until)
		})
		return now.toChat(), err
	})
}

// RemoveConnection implements connection.Store.
func (s *Store) RemoveConnection(ctx context.Context, user, id string) error {
	return s.db.DeleteAll(ctx, []table.Key{connectionKey(user, id), connectionHolderKey(id)})
}

// ConnectionsOf implements connection.Store.
func (s *Store) ConnectionsOf(ctx context.Context, ids []string, now time.Time) ([]connection.Connection, error) {
	if len(ids) > maxSingleQueries {
		return s.connectionsByShard(ctx, ids, now)
	}
	queries := make([]table.Range, len(ids))
	for i, id := range ids {
		queries[i] = table.Range{Table: connections, PK: connectionPK(id)}
	}
	return s.connections(ctx, queries, now, func(connectionItem) bool { return true })
}

// connectionsByShard reads all connections and keeps those of the given users. The index is eventually consistent: a
// connection made within the last second may be missing. Its client fetches everything once it is connected.
func (s *Store) connectionsByShard(ctx context.Context, ids []string, now time.Time) ([]connection.Connection, error) {
	of := make(map[string]bool, len(ids))
	for _, id := range ids {
		of[id] = true
	}
	queries := make([]table.Range, shards)
	for i := range queries {
		queries[i] = table.Range{Table: connections, Index: byShard, Hash: "shard", PK: strconv.Itoa(i)}
	}
	return s.connections(ctx, queries, now, func(c connectionItem) bool { return of[c.User] })
}

// ConnectionsIn implements connection.Store.
func (s *Store) ConnectionsIn(ctx context.Context, room string, now time.Time) ([]connection.Connection, error) {
	return s.connections(ctx, []table.Range{{Table: connections, Index: byOpen, Hash: "room", PK: room}}, now,
		func(connectionItem) bool { return true })
}

// connections runs the queries and returns the wanted connections that have not expired at now.
func (s *Store) connections(
	ctx context.Context, queries []table.Range, now time.Time, wanted func(connectionItem) bool,
) ([]connection.Connection, error) {
	results := make([][]connection.Connection, len(queries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentQueries)
	for n, q := range queries {
		g.Go(func() error {
			items, err := s.db.Query(ctx, q)
			for _, it := range items {
				c, err := table.Decode[connectionItem](it)
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
