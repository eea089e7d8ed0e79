package table

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Key identifies an item.
type Key struct {
	Table  string // without the prefix
	PK, SK string
}

// NewKey is the key of an item of a table.
func NewKey(table, pk, sk string) Key { return Key{table, pk, sk} }

// Item holds the attributes of an item; nil means that it does not exist.
type Item map[string]types.AttributeValue

// Text is a string attribute.
func Text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// Number is a number attribute.
func Number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// Boolean is a boolean attribute.
func Boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

// Item is an item with nothing but its key.
func (k Key) Item() Item { return Item{"pk": Text(k.PK), "sk": Text(k.SK)} }

// Integer returns a number attribute, 0 if it is missing.
func (i Item) Integer(name string) int64 {
	v, ok := i[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Text returns a string attribute, "" if it is missing.
func (i Item) Text(name string) string {
	if v, ok := i[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// Boolean returns a boolean attribute, false if it is missing.
func (i Item) Boolean(name string) bool {
	v, ok := i[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func Encode(k Key, v any) (Item, error) {
	m, err := attributevalue.MarshalMap(v)
	if err != nil {
		return nil, fmt.Errorf("encode an item of %s: %w", k.Table, err)
	}
	m["pk"], m["sk"] = Text(k.PK), Text(k.SK)
	return m, nil
}

// Decode makes a value of an item, the opposite of [Encode].
func Decode[T any](i Item) (v T, err error) {
	if err := attributevalue.UnmarshalMap(i, &v); err != nil {
		return v, fmt.Errorf("decode an item: %w", err)
	}
	return v, nil
}

// Millis is the form in which times are stored.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// At is the time that [Millis] stored.
func At(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// Moment is [Millis], and 0 for the zero time; [MomentAt] is its inverse.
func Moment(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return Millis(t)
}

// MomentAt is the time that [Moment] stored.
func MomentAt(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return At(ms)
}

// OptionalMillis is [Millis] for a time that may be missing.
func OptionalMillis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// OptionalAt is [At] for a time that may be missing.
func OptionalAt(ms *int64) *time.Time {
	if ms == nil {
		return nil
	}
	t := At(*ms)
	return &t
}

// Seconds is the form that DynamoDB needs for expiry times.
func Seconds(t time.Time) int64 { return t.Unix() }

// MaxKeyName is the most bytes that a name adds to a key. DynamoDB limits keys, and folding can make names long.
const MaxKeyName = 200

// KeyName returns the form of a name in keys: the name itself, or its SHA-256 if it is long.
func KeyName(name string) string {
	if len(name) <= MaxKeyName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Ordinal pads a number so that keys sort by it.
func Ordinal(n int64) string { return fmt.Sprintf("%012d", n) }
