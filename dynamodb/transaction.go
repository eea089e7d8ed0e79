package dynamodb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

// tx is one attempt at a command, or one read: what it has read so far, and for a command what it will write.
type tx struct {
	ctx       context.Context
	s         *Store
	seen      map[key]item // items read; nil if they do not exist
	returned  map[key]item // items that DynamoDB returned when it refused the previous attempt
	ops       map[key]*op
	order     []key
	facts     []fact
	events    []storedEvent
	eventPos  eventPosition
	skipHints bool // do not start with cached items
	usedHint  bool // seen holds a cached item, which may be out of date
}

// op is what a transaction does with one item. DynamoDB allows one operation for each item, so an op collects all conditions
// on it.
type op struct {
	put        item
	set        item // attributes to set; others stay
	add        item // amounts to add to numbers; others stay
	remove     bool
	conditions []string
	names      map[string]string
	values     item
}

// do is write without a result.
func do(ctx context.Context, s *Store, f func(*tx) error) error {
	_, err := write(ctx, s, func(t *tx) (struct{}, error) { return struct{}{}, f(t) })
	return err
}

// write runs f as one command with optimistic concurrency: it runs f again while the transaction conflicts, until s.patience
// is over. When DynamoDB refuses a transaction it returns the items whose conditions failed. The second attempt starts at
// once with these. Later attempts pause and read again.
func write[T any](ctx context.Context, s *Store, f func(*tx) (T, error)) (T, error) {
	var zero T
	returned, skipHints, end := map[key]item{}, false, time.Now().Add(s.patience)
	for try := 1; ; try++ {
		t := &tx{ctx: ctx, s: s, seen: map[key]item{}, returned: returned, ops: map[key]*op{}, skipHints: skipHints}
		out, err := attempt(t, f, end)
		conflict, ok := errors.AsType[*conflictError](err)
		switch {
		case err == nil:
			return out, nil
		case !ok:
			return zero, err
		case time.Now().After(end):
			s.log.WarnContext(ctx, "command gave up after conflicts", "tries", try, "error", err)
			return zero, chat.ErrUnavailable(err)
		case try == 1:
			returned, skipHints = conflict.current, true
			continue
		}
		returned = conflict.current
		maps.DeleteFunc(returned, func(k key, _ item) bool { return k.table != idempotency }) // an idempotency key never changes
		if err := pause(ctx, try); err != nil {
			return zero, err
		}
	}
}

// attempt runs a command once. A *conflictError means that it must run again.
func attempt[T any](t *tx, f func(*tx) (T, error), end time.Time) (T, error) {
	out, err := f(t)
	if (err != nil || len(t.order) == 0) && t.usedHint { // decided on a cached item
		return out, &conflictError{current: map[key]item{}, reason: "the cached room was out of date"}
	}
	if err == nil && len(t.order) > 0 {
		return out, t.commit(end)
	}
	if e, ok := errors.AsType[*chat.Error](err); ok && e.Code == chat.Unavailable || errors.Is(err, errPartialCommit) { // a read failed
		return out, &conflictError{current: map[key]item{}, reason: err.Error()}
	}
	if stale := t.checkFacts(); stale != nil {
		return out, stale
	}
	return out, err
}

// conflictError says that an item changed between the read and the transaction. current holds what DynamoDB returned of such
// items.
type conflictError struct {
	current map[key]item
	reason  string
}

func (e *conflictError) Error() string { return "conflict with another command: " + e.reason }

func (t *tx) op(k key) *op {
	o := t.ops[k]
	if o == nil {
		o = &op{names: map[string]string{}, values: item{}}
		t.ops[k] = o
		t.order = append(t.order, k)
	}
	return o
}

// require adds a condition on an attribute.
func (o *op) require(comparison, name string, value types.AttributeValue) {
	n, v := fmt.Sprintf("#c%d", len(o.names)), fmt.Sprintf(":c%d", len(o.values))
	o.names[n], o.values[v] = name, value
	o.conditions = append(o.conditions, n+" "+comparison+" "+v)
}

// guard adds the condition that an item has not changed since it was read.
func (t *tx) guard(k key) error {
	seen, err := t.load(k)
	if err != nil {
		return err
	}
	t.op(k).requireUnchanged(seen)
	return nil
}

func (o *op) requireUnchanged(seen item) {
	if seen == nil {
		o.conditions = append(o.conditions, "attribute_not_exists(pk)")
		return
	}
	o.require("=", "v", number(seen.integer("v")))
}

// put writes a whole item, on the condition that it has not changed since it was read. An item that was not read must not
// exist.
func (t *tx) put(k key, v any) error {
	i, err := encode(k, v)
	if err != nil {
		return err
	}
	o, seen := t.op(k), t.seen[k]
	if o.put == nil { // a second put keeps the condition of the first
		o.requireUnchanged(seen)
	}
	i["v"] = number(seen.integer("v") + 1)
	o.put = i
	return nil
}

// remove deletes an item, on the condition that it has not changed since it was read.
func (t *tx) remove(k key) {
	o := t.op(k)
	o.requireUnchanged(t.seen[k])
	o.remove, o.put = true, nil
}

// update changes attributes of an item that need not have been read. The item must exist.
func (t *tx) update(k key, set, add item) {
	o := t.op(k)
	o.set, o.add = set, add
	o.conditions = append(o.conditions, "attribute_exists(pk)")
}

// commit sends the transaction, and repeats it until the outcome is known.
func (t *tx) commit(end time.Time) error {
	if err := t.putEvents(); err != nil {
		return err
	}
	t.addFactConditions()
	in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(rand.Text())}
	for _, k := range t.order {
		in.TransactItems = append(in.TransactItems, t.writeRequest(k))
	}
	for try := 1; ; try++ {
		_, err := t.s.db.TransactWriteItems(t.ctx, in)
		if err == nil {
			t.cacheRooms()
			return nil
		}
		if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
			return t.canceled(canceled)
		}
		if permanent(err) {
			return fmt.Errorf("transaction of %d items: %w", len(in.TransactItems), err)
		}
		if t.ctx.Err() != nil { // the caller is gone; the transaction may have been committed
			return t.ctx.Err()
		}
		if time.Now().After(end) {
			return chat.ErrUnavailable(err)
		}
		if err := pause(t.ctx, try); err != nil {
			return err
		}
	}
}

// permanent says whether the same request would fail again.
func permanent(err error) bool {
	var coded interface{ ErrorCode() string }
	if !errors.As(err, &coded) {
		return false
	}
	switch coded.ErrorCode() {
	case "ValidationException", "ResourceNotFoundException", "AccessDeniedException", "IdempotentParameterMismatchException",
		"UnrecognizedClientException":
		return true
	}
	return false
}

// cacheRooms caches the rooms that the transaction wrote, for the next command.
func (t *tx) cacheRooms() {
	for k, o := range t.ops {
		if k.table == rooms && k.sk == roomSK && o.put != nil {
			t.s.setHint(k, o.put)
		}
	}
}

// canceled turns the reasons of a canceled transaction into ErrStale or a *conflictError.
func (t *tx) canceled(e *types.TransactionCanceledException) error {
	conflict := &conflictError{current: map[key]item{}}
	for i, r := range e.CancellationReasons {
		if i >= len(t.order) {
			break
		}
		k := t.order[i]
		switch code := aws.ToString(r.Code); code {
		case "", "None":
			continue
		case "ConditionalCheckFailed":
			conflict.current[k] = r.Item
			if len(r.Item) == 0 {
				conflict.current[k] = nil
			}
			conflict.reason = code + " in " + k.table
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
			conflict.reason = code + " in " + k.table
		default:
			return fmt.Errorf("DynamoDB refused the transaction at an item of %s: %s: %s", k.table, code, aws.ToString(r.Message))
		}
		if k.table == rooms {
			t.s.setHint(k, conflict.current[k])
		}
	}
	for _, f := range t.facts {
		if now, ok := conflict.current[f.key]; ok && !f.holds(now) && !t.foundIdempotencyKey(conflict.current) {
			return chat.ErrStale
		}
	}
	return conflict
}

// foundIdempotencyKey says whether an idempotency key exists. Then the command was done before, and facts do not matter.
func (t *tx) foundIdempotencyKey(now map[key]item) bool {
	for k, i := range now {
		if k.table == idempotency && i != nil {
			return true
		}
	}
	return false
}

// writeRequest builds the request for one item.
func (t *tx) writeRequest(k key) types.TransactWriteItem {
	o := t.ops[k]
	var condition *string
	if len(o.conditions) > 0 {
		condition = aws.String(strings.Join(o.conditions, " AND "))
	}
	names, values := o.names, o.values
	if len(names) == 0 {
		names = nil
	}
	table, old := aws.String(t.s.table(k.table)), types.ReturnValuesOnConditionCheckFailureAllOld
	switch {
	case o.set != nil || o.add != nil:
		expression := o.expression()
		return types.TransactWriteItem{Update: &types.Update{
			TableName: table, Key: k.item(), UpdateExpression: aws.String(expression), ConditionExpression: condition,
			ExpressionAttributeNames: o.names, ExpressionAttributeValues: o.values, ReturnValuesOnConditionCheckFailure: old,
		}}
	case o.put != nil:
		if len(values) == 0 {
			values = nil
		}
		return types.TransactWriteItem{Put: &types.Put{
			TableName: table, Item: o.put, ConditionExpression: condition, ExpressionAttributeNames: names,
			ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old,
		}}
	}
	if len(values) == 0 {
		values = nil
	}
	if o.remove {
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: table, Key: k.item(), ConditionExpression: condition, ExpressionAttributeNames: names,
			ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old,
		}}
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: table, Key: k.item(), ConditionExpression: condition, ExpressionAttributeNames: names,
		ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old,
	}}
}

// expression builds the update expression. It also raises the version.
func (o *op) expression() string {
	o.names["#v"], o.values[":one"] = "v", number(1)
	adds := []string{"#v :one"}
	for name, v := range o.add {
		n, p := "#a"+name, ":a"+name
		o.names[n], o.values[p] = name, v
		adds = append(adds, n+" "+p)
	}
	out := "ADD " + strings.Join(adds, ", ")
	var sets []string
	for name, v := range o.set {
		n, p := "#s"+name, ":s"+name
		o.names[n], o.values[p] = name, v
		sets = append(sets, n+" = "+p)
	}
	if len(sets) > 0 {
		out = "SET " + strings.Join(sets, ", ") + " " + out
	}
	return out
}

func jitter(try int) time.Duration {
	bound := min(10*time.Millisecond<<min(try, 6), maxBackoff)
	return time.Duration(mathrand.Int64N(int64(bound))) // #nosec G404 -- spreads load, keeps no secret
}
