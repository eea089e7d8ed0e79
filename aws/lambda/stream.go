package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/aws/apigateway"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/follow"
)

// Change is a record of the stream: an item after a write.
type Change struct {
	Sequence string
	At       time.Time
	Image    map[string]types.AttributeValue
}

// Commit holds the announcements of one record.
type Commit struct {
	Sequence string
	At       time.Time
	Said     []chat.Announcement
}

// Stream handles the records of the stream of the table messages.
type Stream struct {
	// Commits decodes records and returns the commits in the order of delivery.
	Commits func(context.Context, []Change) ([]Commit, error)
	// Clean deletes what an event leaves behind. It may be repeated.
	Clean func(context.Context, chat.Event) error
	// Follow brings the followers of the feed up to a room's present revision. It may be repeated.
	Follow func(ctx context.Context, room string) error
	// FanOut delivers commits to connections. It may be repeated.
	FanOut  func(context.Context, []apigateway.Commit) (apigateway.Told, error)
	Metrics *Metrics
	Log     *slog.Logger
}

// Invoke implements aws-lambda-go's Handler. It takes a DynamoDBEvent and returns a DynamoDBEventResponse with the first
// record that failed. Lambda repeats this record and those after it.
func (h *Stream) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e events.DynamoDBEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("event of the stream: %w", err)
	}
	var changes []Change
	var order []string
	for _, r := range e.Records {
		order = append(order, r.Change.SequenceNumber)
		if r.EventName == string(events.DynamoDBOperationTypeRemove) || len(r.Change.NewImage) == 0 {
			continue
		}
		changes = append(changes, Change{r.Change.SequenceNumber, r.Change.ApproximateCreationDateTime.Time, image(r.Change.NewImage)})
	}
	out := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	if failed := h.announce(ctx, changes, order); failed != "" {
		out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: failed})
	}
	return json.Marshal(out)
}

// announce returns the sequence of the first record that failed, or "" if none did. order lists the sequences of the batch.
func (h *Stream) announce(ctx context.Context, changes []Change, order []string) (failed string) {
	if len(changes) == 0 {
		return ""
	}
	commits, err := h.Commits(ctx, changes)
	if err != nil {
		h.Log.ErrorContext(ctx, "records not decoded", "records", len(changes), "error", err)
		commits, failed = h.readableCommits(ctx, changes)
	}
	if len(commits) == 0 {
		return failed
	}
	batch := make([]apigateway.Commit, len(commits))
	for i, c := range commits {
		batch[i] = apigateway.Commit{At: c.At, Said: c.Said}
	}
	result, err := h.FanOut(ctx, batch)
	var waited []float64
	for _, c := range commits {
		waited = append(waited, max(0, millisSince(c.At)))
	}
	h.Metrics.write(map[string]any{"commits": len(commits)},
		newMetric("CommitToPush", milliseconds, waited...), newMetric("Recipients", count, float64(result.Recipients)),
		newMetric("Gone", count, float64(result.Gone)),
		newMetric("PushErrors", count, float64(result.Errors)), newMetric("Batches", count, 1))
	if err != nil {
		h.Log.ErrorContext(ctx, "commits not delivered", "commits", len(commits), "error", err)
		return firstFailed(order, commits, failed)
	}
	h.follow(ctx, commits)
	if uncleaned := h.clean(ctx, commits); len(uncleaned) > 0 {
		return firstFailed(order, uncleaned, failed)
	}
	return failed
}

// readableCommits returns the commits before the first record that cannot be decoded, and its sequence.
func (h *Stream) readableCommits(ctx context.Context, changes []Change) ([]Commit, string) {
	for i := range changes {
		if _, err := h.Commits(ctx, changes[i:i+1]); err != nil {
			commits, err := h.Commits(ctx, changes[:i])
			if err != nil {
				return nil, changes[0].Sequence
			}
			return commits, changes[i].Sequence
		}
	}
	return nil, changes[0].Sequence // each can be decoded alone: a smaller batch may succeed
}

// firstFailed returns the first in order among the records of commits and other.
func firstFailed(order []string, commits []Commit, other string) string {
	for _, s := range order {
		if s == other || slices.ContainsFunc(commits, func(c Commit) bool { return c.Sequence == s }) {
			return s
		}
	}
	return other
}

// follow brings the followers up to date in each room that changed. If a follower fails, the batch does not: repeating it
// would repeat the fan-out and delay everybody's events. The follower stays behind in this room until the next change there.
func (h *Stream) follow(ctx context.Context, commits []Commit) {
	done := map[string]bool{}
	for _, c := range commits {
		for _, a := range c.Said {
			room := follow.RoomOf(a.Event)
			if room == "" || done[room] {
				continue
			}
			done[room] = true
			if err := h.Follow(ctx, room); err != nil {
				h.Log.ErrorContext(ctx, "follower is behind", "room", room, "error", err)
			}
		}
	}
}

// clean removes what the commits left behind, and returns those for which that failed.
func (h *Stream) clean(ctx context.Context, commits []Commit) (failed []Commit) {
	for _, c := range commits {
		for _, a := range c.Said {
			if err := h.Clean(ctx, a.Event); err != nil {
				h.Log.ErrorContext(ctx, "not cleaned up", "event", fmt.Sprintf("%T", a.Event), "record", c.Sequence, "error", err)
				failed = append(failed, c)
			}
		}
	}
	return failed
}

// image converts the attributes of an event.
func image(in map[string]events.DynamoDBAttributeValue) map[string]types.AttributeValue {
	out := make(map[string]types.AttributeValue, len(in))
	for name, v := range in {
		out[name] = attribute(v)
	}
	return out
}

func attribute(v events.DynamoDBAttributeValue) types.AttributeValue {
	switch v.DataType() {
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: v.String()}
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: v.Number()}
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: v.Binary()}
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: v.Boolean()}
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: v.StringSet()}
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: v.NumberSet()}
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: v.BinarySet()}
	case events.DataTypeMap:
		return &types.AttributeValueMemberM{Value: image(v.Map())}
	case events.DataTypeList:
		list := make([]types.AttributeValue, len(v.List()))
		for i, e := range v.List() {
			list[i] = attribute(e)
		}
		return &types.AttributeValueMemberL{Value: list}
	case events.DataTypeNull:
	}
	return &types.AttributeValueMemberNULL{Value: true}
}
