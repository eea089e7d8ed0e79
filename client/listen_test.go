package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// listening runs Listen against a server of which each connection sends hello and what it has in frames, and is then lost. It gives the
// types of the events that were heard, with their revisions, and the error.
func listening(t *testing.T, heard func(client.Event) error, conns ...[]string) error {
	t.Helper()
	left := make(chan []string, len(conns))
	for _, frames := range conns {
		left <- frames
	}
	close(left)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		frames, more := <-left
		if !more {
			w.Header().Set("Content-Type", wire.ProblemType)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"status":401,"code":"unauthenticated"}`)
			return
		}
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Close()
		for _, f := range frames {
			if err := ws.WriteMessage(websocket.TextMessage, []byte(f)); err != nil {
				t.Error(err)
			}
		}
	}))
	defer server.Close()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	return client.New(server.URL, "token").Listen(ctx, heard)
}

const (
	hello     = `{"type":"hello","epoch":"e"}`
	restored  = `{"type":"hello","epoch":"f"}`
	seventh   = `{"type":"message","room":"a","rev":7}`
	eighth    = `[{"type":"reaction","room":"a","rev":8},{"type":"poll","room":"a","rev":9},{"type":"message","room":"b","rev":1}]`
	withRoom  = `{"type":"joined","room":{"id":"c","rev":1}}`
	goodbye   = `{"type":"bye","code":1012,"retry_ms":1}`
	forbidden = `{"type":"bye","code":4001}`
)

// TestListenHearsEachEventOnce: where events are delivered again, or by two connections, as on AWS.
func TestListenHearsEachEventOnce(t *testing.T) {
	var all []string
	err := listening(t, func(e client.Event) error { all = append(all, string(e.JSON)); return nil },
		[]string{hello, seventh, seventh, eighth, withRoom, withRoom, goodbye},
		[]string{hello, eighth, seventh, goodbye},
		[]string{restored, seventh, forbidden})
	want := strings.Join([]string{seventh, `{"type":"reaction","room":"a","rev":8}`, `{"type":"poll","room":"a","rev":9}`, `{"type":"message","room":"b","rev":1}`,
		withRoom, withRoom, seventh}, "\n")
	if got := strings.Join(all, "\n"); got != want {
		t.Errorf("heard\n%s\nwant\n%s", got, want)
	}
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != wire.CloseEnded {
		t.Errorf("the error is %v", err)
	}
}

// TestListenEnds with the error of heard, with that of the context, and when the token is refused.
func TestListenEnds(t *testing.T) {
	enough := errors.New("enough")
	if err := listening(t, func(client.Event) error { return enough }, []string{hello, seventh}); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
	if err := listening(t, func(client.Event) error { return nil }, []string{hello, goodbye}); client.Status(err) != http.StatusUnauthorized {
		t.Errorf("%v", err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(enough)
	if err := client.New("http://127.0.0.1:1", "token").Listen(ctx, nil); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
}
