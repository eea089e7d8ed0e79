package table

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestManyItemsAreLoadedAtOnce checks that requests for many items do not wait for each other, and that few run at the same time. The
// server answers when so many requests have come as may be under way, or when no more come.
func TestManyItemsAreLoadedAtOnce(t *testing.T) {
	const requests = 20
	var mu sync.Mutex
	asked, waiting, most := 0, 0, 0
	full := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked++
		waiting++
		if most = max(most, waiting); asked == maxConcurrentGets {
			close(full)
		}
		mu.Unlock()
		select {
		case <-full:
		case <-time.After(time.Second):
		}
		time.Sleep(20 * time.Millisecond) // so that too many would be seen together
		mu.Lock()
		waiting--
		mu.Unlock()
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"Responses":{},"UnprocessedKeys":{}}`)
	}))
	defer s.Close()
	db := Open(Options{Client: dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(s.URL), Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
	})})
	keys := make([]Key, requests*maxBatchGet)
	for i := range keys {
		keys[i] = Key{"rooms", fmt.Sprint("room ", i), "room"}
	}
	_, err := Read(t.Context(), db, func(tx *Tx) (Item, error) { return tx.Load(append(keys, keys...)...) })
	if err != nil {
		t.Fatal(err)
	}
	if asked != requests || most != maxConcurrentGets {
		t.Errorf("%d requests, at most %d at the same time; want %d, %d", asked, most, requests, maxConcurrentGets)
	}
}
