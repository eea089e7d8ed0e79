package dynamodb

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// key identifies an item.
type key struct{ table, pk, sk string }

// item holds the attributes of an item; nil means that it does not exist.
type item map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func (k key) item() item { return item{"pk": text(k.pk), "sk": text(k.sk)} }

// integer returns a number attribute, 0 if it is missing.
func (i item) integer(name string) int64 {
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

func (i item) text(name string) string {
	if v, ok := i[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func (i item) boolean(name string) bool {
	v, ok := i[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func encode(k key, v any) (item, error) {
	m, err := attributevalue.MarshalMap(v)
	if err != nil {
		return nil, fmt.Errorf("encode an item of %s: %w", k.table, err)
	}
	m["pk"], m["sk"] = text(k.pk), text(k.sk)
	return m, nil
}

func decode[T any](i item) (v T, err error) {
	if err := attributevalue.UnmarshalMap(i, &v); err != nil {
		return v, fmt.Errorf("decode an item: %w", err)
	}
	return v, nil
}

// millis is the form in which times are stored.
func millis(t time.Time) int64 { return t.UnixMilli() }

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func optionalMillis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

func optionalAt(ms *int64) *time.Time {
	if ms == nil {
		return nil
	}
	t := at(*ms)
	return &t
}

// seconds is the form that DynamoDB needs for expiry times.
func seconds(t time.Time) int64 { return t.Unix() }

// maxKeyName is the most bytes that a name adds to a key. DynamoDB limits keys, and folding can make names long.
const maxKeyName = 200

// keyName returns the form of a name in keys: the name itself, or its SHA-256 if it is long.
func keyName(name string) string {
	if len(name) <= maxKeyName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ordinal pads a number so that keys sort by it.
func ordinal(n int64) string { return fmt.Sprintf("%012d", n) }
