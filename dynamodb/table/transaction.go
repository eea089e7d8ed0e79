package table

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

// Tx is one attempt at a command, or one read: what it has read so far, and for a command what it will write. It serves one goroutine.
type Tx struct {
	Seen     map[Key]Item // items read; nil if they do not exist
	Returned map[Key]Item // items that DynamoDB returned when it refused the previous attempt, unless Load has taken them

	ctx       context.Context
	db        *DB
	ops       map[Key]*op
	order     []Key
	facts     []Fact
	skipCache bool // do not start with cached items
	usedCache bool // Seen holds a cached item, which may be out of date
}

// op is what a transaction does with one item. DynamoDB allows one operation for each item, so an op collects all conditions
// on it.
type op struct {
	put        Item
	set        Item // attributes to set; others stay
	add        Item // amounts to add to numbers; others stay
	remove     bool
	conditions []string
	names      map[string]string
	values     Item
}

// Write runs f as one command with optimistic concurrency: it runs f again while the transaction conflicts, until the patience of the
// options is over, and then returns Unavailable. When DynamoDB refuses a transaction it returns the items whose conditions failed. The
// second attempt starts at once with these. Later attempts pause and read again. A command that writes nothing sends no transaction.
func Write[T any](ctx context.Context, d *DB, f func(*Tx) (T, error)) (T, error) {
	var zero T
	returned, skipCache, end := map[Key]Item{}, false, time.Now().Add(d.patience)
	for try := 1; ; try++ {
		t := &Tx{ctx: ctx, db: d, Seen: map[Key]Item{}, Returned: returned, ops: map[Key]*op{}, skipCache: skipCache}
		out, err := attempt(t, f, end)
		conflict, ok := errors.AsType[*conflictError](err)
		switch {
		case err == nil:
			return out, nil
		case !ok:
			return zero, err
		case time.Now().After(end):
			d.log.WarnContext(ctx, "command gave up after conflicts", "tries", try, "error", err)
			return zero, chat.ErrUnavailable(err)
		case try == 1:
			returned, skipCache = conflict.current, true
			continue
		}
		returned = conflict.current
		maps.DeleteFunc(returned, func(k Key, _ Item) bool { return !d.final(k) })
		if err := pause(ctx, try); err != nil {
			return zero, err
		}
	}
}

// attempt runs a command once. A *conflictError means that it must run again.
func attempt[T any](t *Tx, f func(*Tx) (T, error), end time.Time) (T, error) {
	out, err := f(t)
	if (err != nil || !t.Writes()) && t.usedCache { // decided on a cached item
		return out, &conflictError{current: map[Key]Item{}, reason: "the cached item was out of date"}
	}
	if err == nil && t.Writes() {
		return out, t.commit(end)
	}
	if e, ok := errors.AsType[*chat.Error](err); ok && e.Code == chat.Unavailable || errors.Is(err, ErrPartialCommit) { // a read failed
		return out, &conflictError{current: map[Key]Item{}, reason: err.Error()}
	}
	if stale := t.checkFacts(); stale != nil {
		return out, stale
	}
	return out, err
}

// conflictError says that an item changed between the read and the transaction. current holds what DynamoDB returned of such
// items.
type conflictError struct {
	current map[Key]Item
	reason  string
}

func (e *conflictError) Error() string { return "conflict with another command: " + e.reason }

func (t *Tx) op(k Key) *op {
	o := t.ops[k]
	if o == nil {
		o = &op{names: map[string]string{}, values: Item{}}
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

func (o *op) requireUnchanged(seen Item) {
	if seen == nil {
		o.conditions = append(o.conditions, "attribute_not_exists(pk)")
		return
	}
	o.require("=", "v", Number(seen.Integer("v")))
}

// commit sends the transaction, and repeats it until the outcome is known.
func (t *Tx) commit(end time.Time) error {
	t.addFactConditions()
	in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(rand.Text())}
	for _, k := range t.order {
		in.TransactItems = append(in.TransactItems, t.writeRequest(k))
	}
	for try := 1; ; try++ {
		_, err := t.db.client.TransactWriteItems(t.ctx, in)
		if err == nil {
			t.cache()
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

// cache keeps the items that the transaction wrote, for the next command.
func (t *Tx) cache() {
	for k, o := range t.ops {
		if o.put != nil {
			t.db.Cache(k, o.put)
		}
	}
}

// canceled turns the reasons of a canceled transaction into ErrStale or a *conflictError.
func (t *Tx) canceled(e *types.TransactionCanceledException) error {
	conflict := &conflictError{current: map[Key]Item{}}
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
			conflict.reason = code + " in " + k.Table
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
			conflict.reason = code + " in " + k.Table
		default:
			return fmt.Errorf("DynamoDB refused the transaction at an item of %s: %s: %s", k.Table, code, aws.ToString(r.Message))
		}
		t.db.Cache(k, conflict.current[k])
	}
	for _, f := range t.facts {
		if now, ok := conflict.current[f.Key]; ok && !f.holds(now) && !t.foundFinal(conflict.current) {
			return chat.ErrStale
		}
	}
	return conflict
}

// foundFinal says whether a final item exists. Then the command was done before, and facts do not matter.
func (t *Tx) foundFinal(now map[Key]Item) bool {
	for k, i := range now {
		if t.db.final(k) && i != nil {
			return true
		}
	}
	return false
}

// writeRequest builds the request for one item.
func (t *Tx) writeRequest(k Key) types.TransactWriteItem {
	o := t.ops[k]
	var condition *string
	if len(o.conditions) > 0 {
		condition = aws.String(strings.Join(o.conditions, " AND "))
	}
	names, values := o.names, o.values
	if len(names) == 0 {
		names = nil
	}
	table, old := aws.String(t.db.table(k.Table)), types.ReturnValuesOnConditionCheckFailureAllOld
	switch {
	case o.set != nil || o.add != nil:
		expression := o.expression()
		return types.TransactWriteItem{Update: &types.Update{
			TableName: table, Key: k.Item(), UpdateExpression: aws.String(expression), ConditionExpression: condition,
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
			TableName: table, Key: k.Item(), ConditionExpression: condition, ExpressionAttributeNames: names,
			ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old,
		}}
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: table, Key: k.Item(), ConditionExpression: condition, ExpressionAttributeNames: names,
		ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old,
	}}
}

// expression builds the update expression. It also raises the version.
func (o *op) expression() string {
	o.names["#v"], o.values[":one"] = "v", Number(1)
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
