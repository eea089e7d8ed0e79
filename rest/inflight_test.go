package rest

import (
	"context"
	"errors"
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
			if err := f.serve(httptest.NewRecorder(), post, "mira", false, func(http.ResponseWriter, *http.Request) {
				inside <- struct{}{}
				<-answer
			}); err != nil {
				t.Error(err)
			}
		})
		<-inside
	}
	nothing := func(http.ResponseWriter, *http.Request) {}
	err := f.serve(httptest.NewRecorder(), post, "mira", false, nothing)
	if chat.ErrorCode(err) != chat.RateLimited {
		t.Errorf("one too many: %v", err)
	}
	if err := f.serve(httptest.NewRecorder(), post, "jonas", false, nothing); err != nil {
		t.Errorf("another user: %v", err)
	}
	close(answer)
	running.Wait()
	if err := f.serve(httptest.NewRecorder(), post, "mira", false, nothing); err != nil || len(f.users) != 0 {
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
				if err := f.serve(httptest.NewRecorder(), get, user, false, func(w http.ResponseWriter, _ *http.Request) {
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

// TestPicturesTakeTurns: of one user's pictures, one is decoded at a time. Their other requests, and another's pictures, do not wait.
func TestPicturesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(chat.MaxInFlight)
		running := map[string]int{}
		var mu sync.Mutex
		count := func(name string, by int) { mu.Lock(); defer mu.Unlock(); running[name] += by }
		is := func(name string) int { mu.Lock(); defer mu.Unlock(); return running[name] }
		until := make(chan struct{})
		send := func(ctx context.Context, name, user string, draws bool, want error) {
			post := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
			go func() {
				if err := f.serve(httptest.NewRecorder(), post, user, draws, func(w http.ResponseWriter, _ *http.Request) {
					_, _ = w.Write([]byte("the picture is not drawn yet")) // a recorder never fails
					count(name, 1)
					<-until
					count(name, -1)
				}); !errors.Is(err, want) {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		gone, leave := context.WithCancel(t.Context())
		send(t.Context(), "pictures", "mira", true, nil)
		send(gone, "pictures", "mira", true, context.Canceled)
		send(t.Context(), "pictures", "mira", true, nil)
		send(t.Context(), "post", "mira", false, nil)
		send(t.Context(), "another's", "jonas", true, nil)
		leave()
		synctest.Wait()
		if is("pictures") != 1 || is("post") != 1 || is("another's") != 1 {
			t.Errorf("running: %v", running)
		}
		until <- struct{}{}
		until <- struct{}{}
		until <- struct{}{}
		synctest.Wait()
		if got := is("pictures") + is("post") + is("another's"); got != 1 {
			t.Errorf("afterwards %v", running)
		}
		close(until)
		synctest.Wait()
	})
}

// TestWhatDraws names the requests that decode pictures or read whole files.
func TestWhatDraws(t *testing.T) {
	for _, c := range []struct {
		method, path, kind string
		want               bool
	}{
		{"POST", "/api/v1/files", jsonType, false},
		{"POST", "/api/v1/files", formType + "; boundary=x", true},
		{"PUT", "/api/v1/files/{id}/parts/{n}", "application/octet-stream", false},
		{"POST", "/api/v1/files/{id}/done", jsonType, true},
		{"POST", "/api/v1/emoji", formType + "; boundary=x", true},
		{"POST", "/api/v1/rooms", jsonType, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "/", nil)
		r.Header.Set("Content-Type", c.kind)
		if draws(c.method+" "+c.path, r) != c.want {
			t.Errorf("%s %s as %s: want %v", c.method, c.path, c.kind, c.want)
		}
	}
}
