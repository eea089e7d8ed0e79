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

// Change is one record of the stream: an item as it now is.
type Change struct {
	Sequence string
	At       time.Time
	Image    map[string]types.AttributeValue
}

// Commit is what one record announces.
type Commit struct {
	Sequence string
	At       time.Time
	Said     []chat.Announcement
}

// Stream fans out what the stream of messages tells.
type Stream struct {
	// Commits reads records; the commits come in the order in which they are to be told.
	Commits func(context.Context, []Change) ([]Commit, error)
	// Clean removes what a tombstone left behind. It may be repeated.
	Clean func(ctx context.Context, room string, seq int64) error
	// Follow brings the followers of the feed up to a room's present revision. It may be repeated.
	Follow func(ctx context.Context, room string) error
	// FanOut tells. It may be repeated.
	FanOut  func(context.Context, []apigateway.Commit) (apigateway.Told, error)
	Metrics *Metrics
	Log     *slog.Logger
}

// Invoke implements aws-lambda-go's Handler: it takes a DynamoDBEvent and gives a DynamoDBEventResponse. The first record that
// failed is reported; the service repeats it and all behind it.
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

// announce gives the sequence of the first record that failed, "" when all is done. order is that of the batch.
func (h *Stream) announce(ctx context.Context, changes []Change, order []string) (failed string) {
	if len(changes) == 0 {
		return ""
	}
	commits, err := h.Commits(ctx, changes)
	if err != nil {
		h.Log.ErrorContext(ctx, "records not read", "records", len(changes), "error", err)
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
		h.Log.ErrorContext(ctx, "commits not told", "commits", len(commits), "error", err)
		return firstFailed(order, commits, failed)
	}
	h.follow(ctx, commits)
	if uncleaned := h.clean(ctx, commits); len(uncleaned) > 0 {
		return firstFailed(order, uncleaned, failed)
	}
	return failed
}

// readableCommits are the commits before the first record that cannot be read, and its sequence.
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
	return nil, changes[0].Sequence // each can be read, together they cannot: smaller batches may
}

// firstFailed is the first in order of the records of commits and of another one, if any.
func firstFailed(order []string, commits []Commit, other string) string {
	for _, s := range order {
		if s == other || slices.ContainsFunc(commits, func(c Commit) bool { return c.Sequence == s }) {
			return s
		}
	}
	return other
}

// follow brings the followers up to date in each room that changed. A follower that fails fails no batch: that would repeat the fan-out
// and hold up everybody's pushes. It stays behind in the room until the next change there.
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
				h.Log.ErrorContext(ctx, "a follower is behind", "room", room, "error", err)
			}
		}
	}
}

// clean removes what deleted messages left behind, and gives the commits where that failed.
func (h *Stream) clean(ctx context.Context, commits []Commit) (failed []Commit) {
	for _, c := range commits {
		for _, a := range c.Said {
			m, ok := a.Event.(chat.MessageChanged)
			if !ok || m.Message.DeletedAt == nil {
				continue
			}
			if err := h.Clean(ctx, m.Message.Room, m.Message.Seq); err != nil {
				h.Log.ErrorContext(ctx, "a deleted message is not cleaned up", "room", m.Message.Room, "seq", m.Message.Seq, "error", err)
				failed = append(failed, c)
			}
		}
	}
	return failed
}

// image makes an item of the event's form of it.
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
