package dynamodb_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/dynamodb"
)

// capture replaces the stream of an emulator whose stream is wrong: moto's reports writes that were rolled back and misses
// others. It collects what committed transactions put. Requests come one at a time, so the order is that of a stream.
type capture struct {
	next    http.RoundTripper
	mu      sync.Mutex
	changes map[string][]dynamodb.Change // by table
}

func (c *capture) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := c.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		return resp, err
	}
	var in struct {
		TransactItems []struct {
			Put struct {
				TableName string
				Item      map[string]attribute
			}
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range in.TransactItems {
		if len(i.Put.Item) > 0 {
			change := dynamodb.Change{Sequence: fmt.Sprint(len(c.changes)), Image: image(i.Put.Item)}
			c.changes[i.Put.TableName] = append(c.changes[i.Put.TableName], change)
		}
	}
	return resp, nil
}

// take returns what was put into a table since the last call.
func (c *capture) take(table string) []dynamodb.Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.changes[table]
	delete(c.changes, table)
	return out
}

// attribute is a value in the JSON of the API.
type attribute struct {
	S    *string
	N    *string
	BOOL *bool
	L    []attribute
	M    map[string]attribute
	NULL *bool
}

func image(of map[string]attribute) map[string]types.AttributeValue {
	out := make(map[string]types.AttributeValue, len(of))
	for name, a := range of {
		out[name] = a.value()
	}
	return out
}

func (a attribute) value() types.AttributeValue {
	switch {
	case a.S != nil:
		return &types.AttributeValueMemberS{Value: *a.S}
	case a.N != nil:
		return &types.AttributeValueMemberN{Value: *a.N}
	case a.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *a.BOOL}
	case a.M != nil:
		return &types.AttributeValueMemberM{Value: image(a.M)}
	case a.NULL != nil:
		return &types.AttributeValueMemberNULL{Value: true}
	}
	list := &types.AttributeValueMemberL{}
	for _, e := range a.L {
		list.Value = append(list.Value, e.value())
	}
	return list
}
