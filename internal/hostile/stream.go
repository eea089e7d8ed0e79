package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// record is a record of the stream. Its JSON is also the form in which functions receive it.
type record struct {
	EventName string `json:"eventName"`
	Dynamodb  struct {
		Keys map[string]map[string]any
		// SequenceNumber identifies the record in reports of failures.
		SequenceNumber string
	} `json:"dynamodb"`
	whole json.RawMessage
}

// stream simulates the event source mapping: it reads the stream and passes its records to the fan-out. Records with the same
// partition key stay in order; with a parallelization factor above 1, those of the same item only.
type stream struct {
	g         *Gateway
	arn       string
	reading   sync.Mutex
	iterators map[string]string // by shard
	begun     chan struct{}     // closed when the trigger begins to read
	stop      chan struct{}
	done      chan struct{}
	late      [][]record // copies of batches to be delivered later
}

const (
	pollEvery    = 20 * time.Millisecond
	batchMost    = 100
	tries        = 50
	tryAgainLate = 20 * time.Millisecond
)

func follow(g *Gateway) *stream {
	s := &stream{g: g, iterators: map[string]string{}, begun: make(chan struct{}), stop: make(chan struct{}), done: make(chan struct{})}
	var table struct {
		Table struct{ LatestStreamArn string }
	}
	g.ask("DynamoDB_20120810.DescribeTable", map[string]any{"TableName": g.o.Tables + "messages"}, &table)
	s.arn = table.Table.LatestStreamArn
	late := time.After(g.o.Trouble.StartLate)
	if g.o.Trouble.StartLate == 0 {
		s.begin()
	}
	go func() {
		defer close(s.done)
		if g.o.Trouble.StartLate > 0 {
			select {
			case <-s.stop:
				return
			case <-late:
				s.begin()
			}
		}
		for {
			select {
			case <-s.stop:
				return
			case <-time.After(pollEvery):
				s.settle()
			}
		}
	}()
	return s
}

// begin finds the starting position in each shard.
func (s *stream) begin() {
	for _, id := range s.shards() {
		s.iterators[id] = s.iterator(id, s.g.o.Mapping.StartingPosition)
	}
	close(s.begun)
}

func (s *stream) close() { close(s.stop); <-s.done }

func (s *stream) shards() (ids []string) {
	var d struct {
		StreamDescription struct {
			Shards []struct {
				ShardID string `json:"ShardId"`
			}
		}
	}
	s.g.ask("DynamoDBStreams_20120810.DescribeStream", map[string]any{"StreamArn": s.arn}, &d)
	for _, sh := range d.StreamDescription.Shards {
		ids = append(ids, sh.ShardID)
	}
	return ids
}

func (s *stream) iterator(shard, kind string) string {
	var i struct{ ShardIterator string }
	s.g.ask("DynamoDBStreams_20120810.GetShardIterator", map[string]any{"StreamArn": s.arn, "ShardId": shard, "ShardIteratorType": kind},
		&i)
	return i.ShardIterator
}

// settle reads all new records and delivers them.
func (s *stream) settle() {
	s.reading.Lock()
	defer s.reading.Unlock()
	of := map[string][]record{}
	for shard, at := range s.iterators {
		for at != "" {
			var r struct {
				Records           []json.RawMessage
				NextShardIterator string
			}
			s.g.ask("DynamoDBStreams_20120810.GetRecords", map[string]any{"ShardIterator": at}, &r)
			for _, raw := range r.Records {
				s.sort(of, raw)
			}
			if at = r.NextShardIterator; len(r.Records) == 0 {
				break
			}
		}
		s.iterators[shard] = at
	}
	var all sync.WaitGroup
	if n := len(s.late); n > 0 && s.g.draw(4) == 0 { // deliver an old copy, concurrently with the new records
		batch := s.late[0]
		s.late = slices.Delete(s.late, 0, 1)
		all.Go(func() { s.deliver(batch) })
	}
	for _, records := range of { // rooms are delivered concurrently
		all.Go(func() {
			for batch := range slices.Chunk(records, batchMost) {
				s.deliver(batch)
				if s.g.happens("BatchTwice", s.g.o.Trouble.BatchTwice) {
					s.deliver(batch)
				}
			}
		})
		if s.g.happens("BatchLate", s.g.o.Trouble.BatchLate) {
			s.late = append(s.late, records[:min(len(records), batchMost)])
		}
	}
	all.Wait()
}

// sort adds a record to those of its partition key, if the filter of the event source mapping lets it through.
func (s *stream) sort(of map[string][]record, raw json.RawMessage) {
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		s.g.fault(fmt.Errorf("record %s: %w", raw, err))
		return
	}
	r.whole = raw
	pk, _ := r.Dynamodb.Keys["pk"]["S"].(string)
	sk, _ := r.Dynamodb.Keys["sk"]["S"].(string)
	if r.EventName == "REMOVE" || !strings.HasPrefix(sk, "M#") && !strings.HasPrefix(sk, "E#") {
		return
	}
	if n := s.g.o.Mapping.ParallelizationFactor; n > 1 {
		h := fnv.New32a()
		_, _ = h.Write([]byte(sk))                    // never fails
		pk = fmt.Sprint(pk, " ", h.Sum32()%uint32(n)) // #nosec G115 -- 10 at most
	}
	of[pk] = append(of[pk], r)
}

// deliver passes a batch to the fan-out, and repeats it from the first record that failed.
func (s *stream) deliver(batch []record) {
	for try := 0; len(batch) > 0; try++ {
		whole := make([]json.RawMessage, len(batch))
		for i, r := range batch {
			whole[i] = r.whole
		}
		payload, err := json.Marshal(map[string]any{"Records": whole})
		if err != nil {
			s.g.fault(err)
			return
		}
		b, err := s.g.functions["fanout"].invoke(payload, true)
		var a struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		if err == nil {
			err = json.Unmarshal(b, &a)
		}
		if err == nil && len(a.BatchItemFailures) == 0 {
			return
		}
		if err == nil {
			failed := a.BatchItemFailures[0].ItemIdentifier
			i := slices.IndexFunc(batch, func(r record) bool { return r.Dynamodb.SequenceNumber == failed })
			if i < 0 {
				s.g.fault(fmt.Errorf("the failed record is not in the batch: %s", b))
				return
			}
			batch = batch[i:]
		}
		if try == tries {
			s.g.fault(fmt.Errorf("a batch still fails after %d attempts: %s %w", tries, b, err))
			return
		}
		time.Sleep(tryAgainLate)
	}
}

// ask sends a request to the emulator.
func (g *Gateway) ask(target string, in, out any) {
	b, err := json.Marshal(in)
	if err != nil {
		g.fault(err)
		return
	}
	r, err := http.NewRequest(http.MethodPost, g.o.Emulator+"/", bytes.NewReader(b))
	if err != nil {
		g.fault(err)
		return
	}
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("Authorization", authorization(target))
	resp, err := g.emulator.Do(r)
	if err != nil {
		g.fault(err)
		return
	}
	defer resp.Body.Close()
	if b, err = io.ReadAll(resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, b)
	}
	if err == nil {
		err = json.Unmarshal(b, out)
	}
	if err != nil {
		g.fault(fmt.Errorf("%s: %w", target, err))
	}
}
