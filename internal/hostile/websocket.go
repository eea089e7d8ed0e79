package hostile

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	frameMost   = 32 << 10
	messageMost = 128 << 10
	writeWithin = 300 * time.Millisecond
)

// conn is a connection of the WebSocket API.
type conn struct {
	id string
	ws *websocket.Conn
	mu sync.Mutex // serialises writes
}

func (g *Gateway) event(kind string, id string, body []byte, binary bool, r *http.Request) ([]byte, error) {
	e := map[string]any{
		"requestContext": map[string]any{
			"eventType": kind, "routeKey": map[string]string{
				"CONNECT": "$connect", "MESSAGE": "$default", "DISCONNECT": "$disconnect",
			}[kind],
			"connectionId": id, "stage": "ws", "apiId": apiID, "requestId": fmt.Sprint("request-", g.count.Add(1)),
			"identity": map[string]any{"sourceIp": "130.176.0.1"},
		},
	}
	if binary {
		e["body"], e["isBase64Encoded"] = base64.StdEncoding.EncodeToString(body), true
	} else if body != nil {
		e["body"], e["isBase64Encoded"] = string(body), false
	}
	if r != nil {
		source, _, _ := net.SplitHostPort(r.RemoteAddr)
		headers := map[string][]string{"X-Canteen-Origin": {Secret}, "X-Forwarded-For": {source + ", 130.176.0.1"}}
		for name, values := range r.Header {
			headers[name] = values
		}
		e["multiValueHeaders"] = headers
		if q := r.URL.Query(); len(q) > 0 {
			e["multiValueQueryStringParameters"] = q
		}
	}
	return json.Marshal(e)
}

func (g *Gateway) invokeSocket(kind, id string, body []byte, binary bool, r *http.Request) (status int) {
	payload, err := g.event(kind, id, body, binary, r)
	if err != nil {
		g.fault(err)
		return http.StatusInternalServerError
	}
	b, err := g.functions["socket"].invoke(payload, true)
	if err != nil {
		return http.StatusInternalServerError
	}
	var a struct{ StatusCode int }
	if err := json.Unmarshal(b, &a); err != nil {
		g.fault(fmt.Errorf("malformed answer: %s", b))
	}
	return a.StatusCode
}

// connect simulates $connect: the connection exists only after the function has accepted it.
func (g *Gateway) connect(w http.ResponseWriter, r *http.Request) {
	id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "connection%d", g.count.Add(1)))
	if status := g.invokeSocket("CONNECT", id, nil, false, r); status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	g.mu.Lock()
	g.latest = id
	g.mu.Unlock()
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // the function has checked it
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // the client is gone; API Gateway may omit $disconnect
	}
	ws.SetReadLimit(messageMost)
	c := &conn{id: id, ws: ws}
	g.mu.Lock()
	g.conns[id] = c
	g.mu.Unlock()
	if age := g.o.Trouble.CutAfter; age > 0 {
		cut := time.AfterFunc(age/2+time.Duration(g.draw(int(age))), func() { c.close(websocket.CloseGoingAway) })
		defer cut.Stop()
	}
	g.listen(c)
	_ = ws.Close() // fails if it is closed already
	g.mu.Lock()
	delete(g.conns, id)
	closing := g.closing
	g.mu.Unlock()
	if !closing && !g.happens("DisconnectLost", g.o.Trouble.DisconnectLost) {
		g.invokeSocket("DISCONNECT", id, nil, false, nil)
	}
}

// listen passes frames to the function, concurrently, until the connection ends.
func (g *Gateway) listen(c *conn) {
	var frames sync.WaitGroup
	defer frames.Wait()
	for {
		kind, frame, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		if len(frame) > frameMost {
			c.close(websocket.CloseMessageTooBig)
			return
		}
		frames.Go(func() { g.invokeSocket("MESSAGE", c.id, frame, kind == websocket.BinaryMessage, nil) })
	}
}

func (c *conn) close(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Both fail if it is closed already.
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = c.ws.Close()
}

// connections simulates the @connections API, with faults.
func (g *Gateway) connections(w http.ResponseWriter, r *http.Request) {
	id, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/ws/@connections/"))
	_, port, _ := net.SplitHostPort(g.addr)
	if host := apiID + ".execute-api.localhost:" + port; err != nil || r.Host != host ||
		!strings.Contains(r.Header.Get("Authorization"), "/execute-api/aws4_request") {
		g.fault(fmt.Errorf("@connections of %s asked for %s, signed %q", r.Host, r.RequestURI, r.Header.Get("Authorization")))
		w.WriteHeader(http.StatusForbidden)
		return
	}
	frame, err := io.ReadAll(r.Body)
	if err != nil {
		return // the function was killed
	}
	g.mu.Lock()
	c := g.conns[id]
	g.mu.Unlock()
	t := g.o.Trouble
	switch {
	case c == nil:
		w.WriteHeader(http.StatusGone)
	case r.Method == http.MethodDelete:
		c.close(websocket.CloseNormalClosure)
		w.WriteHeader(http.StatusNoContent)
	case len(frame) > messageMost || len(frame) > frameMost || g.happens("PushLarge", t.PushLarge):
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	case g.happens("PushThrottled", t.PushThrottled):
		w.WriteHeader(http.StatusTooManyRequests)
	case g.happens("PushFails", t.PushFails):
		w.WriteHeader(http.StatusInternalServerError)
	case g.happens("PushGone", t.PushGone):
		c.close(websocket.CloseGoingAway) // on AWS the client of a gone connection is disconnected too
		w.WriteHeader(http.StatusGone)
	case g.happens("PushLost", t.PushLost), g.second(id) && g.happens("FirstPushLost", t.FirstPushLost):
		w.WriteHeader(http.StatusOK)
	default:
		g.push(c, frame)
		w.WriteHeader(http.StatusOK)
	}
}

// second says whether a connection has only had hello.
func (g *Gateway) second(id string) bool {
	n, _ := g.Sent(id)
	return n == 1
}

func (g *Gateway) push(c *conn, frame []byte) {
	events := make([]json.RawMessage, 1)
	if frame[0] == '[' {
		events = nil
		if err := json.Unmarshal(frame, &events); err != nil {
			g.fault(fmt.Errorf("a frame is not JSON: %q", frame))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin)) // fails if it is closed already
	if c.ws.WriteMessage(websocket.TextMessage, frame) != nil {
		_ = c.ws.Close() // the client is gone, or its buffer is full
		return
	}
	g.mu.Lock()
	g.sent[c.id] += len(events)
	g.mu.Unlock()
}

// Cut closes all connections, as API Gateway does when they reach their maximum age.
func (g *Gateway) Cut() {
	g.mu.Lock()
	var cs []*conn
	for _, c := range g.conns {
		cs = append(cs, c)
	}
	g.mu.Unlock()
	for _, c := range cs {
		c.close(websocket.CloseGoingAway)
	}
}
