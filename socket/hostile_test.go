package socket_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// The tests of this file write raw bytes to sockets, like clients that violate the protocol.

// wild is a raw connection.
type wild struct {
	net.Conn
	from *bufio.Reader
}

// dialWild connects, sends the handshake with extra headers and the bytes after it in one segment, and gives the answer.
func dialWild(t *testing.T, h *world.World, headers string, after []byte) (wild, *http.Response) {
	t.Helper()
	n, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	w := wild{n, bufio.NewReader(n)}
	ask := "GET /ws HTTP/1.1\r\nHost: " + strings.TrimPrefix(h.URL, "http://") + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + headers + "\r\n"
	if _, err := n.Write(append([]byte(ask), after...)); err != nil {
		t.Fatal(err)
	}
	_ = n.SetReadDeadline(time.Now().Add(time.Minute))
	resp, err := http.ReadResponse(w.from, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w, resp
}

func bearer(h *world.World, who string) string {
	return "Authorization: Bearer " + h.Token[who] + "\r\n"
}

// frame makes a frame with the first byte given (FIN, RSV, opcode), masked with zeros.
func frame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

const text, ping = 0x81, 0x89

// next reads a frame: its opcode and payload.
func (w wild) next() (op byte, payload []byte, err error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(w.from, head); err != nil {
		return 0, nil, err
	}
	n := uint64(head[1])
	if n == 126 {
		var long [2]byte
		_, err = io.ReadFull(w.from, long[:])
		n = uint64(binary.BigEndian.Uint16(long[:]))
	}
	if n == 127 || err != nil {
		return 0, nil, fmt.Errorf("a frame that is too long or missing: %v", err)
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(w.from, payload)
	return head[0] & 0x0f, payload, err
}

// code reads until the close frame and gives its code; 0 if the connection ends without one.
func (w wild) code() int {
	for {
		op, payload, err := w.next()
		switch {
		case err != nil:
			return 0
		case op == 8 && len(payload) >= 2:
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

func closeFrame(code uint16, reason string) []byte {
	return frame(0x88, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

func TestWS08Frames(t *testing.T) {
	h := world.Open(t)
	join := func(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
	length := func(n uint64) []byte { return append(binary.BigEndian.AppendUint64([]byte{text, 0xff}, n), 0, 0, 0, 0) }
	expect(t, h, map[string]hostile{
		"binary":                    {frame(0x82, "x"), 1003},
		"a continuation of nothing": {frame(0x80, "x"), 1002},
		"a text amid another":       {join(frame(0x01, "a"), frame(text, "b")), 1002},
		"RSV1":                      {frame(0xc1, "x"), 1002},
		"RSV2":                      {frame(0xa1, "x"), 1002},
		"RSV3":                      {frame(0x91, "x"), 1002},
		"reserved opcode 3":         {frame(0x83, "x"), 1002},
		"reserved opcode 11":        {frame(0x8b, "x"), 1002},
		"unmasked":                  {[]byte{text, 1, 'x'}, 1002},
		"a length of 2⁶³":           {length(1 << 63), 1002},
		"a length of 2⁶³-1":         {length(1<<63 - 1), 1009},
		"one byte too long":         {length(wire.FrameBytes + 1), 1009},
		"too long in pieces":        {join(frame(0x01, strings.Repeat(" ", wire.FrameBytes)), frame(0x80, " ")), 1009},
		"1 MB of text":              {frame(text, strings.Repeat("x", 1<<20)), 1009},
		"100,000 empty fragments":   {join(frame(0x01, ""), bytes.Repeat(frame(0x00, ""), 100_000)), wire.CloseTooMany},
		"10,000 pings":              {bytes.Repeat(frame(ping, ""), 10_000), wire.CloseTooMany},
		"1,000 typings":             {bytes.Repeat(frame(text, `{"type":"typing","room":"aaaaaaaaaaaa"}`), 1000), wire.CloseTooMany},
		"1,000 presences":           {bytes.Repeat(frame(text, `{"type":"presence","state":"away"}`), 1000), wire.CloseTooMany},
		"a ping of 126 bytes":       {frame(ping, strings.Repeat("x", 126)), 1002},
		"a ping in pieces":          {frame(0x09, "x"), 1002},
		"a close in pieces":         {frame(0x08, "\x03\xe8"), 1002},
		"a close of one byte":       {frame(0x88, "x"), 1002},
		"a close that is not UTF-8": {closeFrame(1000, "\xff"), 1002},
		"close 0":                   {closeFrame(0, ""), 1002},
		"close 999":                 {closeFrame(999, ""), 1002},
		"close 1004":                {closeFrame(1004, ""), 1002},
		"close 1005":                {closeFrame(1005, ""), 1002},
		"close 1006":                {closeFrame(1006, ""), 1002},
		"close 1015":                {closeFrame(1015, ""), 1002},
		"close 2999":                {closeFrame(2999, ""), 1002},
		"close 5000":                {closeFrame(5000, ""), 1002},
		"close 65535":               {closeFrame(65535, ""), 1002},
		"close 1000":                {closeFrame(1000, "bye"), 1000},
		"close 4999":                {closeFrame(4999, ""), 4999},
		"a close without a code":    {frame(0x88, ""), 1000},
		"data after a close":        {join(closeFrame(1001, ""), frame(0x82, "x")), 1001},
		"no UTF-8":                  {frame(text, "\xff"), 1007},
		"no UTF-8, in pieces":       {join(frame(0x01, "\xe2\x82"), frame(0x80, "(")), 1007},
		"a character in two pieces": {join(frame(0x01, "{\"\xe2"), frame(0x80, "\x82\xac\":1}")), wire.CloseMalformed},
		"a ping amid pieces, then a close": {
			join(frame(0x01, `{"type":`), frame(ping, "x"), frame(0x80, `"ping"}`), closeFrame(1000, "")), 1000,
		},
		"an unasked pong, then a close":       {join(frame(0x8a, "x"), closeFrame(1000, "")), 1000},
		"compressed, since it was offered":    {frame(0xc1, "\xaa\x56\x2a\xa9\x2c\x48\x05\x00"), 1002},
		"HTTP":                                {[]byte("GET / HTTP/1.1\r\n\r\n"), 1002},
		"zeros":                               {make([]byte, 1000), 1002},
		"a text of nothing":                   {frame(text, ""), wire.CloseMalformed},
		"a handshake again, masked as a text": {frame(text, "GET /ws HTTP/1.1\r\n\r\n"), wire.CloseMalformed},
	})
}

func TestWS09JSON(t *testing.T) {
	h := world.Open(t)
	cases := map[string]hostile{}
	for what, json := range map[string]string{
		"depth 10,000":             `{"type":"open","room":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`,
		"depth without an end":     strings.Repeat(`{"type":`, 4000),
		"duplicate keys":           `{"type":"ping","type":"ping"}`,
		"duplicate keys, escaped":  `{"type":"ping","t\u0079pe":"open"}`,
		"NaN":                      `{"type":"open","room":NaN}`,
		"1e400":                    `{"type":"open","room":1e400}`,
		"a number beyond 2⁵³":      `{"type":"open","room":9007199254740993}`,
		"__proto__":                `{"type":"ping","__proto__":{"type":"open"}}`,
		"constructor":              `{"type":"ping","constructor":1}`,
		"another case":             `{"Type":"ping"}`,
		"null":                     `null`,
		"type null":                `{"type":null}`,
		"type list":                `{"type":["ping"]}`,
		"users of numbers":         `{"type":"watch","users":[1]}`,
		"users an object":          `{"type":"watch","users":{}}`,
		"a state that is none":     `{"type":"presence","state":"offline"}`,
		"a state that is a number": `{"type":"presence","state":1}`,
		"an unpaired surrogate":    `{"type":"\ud800"}`,
		"two objects":              `{"type":"ping"}{"type":"ping"}`,
		"a byte order mark":        "\ufeff" + `{"type":"ping"}`,
		"NUL":                      "{\"type\":\"ping\"}\x00",
	} {
		cases[what] = hostile{frame(text, json), wire.CloseMalformed}
	}
	expect(t, h, cases)
}

// hostile is what a client sends after the handshake, and the close code that the server must answer.
type hostile struct {
	say  []byte
	code int
}

// expect sends each case on its own connection and checks the close code, and that no goroutines or memory are left afterwards.
func expect(t *testing.T, h *world.World, cases map[string]hostile) {
	t.Helper()
	before, was := runtime.NumGoroutine(), heap()
	for what, c := range cases {
		w, resp := dialWild(t, h, bearer(h, "sam")+"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n", nil)
		if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Extensions") != "" {
			t.Fatalf("%s: handshake: %v", what, resp)
		}
		go func() { _, _ = w.Write(c.say) }() // the server may stop reading before the end
		if code := w.code(); code != c.code {
			t.Errorf("%s: closed with %d, want %d", what, code, c.code)
		}
		_ = w.Close()
	}
	if err := h.As("sam").Do(context.Background(), http.MethodGet, "/me", nil, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	world.Eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before+8 }) // idle HTTP connections have some
	if grew := heap() - was; grew > 32<<20 {
		t.Errorf("the heap grew by %d MB", grew>>20)
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestWS08DataBehindTheHandshake(t *testing.T) {
	h := world.Open(t)
	w, resp := dialWild(t, h, bearer(h, "sam"), append(frame(text, `{"type":"ping"}`), frame(ping, "are you there")...))
	if resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(resp.Status)
	}
	var all []byte
	for !bytes.Contains(all, []byte("are you there")) {
		_, payload, err := w.next()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, payload...)
	}
	if !bytes.Contains(all, []byte(`{"type":"pong"}`)) {
		t.Errorf("heard %s", all)
	}
}

func TestWS01OriginsAndWS02Strangers(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	cookie := func(who string) string {
		resp := h.Send(http.MethodPost, "/api/v1/session", `{"email":"`+who+`@example.com","password":"`+world.Password+`"}`, nil)
		return "Cookie: canteen=" + resp.Cookies[0].Value + "\r\n"
	}
	sam, over, gone := cookie("sam"), cookie("sam"), cookie("jonas")
	req, _ := http.NewRequest(http.MethodDelete, h.URL+"/api/v1/session", nil)
	name, value, _ := strings.Cut(strings.TrimSuffix(over, "\r\n"), ": ")
	req.Header.Set(name, value)
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatalf("sign out: %v %v", resp, err)
	}
	if err := h.Patch("ada", "jonas", wire.UpdateUser{Deactivated: new(true)}); err != nil {
		t.Fatal(err)
	}
	ticket := world.Must[wire.Ticket](t)(ticketOf(ctx, h.As("sam")))
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(h.URL, "http://"))
	origin := func(o string) string { return "Origin: " + o + "\r\n" }
	for what, c := range map[string]struct {
		headers string
		status  int
	}{
		"own page":                     {sam + origin(h.URL), 101},
		"own page, by its other name":  {sam + origin("http://localhost:"+port), 101},
		"foreign page":                 {sam + origin("https://evil.example"), 403},
		"no page in particular":        {sam + origin("null"), 403},
		"a longer name":                {sam + origin("http://localhost:"+port+".evil.example"), 403},
		"a subdomain":                  {sam + origin("http://localhost.evil.example:"+port), 403},
		"another scheme":               {sam + origin("https://localhost:"+port), 403},
		"another port":                 {sam + origin("http://localhost:1"), 403},
		"no port":                      {sam + origin("http://localhost"), 403},
		"a path":                       {sam + origin(h.URL+"/"), 403},
		"a cookie and no origin":       {sam, 403},
		"a token and no origin":        {bearer(h, "sam"), 101},
		"a token and a foreign page":   {bearer(h, "sam") + origin("https://evil.example"), 403},
		"a broken token and a cookie":  {"Authorization: Bearer x\r\n" + sam + origin(h.URL), 401},
		"nobody":                       {origin(h.URL), 401},
		"a cookie of nobody":           {"Cookie: canteen=AAAAAAAAAAAAAAAAAAAAAAAAAA\r\n" + origin(h.URL), 401},
		"a session that ended":         {over + origin(h.URL), 401},
		"a deactivated user's session": {gone + origin(h.URL), 401},
		"a deactivated user's token":   {bearer(h, "jonas"), 401},
	} {
		if _, resp := dialWild(t, h, c.headers, nil); resp.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", what, resp.StatusCode, c.status)
		}
	}
	for i, want := range []int{http.StatusSwitchingProtocols, http.StatusUnauthorized} { // a ticket can be used once
		n, err := http.NewRequest(http.MethodGet, h.URL+"/ws?ticket="+ticket.Ticket, nil)
		if err != nil {
			t.Fatal(err)
		}
		n.Header = http.Header{
			"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
			"Sec-Websocket-Version": {"13"},
		}
		resp, err := http.DefaultClient.Do(n)
		if err != nil || resp.StatusCode != want {
			t.Fatalf("use %d of a ticket: %v %v, want %d", i+1, resp, err, want)
		}
		_ = resp.Body.Close()
	}
}

func ticketOf(ctx context.Context, c *client.Client) (out wire.Ticket, err error) {
	return out, c.Do(ctx, http.MethodPost, "/ws-ticket", nil, &out)
}

// TestWS12HalfOpenHandshakes: the server closes connections whose handshake is not complete after 5 s, also if they send a byte now
// and then.
func TestWS12HalfOpenHandshakes(t *testing.T) {
	h := world.Open(t)
	var all []net.Conn
	began := time.Now()
	for i := range 300 {
		n, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if _, err := n.Write([]byte("GET /ws HTTP/1.1\r\nHost: x\r\nUpgr"[:i%30])); err != nil {
			t.Fatal(err)
		}
		if all = append(all, n); i%10 == 1 {
			go func() {
				for {
					time.Sleep(time.Second)
					if _, err := n.Write([]byte("x")); err != nil {
						return
					}
				}
			}()
		}
	}
	for i, n := range all {
		_ = n.SetReadDeadline(began.Add(5*time.Second + 20*time.Second)) // 20 s more for a busy machine
		if _, err := io.Copy(io.Discard, n); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("connection %d is still open", i)
		}
	}
	if _, err := h.As("sam").Me(context.Background()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
