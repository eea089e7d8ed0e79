package dynamodb

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/chat"
)

const (
	shards               = 16 // partitions of the index over all connections
	maxSingleQueries     = 50 // users; beyond, all shards are read
	maxConcurrentQueries = 32 // queries at the same time
)

// connection is the item of a connection. pk is its user, sk its id.
type connection struct {
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

func connectionPK(user string) string   { return "user#" + user }
func connectionKey(user, id string) key { return key{connections, connectionPK(user), id} }
func connectionHolderKey(id string) key { return key{connections, "connection#" + id, "-"} }

func (c connection) toChat() chat.Connection {
	out := chat.Connection{
		ID: c.ID, User: c.User, SessionID: c.SessionID, TokenID: c.TokenID, Room: c.Room, Thread: c.Thread, Away: c.Away,
		NotOwn:    c.NotOwn,
		MadeAt:    at(c.MadeAt),
		SeenAt:    at(c.SeenAt),
		ActiveAt:  moment(c.ActiveAt),
		ExpiresAt: time.Unix(c.TTL, 0).UTC(),
		Until:     moment(c.Until),
	}
	return out
}

func newConnection(c chat.Connection) connection {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.ID)) // Write of a hash never fails
	return connection{
		ID: c.ID, User: c.User, SessionID: c.SessionID, TokenID: c.TokenID, Room: c.Room, Thread: c.Thread, Away: c.Away,
		NotOwn: c.NotOwn,
		MadeAt: millis(c.MadeAt), SeenAt: millis(c.SeenAt), ActiveAt: momentOf(c.ActiveAt),
		TTL: seconds(c.ExpiresAt), Until: momentOf(c.Until), Shard: strconv.Itoa(int(h.Sum32() % shards)),
	}
}

// momentOf is a time as it is stored, 0 for the zero time; moment is its inverse.
func momentOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return millis(t)
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return at(ms)
}

// connectionOwner maps the id of a connection to its user.
type connectionOwner struct {
	User string `dynamodbav:"of"`
	TTL  int64  `dynamodbav:"ttl"`
}

// AddConnection implements chat.ConnectionStore.
func (s *Store) AddConnection(ctx context.Context, c chat.Connection) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.put(connectionHolderKey(c.ID), connectionOwner{c.User, seconds(c.ExpiresAt)}); err != nil {
			return err
		}
		return t.put(connectionKey(c.User, c.ID), newConnection(c))
	})
}

// Connection implements chat.ConnectionStore.
func (s *Store) Connection(ctx context.Context, id string, now time.Time) (chat.Connection, error) {
	return read(ctx, s, func(t *tx) (chat.Connection, error) {
		h, err := loadItem[connectionOwner](t, connectionHolderKey(id))
		if err != nil {
			return chat.Connection{}, err
		}
		c, err := loadItem[connection](t, connectionKey(h.User, id))
		if err == nil && c.TTL <= seconds(now) {
			err = chat.ErrNotFound()
		}
		return c.toChat(), err
	})
}

// UpdateConnection implements chat.ConnectionStore.
func (s *Store) UpdateConnection(ctx context.Context, user, id string, f func(*chat.Connection)) (chat.Connection, error) {
	return write(ctx, s, func(t *tx) (chat.Connection, error) {
		now, err := change(t, connectionKey(user, id), func(i *connection) {
			c := i.toChat()
			f(&c)
			i.Room, i.Thread, i.Away, i.SeenAt, i.ActiveAt, i.Until = c.Room, c.Thread, c.Away, millis(c.SeenAt), momentOf(c.ActiveAt),
				momentOf(c.Until)
		})
		return now.toChat(), err
	})
}

// RemoveConnection implements chat.ConnectionStore.
func (s *Store) RemoveConnection(ctx context.Context, user, id string) error {
	return s.deleteAll(ctx, []key{connectionKey(user, id), connectionHolderKey(id)})
}

// ConnectionsOf implements chat.ConnectionStore.
func (s *Store) ConnectionsOf(ctx context.Context, ids []string, now time.Time) ([]chat.Connection, error) {
	if len(ids) > maxSingleQueries {
		return s.connectionsByShard(ctx, ids, now)
	}
	queries := make([]queryRange, len(ids))
	for i, id := range ids {
		queries[i] = queryRange{table: connections, pk: connectionPK(id)}
	}
	return s.connections(ctx, queries, now, func(connection) bool { return true })
}

// connectionsByShard reads all connections and keeps those of the given users. The index is eventually consistent: a
// connection made within the last second may be missing. Its client fetches everything once it is connected.
func (s *Store) connectionsByShard(ctx context.Context, ids []string, now time.Time) ([]chat.Connection, error) {
	of := make(map[string]bool, len(ids))
	for _, id := range ids {
		of[id] = true
	}
	queries := make([]queryRange, shards)
	for i := range queries {
		queries[i] = queryRange{table: connections, index: byShard, hash: "shard", pk: strconv.Itoa(i)}
	}
	return s.connections(ctx, queries, now, func(c connection) bool { return of[c.User] })
}

// ConnectionsIn implements chat.ConnectionStore.
func (s *Store) ConnectionsIn(ctx context.Context, room string, now time.Time) ([]chat.Connection, error) {
	return s.connections(ctx, []queryRange{{table: connections, index: byOpen, hash: "room", pk: room}}, now,
		func(connection) bool { return true })
}

// connections runs the queries and returns the wanted connections that have not expired at now.
func (s *Store) connections(ctx context.Context, queries []queryRange, now time.Time, wanted func(connection) bool) ([]chat.Connection,
	error) {
	results := make([][]chat.Connection, len(queries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentQueries)
	for n, q := range queries {
		g.Go(func() error {
			items, err := s.query(ctx, q)
			for _, it := range items {
				c, err := decode[connection](it)
				if err != nil {
					return err
				}
				if c.TTL > seconds(now) && wanted(c) {
					results[n] = append(results[n], c.toChat())
				}
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []chat.Connection
	for _, a := range results {
		out = append(out, a...)
	}
	return out, nil
}
