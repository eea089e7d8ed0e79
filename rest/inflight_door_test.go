package rest_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/world"
)

// TestHeldBackRequestsAreBounded: whoever holds back the bodies of all their requests gets 429 for a further one, and nobody else does.
// The server asks for each body with 100 Continue, so it has begun with those requests.
func TestHeldBackRequestsAreBounded(t *testing.T) {
	h := world.Open(t)
	room := h.General()
	held := make([]net.Conn, chat.MaxInFlight)
	for i := range held {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held[i] = c
		if _, err := fmt.Fprintf(c, "POST /api/v1/rooms/%s/messages HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
			"Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n", room,
			strings.TrimPrefix(h.URL, "http://"), h.Token["mira"]); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
			t.Fatalf("request %d: %q, %v", i, line, err)
		}
	}
	path := "/api/v1/rooms/" + room + "/messages"
	r := h.Send(http.MethodGet, path, "", http.Header{"Authorization": {"Bearer " + h.Token["mira"]}})
	if r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d, %v", r.StatusCode, r.Header)
	}
	if status, body := h.Raw("jonas", http.MethodGet, path, ""); status != http.StatusOK {
		t.Errorf("another user: %d %s", status, body)
	}
}
