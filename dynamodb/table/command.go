package table

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Writes says whether the command has anything to write or to require of an item.
func (t *Tx) Writes() bool { return len(t.order) > 0 }

// Items is how many items the transaction writes or requires something of. DynamoDB allows 100.
func (t *Tx) Items() int { return len(t.order) }

// Pending returns an item as the command will put it, nil if the command does not put it.
func (t *Tx) Pending(k Key) Item {
	if o := t.ops[k]; o != nil {
		return o.put
	}
	return nil
}

// Guard adds the condition that an item has not changed since it was read. It reads it if necessary.
func (t *Tx) Guard(k Key) error {
	seen, err := t.Load(k)
	if err != nil {
		return err
	}
	t.op(k).requireUnchanged(seen)
	return nil
}

// Put writes a whole item, on the condition that it has not changed since it was read. An item that was not read must not
// exist.
func (t *Tx) Put(k Key, v any) error {
	i, err := Encode(k, v)
	if err != nil {
		return err
	}
	o, seen := t.op(k), t.Seen[k]
	if o.put == nil { // a second put keeps the condition of the first
		o.requireUnchanged(seen)
	}
	i["v"] = Number(seen.Integer("v") + 1)
	o.put = i
	return nil
}

// Overwrite writes a whole item without a condition, whether or not it exists.
func (t *Tx) Overwrite(k Key, v any) error {
	i, err := Encode(k, v)
	if err != nil {
		return err
	}
	t.op(k).put = i
	return nil
}

// Remove deletes an item, on the condition that it has not changed since it was read.
func (t *Tx) Remove(k Key) {
	o := t.op(k)
	o.requireUnchanged(t.Seen[k])
	o.remove, o.put = true, nil
}

// Discard deletes an item without a condition, whether or not it exists. A Put of the same command wins over it.
func (t *Tx) Discard(k Key) { t.op(k).remove = true }

// Update changes attributes of an item that need not have been read. The item must exist.
func (t *Tx) Update(k Key, set, add Item) {
	o := t.op(k)
	o.set, o.add = set, add
	o.conditions = append(o.conditions, "attribute_exists(pk)")
}

// RequireExists adds the condition that an item exists, in whatever state.
func (t *Tx) RequireExists(k Key) {
	o := t.op(k)
	o.conditions = append(o.conditions, "attribute_exists(pk)")
}

// RequireEqual adds the condition that an attribute has a value.
func (t *Tx) RequireEqual(k Key, name string, value types.AttributeValue) {
	t.op(k).require("=", name, value)
}

// Defer takes deletions for which may returns true out of the transaction, the latest first, until it has at most n items. It returns
// their keys. The caller deletes them in later transactions.
func (t *Tx) Defer(n int, may func(Key) bool) []Key {
	var deferred []Key
	for i := len(t.order) - 1; i >= 0 && len(t.order) > n; i-- {
		if k := t.order[i]; t.ops[k].remove && may(k) {
			deferred = append(deferred, k)
			delete(t.ops, k)
			t.order = append(t.order[:i], t.order[i+1:]...)
		}
	}
	return deferred
}

// Reset drops what the command would write and require, but not what it has read.
func (t *Tx) Reset() {
	t.facts, t.ops, t.order, t.usedCache = nil, map[Key]*op{}, nil, false
}

// UseCached starts the command with the cached item, if there is one. A condition on its version must follow, by [Tx.Put] or [Tx.Guard]: it
// fails if the cache is out of date, and then the command runs again without the cache.
func (t *Tx) UseCached(k Key) {
	if _, ok := t.Returned[k]; ok || t.skipCache {
		return
	}
	if i, ok := t.db.cachedItem(k); ok {
		t.Seen[k], t.usedCache = i, true
	}
}

// UsedCached says whether the command has started with a cached item. An error is then not final: the command runs again.
func (t *Tx) UsedCached() bool { return t.usedCache }
