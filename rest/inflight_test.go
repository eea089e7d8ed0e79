package rest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/canteen-chat/canteen/chat"
)

// TestRequestsInFlight: of one user's requests, a bounded number is in flight; those of others and those that end make room.
func TestRequestsInFlight(t *testing.T) {
	f := newInFlight(chat.MaxInFlight)
	post := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", nil)
	inside, answer := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	for range chat.MaxInFlight {
		running.Go(func() {
			if err := f.serve(httptest.NewRecorder(), post, "mira", func(http.ResponseWriter, *http.Request) {
				inside <- struct{}{}
				<-answer
			}); err != nil {
				t.Error(err)
			}
		})
		<-inside
	}
	nothing := func(http.ResponseWriter, *http.Request) {}
	err := f.serve(httptest.NewRecorder(), post, "mira", nothing)
	if chat.ErrorCode(err) != chat.RateLimited {
		t.Errorf("one too many: %v", err)
	}
	if err := f.serve(httptest.NewRecorder(), post, "jonas", nothing); err != nil {
		t.Errorf("another user: %v", err)
	}
	close(answer)
	running.Wait()
	if err := f.serve(httptest.NewRecorder(), post, "mira", nothing); err != nil || len(f.users) != 0 {
		t.Errorf("after the others: %v, %d users are kept", err, len(f.users))
	}
}

// TestReadsTakeTurns: a user's reads wait for each other until the answer begins; another user's do not wait.
func TestReadsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(chat.MaxInFlight)
		f.reads = 1
		get := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		began := map[string]bool{}
		var mu sync.Mutex
		is := func(name string) bool { mu.Lock(); defer mu.Unlock(); return began[name] }
		read := func(name, user string, until, received chan struct{}) {
			go func() {
				if err := f.serve(httptest.NewRecorder(), get, user, func(w http.ResponseWriter, _ *http.Request) {
					mu.Lock()
					began[name] = true
					mu.Unlock()
					<-until
					_, _ = w.Write([]byte("answer")) // a recorder never fails
					<-received
				}); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		until, received, ready := make(chan struct{}), make(chan struct{}), make(chan struct{})
		close(ready)
		read("first", "mira", until, received)
		read("second", "mira", ready, ready)
		read("another's", "jonas", ready, ready)
		if !is("first") || is("second") || !is("another's") {
			t.Errorf("while the first is read: %v began", began)
		}
		close(until)
		synctest.Wait()
		if !is("second") {
			t.Error("the second waits until the first is received")
		}
		close(received)
	})
}
