package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/aws/apigateway"
	"github.com/canteen-chat/canteen/chat"
)

// newTestStream returns a Stream in which each record with a field "said" is a commit.
func newTestStream(fanOut func([]apigateway.Commit) error, clean func(int64) error) (*Stream, *bytes.Buffer) {
	lines := &bytes.Buffer{}
	return &Stream{
		Commits: func(_ context.Context, changes []Change) (out []Commit, err error) {
			for _, c := range changes {
				said, ok := c.Image["said"].(*types.AttributeValueMemberS)
				if !ok {
					return nil, errors.New("unreadable")
				}
				m := chat.Message{Room: said.Value, Seq: int64(len(c.Sequence))}
				if said.Value == "deleted" {
					m.DeletedAt = &c.At
				}
				out = append(out, Commit{c.Sequence, c.At, []chat.Announcement{{Event: chat.MessageChanged{Message: m}}}})
			}
			return out, nil
		},
		Clean: func(_ context.Context, e chat.Event) error {
			m := e.(chat.MessageChanged).Message
			if clean == nil || m.DeletedAt == nil {
				return nil
			}
			return clean(m.Seq)
		},
		Follow: func(_ context.Context, room string) error {
			if room == "behind" {
				return errors.New("the follower fails")
			}
			return nil
		},
		FanOut: func(_ context.Context, cs []apigateway.Commit) (apigateway.Told, error) {
			return apigateway.Told{Recipients: 7, Gone: 1, Errors: 2}, fanOut(cs)
		},
		Metrics: NewMetrics(lines, "Canteen", "canteen", time.Now), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, lines
}

// records returns an event of the stream. "" is a record that cannot be decoded.
func records(said ...string) []byte {
	var rs []string
	for i, s := range said {
		image := `"said":{"S":"` + s + `"}`
		if s == "" {
			image = `"bad":{"NULL":true}`
		}
		rs = append(rs, fmt.Sprintf(
			`{"eventName":"MODIFY","dynamodb":{"SequenceNumber":"%d","ApproximateCreationDateTime":%d,"NewImage":{%s}}}`,
			100+i, time.Now().Unix()-2, image))
	}
	return []byte(`{"Records":[` + strings.Join(rs, ",") + `]}`)
}

func TestFailuresOfABatch(t *testing.T) {
	none := func([]apigateway.Commit) error { return nil }
	fails := func([]apigateway.Commit) error { return errors.New("the store is away") }
	for what, c := range map[string]struct {
		event  []byte
		fanOut func([]apigateway.Commit) error
		clean  func(int64) error
		failed string
		sent   int
	}{
		"all is well":                                   {records("a", "b", "c"), none, nil, "", 3},
		"the second cannot be read":                     {records("a", "", "c"), none, nil, "101", 1},
		"the first cannot be read":                      {records("", "b"), none, nil, "100", 0},
		"the fan-out fails":                             {records("a", "b"), fails, nil, "100", 2},
		"the fan-out fails before an unreadable record": {records("a", ""), fails, nil, "100", 1},
		"not cleaned up": {records("a", "deleted", "c"), none,
			func(int64) error { return errors.New("away") }, "101", 3},
		"cleaned up":          {records("a", "deleted"), none, func(int64) error { return nil }, "", 2},
		"a follower fails":    {records("a", "behind", "c"), none, nil, "", 3},
		"nothing to announce": {[]byte(`{"Records":[{"eventName":"REMOVE","dynamodb":{"SequenceNumber":"1"}}]}`), fails, nil, "", 0},
	} {
		sent := 0
		h, _ := newTestStream(func(cs []apigateway.Commit) error { sent += len(cs); return c.fanOut(cs) }, c.clean)
		b, err := h.Invoke(t.Context(), c.event)
		want := `{"batchItemFailures":[]}`
		if c.failed != "" {
			want = `{"batchItemFailures":[{"itemIdentifier":"` + c.failed + `"}]}`
		}
		if err != nil || string(b) != want || sent != c.sent {
			t.Errorf("%s: %s %v, %d sent; want %s, %d", what, b, err, sent, want, c.sent)
		}
	}
}

func TestItemsOfTheStream(t *testing.T) {
	var got Change
	h, _ := newTestStream(nil, nil)
	h.Commits = func(_ context.Context, cs []Change) ([]Commit, error) { got = cs[0]; return nil, nil }
	_, err := h.Invoke(t.Context(), []byte(
		`{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"7","ApproximateCreationDateTime":1795770000,
		"NewImage":{"s":{"S":"x"},"n":{"N":"12345678901234567890"},"b":{"B":"AAE="},"t":{"BOOL":true},"z":{"NULL":true},
		"ss":{"SS":["a"]},"ns":{"NS":["1"]},"bs":{"BS":["AA=="]},"m":{"M":{"k":{"L":[{"S":""}]}}}}}}]}`))
	want := map[string]types.AttributeValue{
		"s": &types.AttributeValueMemberS{Value: "x"}, "n": &types.AttributeValueMemberN{Value: "12345678901234567890"},
		"b": &types.AttributeValueMemberB{Value: []byte{0, 1}}, "t": &types.AttributeValueMemberBOOL{Value: true},
		"z":  &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"a"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1"}},
		"bs": &types.AttributeValueMemberBS{Value: [][]byte{{0}}},
		"m": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"k": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{}}},
		}},
	}
	if err != nil || got.Sequence != "7" || got.At.Unix() != 1795770000 || len(got.Image) != len(want) {
		t.Fatalf("%+v %v", got, err)
	}
	for name, v := range want {
		a, _ := json.Marshal(got.Image[name])
		b, _ := json.Marshal(v)
		if !bytes.Equal(a, b) || fmt.Sprintf("%T", got.Image[name]) != fmt.Sprintf("%T", v) {
			t.Errorf("%s: %T %s, want %T %s", name, got.Image[name], a, v, b)
		}
	}
}

func TestMetricsOfTheFanOut(t *testing.T) {
	h, lines := newTestStream(func([]apigateway.Commit) error { return nil }, nil)
	if _, err := h.Invoke(t.Context(), records("a", "b")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"Recipients":7`, `"Gone":1`, `"PushErrors":2`, `"Batches":1`, `"CommitToPush":[`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s is not in %s", want, lines)
		}
	}
}
