package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/auditlog"
	"github.com/canteen-chat/canteen/dynamodb/event"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// tx is one attempt at a command, or one read, with the events of the command.
type tx struct {
	*table.Tx
	ctx      context.Context
	s        *Store
	events   []event.Stored
	eventPos eventPosition
	audit    *audit.Pending
}

// do is write without a result.
func do(ctx context.Context, s *Store, f func(*tx) error) error {
	_, err := write(ctx, s, func(t *tx) (struct{}, error) { return struct{}{}, f(t) })
	return err
}

// write runs f as one command, as [table.Write] does. The command's events are part of its transaction, and
// so is its row of the audit log, even if the command changes nothing else.
func write[T any](ctx context.Context, s *Store, f func(*tx) (T, error)) (T, error) {
	return table.Write(ctx, s.db, func(of *table.Tx) (T, error) {
		t := &tx{Tx: of, ctx: ctx, s: s}
		out, err := f(t)
		if err == nil && (t.Writes() || !t.UsedCached()) { // else it runs again
			err = auditlog.Enter(t.Tx, t.audit)
		}
		if err == nil && t.Writes() {
			err = t.putEvents()
		}
		return out, err
	})
}

// read runs f, which only reads, as [table.Read] does.
func read[T any](ctx context.Context, s *Store, f func(*tx) (T, error)) (T, error) {
	return table.Read(ctx, s.db, func(of *table.Tx) (T, error) { return f(&tx{Tx: of, ctx: ctx, s: s}) })
}

// loadItem loads an item. NotFound if it does not exist.
func loadItem[T any](t *tx, k table.Key) (v T, err error) {
	i, err := t.Load(k)
	if err != nil {
		return v, err
	}
	if i == nil {
		return v, chat.ErrNotFound()
	}
	return table.Decode[T](i)
}

// loadOptional loads an item. ok is false if it does not exist.
func loadOptional[T any](t *tx, k table.Key) (v T, ok bool, err error) {
	i, err := t.Load(k)
	if err != nil || i == nil {
		return v, false, err
	}
	v, err = table.Decode[T](i)
	return v, true, err
}

// loadReferenced loads an item that another item refers to. If it is missing, a commit was seen in part.
func loadReferenced[T any](t *tx, k table.Key) (T, error) {
	v, err := loadItem[T](t, k)
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		err = table.ErrPartialCommit
	}
	return v, err
}

// keyed is a decoded item with its key.
type keyed[T any] struct {
	key table.Key
	v   T
}

// loadPartition loads all items of a partition, such as the sessions of a user.
func loadPartition[T any](t *tx, in, owner string) ([]keyed[T], error) {
	items, err := t.s.db.Query(t.ctx, table.Range{Table: in, PK: owner})
	if err != nil {
		return nil, err
	}
	out := make([]keyed[T], len(items))
	for i, it := range items {
		v, err := table.Decode[T](it)
		if err != nil {
			return nil, err
		}
		k := table.NewKey(in, owner, it.Text("sk"))
		t.Seen[k] = it
		out[i] = keyed[T]{k, v}
	}
	return out, nil
}

// change loads an item, or takes it as the command has changed it so far, applies f and writes it. NotFound if there is
// none.
func change[T any](t *tx, k table.Key, f func(*T)) (v T, err error) {
	if now := t.Pending(k); now != nil {
		v, err = table.Decode[T](now)
	} else {
		v, err = loadItem[T](t, k)
	}
	if err != nil {
		return v, err
	}
	f(&v)
	return v, t.Put(k, v)
}
