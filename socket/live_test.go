package socket_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// dial opens a socket without package client, so that a test can send invalid frames.
func dial(t *testing.T, h *world.World, who string, header http.Header) (*websocket.Conn, int) {
	t.Helper()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Authorization", "Bearer "+h.Token[who])
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.URL, "http")+"/ws", header)
	if err != nil {
		if resp == nil {
			t.Fatal(err)
		}
		return nil, resp.StatusCode
	}
	t.Cleanup(func() { _ = ws.Close() })
	return ws, resp.StatusCode
}

// closing reads until the close frame and gives its code.
func closing(t *testing.T, ws *websocket.Conn) int {
	t.Helper()
	if err := ws.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			if e, ok := errors.AsType[*websocket.CloseError](err); ok {
				return e.Code
			}
			t.Fatalf("ended without a code: %v", err)
		}
	}
}

func TestSocketCloses(t *testing.T) {
	h := world.Open(t)
	for _, c := range []struct {
		what  string
		kind  int
		frame string
		times int
		code  int
	}{
		{"no JSON", websocket.TextMessage, "{", 1, wire.CloseMalformed},
		{"an array", websocket.TextMessage, `[{"type":"ping"}]`, 1, wire.CloseMalformed},
		{"unknown type", websocket.TextMessage, `{"type":"shout"}`, 1, wire.CloseMalformed},
		{"unknown field", websocket.TextMessage, `{"type":"ping","x":1}`, 1, wire.CloseMalformed},
		{"missing field", websocket.TextMessage, `{"type":"typing"}`, 1, wire.CloseMalformed},
		{"wrong type of a field", websocket.TextMessage, `{"type":"open","room":1}`, 1, wire.CloseMalformed},
		{"a thread without its room", websocket.TextMessage, `{"type":"open","room":null,"thread":1}`, 1, wire.CloseMalformed},
		{"a thread that is none", websocket.TextMessage, `{"type":"open","room":"b7qnvw3kz5ra","thread":0}`, 1, wire.CloseMalformed},
		{"a thread of another command", websocket.TextMessage, `{"type":"ping","thread":1}`, 1, wire.CloseMalformed},
		{"201 watched", websocket.TextMessage, `{"type":"watch","users":["a"` + strings.Repeat(`,"a"`, 200) + `]}`, 1, wire.CloseMalformed},
		{"binary", websocket.BinaryMessage, `{"type":"ping"}`, 1, websocket.CloseUnsupportedData},
		{"no UTF-8", websocket.TextMessage, "\xff", 1, websocket.CloseInvalidFramePayloadData},
		{"too long", websocket.TextMessage, strings.Repeat(" ", wire.FrameBytes+1), 1, websocket.CloseMessageTooBig},
		{"too many", websocket.TextMessage, `{"type":"ping"}`, 90, wire.CloseTooMany},
	} {
		ws, status := dial(t, h, "sam", nil)
		if status != http.StatusSwitchingProtocols {
			t.Fatalf("%s: dial: %d", c.what, status)
		}
		for range c.times {
			if err := ws.WriteMessage(c.kind, []byte(c.frame)); err != nil {
				break // closed already
			}
		}
		if code := closing(t, ws); code != c.code {
			t.Errorf("%s: closed with %d, want %d", c.what, code, c.code)
		}
	}
	if _, status := dial(t, h, "sam", http.Header{"Origin": {"https://evil.example"}}); status != http.StatusForbidden {
		t.Errorf("a foreign origin: %d", status)
	}
	if status, body := h.Raw("sam", http.MethodGet, "/ws", ""); status != http.StatusBadRequest {
		t.Errorf("no upgrade: %d %s", status, body)
	}
}

func TestSocketEndsWithItsToken(t *testing.T) {
	h := world.Open(t)
	ws, _ := dial(t, h, "sam", nil)
	began := time.Now()
	h.Deactivate("sam")
	if code := closing(t, ws); code != wire.CloseEnded || time.Since(began) > time.Second {
		t.Errorf("closed with %d after %v", code, time.Since(began))
	}
	if _, status := dial(t, h, "sam", nil); status != http.StatusUnauthorized {
		t.Errorf("dialling again: %d", status)
	}
	if status, _ := h.Raw("sam", http.MethodGet, "/api/v1/me", ""); status != http.StatusUnauthorized {
		t.Errorf("asking again: %d", status)
	}
}

func TestTwentyConnections(t *testing.T) {
	h := world.Open(t)
	for range wire.ConnectionsOfUser {
		ws, _ := dial(t, h, "sam", nil)
		if _, frame, err := ws.ReadMessage(); err != nil || !strings.Contains(string(frame), `"hello"`) {
			t.Fatalf("first frame %s, %v", frame, err)
		}
	}
	ws, _ := dial(t, h, "sam", nil)
	if code := closing(t, ws); code != wire.CloseTooMany {
		t.Errorf("the 21st was closed with %d", code)
	}
	if ws, status := dial(t, h, "jonas", nil); status != http.StatusSwitchingProtocols {
		t.Errorf("another: %d %v", status, ws)
	}
}

// TestNothingFromBeforeTheConnection: what was acknowledged before a connection was opened does not come over it, also while the
// fan-out still has to send it to older connections. What the client fetches after its hello is newer.
func TestNothingFromBeforeTheConnection(t *testing.T) {
	h := world.Open(t)
	general := h.General()
	for i := range 20 {
		h.Post("sam", general, i)
		ws, _ := dial(t, h, "jonas", nil)
		if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		var frames string
		for !strings.Contains(frames, `"pong"`) {
			_, frame, err := ws.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			frames += string(frame)
		}
		if strings.Contains(frames, `"message"`) || !strings.Contains(frames, `"hello"`) {
			t.Fatalf("connection %d: %s", i, frames)
		}
		if err := ws.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
