package socket

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/canteen-chat/canteen/wire"
)

// pair runs f with a connection and its peer, without a buffer in between, in a synctest bubble.
func pair(t *testing.T, f func(c *conn, peer net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, peer := net.Pipe()
		c := &conn{net: ours, clock: time.Now, writing: true}
		f(c, peer)
		_ = peer.Close()
		_ = ours.Close()
		time.Sleep(time.Minute) // sleeping goroutines wake up and end
	})
}

// heard reads the frames of the peer until the close. It gives the texts and the close code, 0 without a close frame.
func heard(t *testing.T, peer net.Conn) (texts []string, code int) {
	t.Helper()
	for {
		f, err := ws.ReadFrame(peer)
		if err != nil {
			return texts, 0
		}
		switch f.Header.OpCode {
		case ws.OpText:
			texts = append(texts, string(f.Payload))
		case ws.OpClose:
			c, _ := ws.ParseCloseFrameData(f.Payload)
			return texts, int(c)
		}
	}
}

func event(n int) []byte { return textFrame(fmt.Appendf(nil, `{"n":%d}`, n)) }

// listenTo reads a connection like the handler, and gives the error that ended it.
func listenTo(c *conn, silence time.Duration) <-chan error {
	ended := make(chan error, 1)
	go func() {
		r := &reader{c: c, from: bufio.NewReaderSize(c.net, readBuffer), silence: silence}
		var err error
		for err == nil {
			_, err = r.next()
		}
		if e, ok := err.(closed); ok {
			c.close(e.code, e.reason)
		}
		if c.closing() {
			r.finish()
		}
		_ = c.net.Close()
		ended <- err
	}()
	return ended
}

func TestNothingIsWrittenBeforeTheConnectionIsSettled(t *testing.T) {
	pair(t, func(c *conn, peer net.Conn) {
		c.send(event(1))
		c.close(wire.CloseEnded, "session over")
		synctest.Wait()
		c.begin()
		if texts, code := heard(t, peer); len(texts) > 0 || code != wire.CloseEnded {
			t.Errorf("got %q, code %d", texts, code)
		}
	})
}

func TestSlowPeerIsClosed(t *testing.T) {
	for _, c := range []struct {
		what   string
		frame  []byte
		events int
	}{
		{"256 events", event(1), queueEvents},
		{"1 MiB", textFrame([]byte(strings.Repeat("x", wire.FrameBytes))), queueBytes / (wire.FrameBytes + 4)},
	} {
		pair(t, func(conn *conn, peer net.Conn) {
			conn.begin()
			conn.send(c.frame)
			synctest.Wait() // the writer has taken one frame and is blocked
			for range c.events {
				conn.send(c.frame)
			}
			if conn.closing() {
				t.Errorf("%s: closed before the queue was full", c.what)
			}
			conn.send(c.frame)
			if texts, code := heard(t, peer); len(texts) != 1 || code != wire.CloseSlow {
				t.Errorf("%s: %d texts, code %d", c.what, len(texts), code)
			}
		})
	}
}

// Frames that are queued when a session ends are not sent, however slowly the peer reads.
func TestNothingFollowsTheEndOfASession(t *testing.T) {
	pair(t, func(c *conn, peer net.Conn) {
		for n := range 100 {
			c.send(textFrame(fmt.Appendf(nil, "%5000d", n)))
		}
		c.begin()
		synctest.Wait() // the writer is blocked with the first of many frames
		c.close(wire.CloseEnded, "session over")
		time.Sleep(closeWithin / 2)
		if texts, code := heard(t, peer); len(texts) != 1 || code != wire.CloseEnded {
			t.Errorf("%d frames after the end, code %d", len(texts)-1, code)
		}
	})
}

// A peer that does not answer a close frame can hold the connection for at most closeWithin.
func TestCloseIsNotHeldUp(t *testing.T) {
	for what, hold := range map[string]func(peer net.Conn){
		"a peer that reads nothing":          func(net.Conn) {},
		"a peer that reads and never closes": func(peer net.Conn) { _, _ = io.Copy(io.Discard, peer) },
		"a peer that answers and never closes": func(peer net.Conn) {
			go func() {
				_, _ = peer.Write(ws.MustCompileFrame(ws.MaskFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "")))))
			}()
			_, _ = io.Copy(io.Discard, peer)
		},
		"a peer that floods": func(peer net.Conn) {
			go func() { _, _ = io.Copy(io.Discard, peer) }()
			for {
				if _, err := peer.Write(make([]byte, 1024)); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		},
	} {
		pair(t, func(c *conn, peer net.Conn) {
			c.begin()
			ended := listenTo(c, time.Minute)
			c.send(event(1))
			synctest.Wait()
			began := time.Now()
			c.close(serviceRestart, "retry 300")
			go hold(peer)
			<-ended
			if took := time.Since(began); took > closeWithin {
				t.Errorf("%s held the connection for %v", what, took)
			}
		})
	}
}

func TestSilence(t *testing.T) {
	const silence = 35 * time.Second
	masked := ws.MustCompileFrame(ws.MaskFrame(ws.NewTextFrame([]byte(`{"type":"ping"}`))))
	for what, say := range map[string]func(peer net.Conn){
		"nothing": func(net.Conn) {},
		"a byte every 10 s": func(peer net.Conn) {
			for i := range masked {
				if _, err := peer.Write(masked[i : i+1]); err != nil {
					return
				}
				time.Sleep(10 * time.Second)
			}
		},
	} {
		pair(t, func(c *conn, peer net.Conn) {
			c.begin()
			ended := listenTo(c, silence)
			began := time.Now()
			go say(peer)
			_, code := heard(t, peer)
			if took := time.Since(began); code != wire.CloseSilent || took != silence {
				t.Errorf("%s: code %d after %v", what, code, took)
			}
			_ = peer.Close()
			<-ended
		})
	}
}

// Pongs go through the queue: a peer that sends pings without reading is closed like any slow peer.
func TestPingFloodOfAPeerThatDoesNotRead(t *testing.T) {
	pair(t, func(c *conn, peer net.Conn) {
		c.begin()
		ended := listenTo(c, time.Minute)
		ping := ws.MustCompileFrame(ws.MaskFrame(ws.NewPingFrame(make([]byte, 125))))
		sent := 0
		for ; sent < 2*queueEvents; sent++ {
			if _, err := peer.Write(ping); err != nil || c.closing() {
				break
			}
		}
		if <-ended; sent > queueEvents+2 {
			t.Errorf("%d pings were taken", sent)
		}
		if c.code != wire.CloseSlow {
			t.Errorf("closed with %d", c.code)
		}
	})
}

func TestFramesAreJoinedUpToTheirLimit(t *testing.T) {
	pair(t, func(c *conn, peer net.Conn) {
		want := 0
		for n := range 200 {
			c.send(textFrame(fmt.Appendf(nil, `"%0*d"`, n*5, n)))
			want++
		}
		c.begin()
		got := 0
		for got < want {
			f, err := ws.ReadFrame(peer)
			if err != nil {
				t.Fatal(err)
			}
			var events []json.RawMessage
			if err := json.Unmarshal(f.Payload, &events); err != nil || len(f.Payload) > wire.FrameBytes {
				t.Fatalf("a frame of %d bytes, %v", len(f.Payload), err)
			}
			got += len(events)
		}
		synctest.Wait()
		if c.mu.Lock(); c.size != 0 || c.writing {
			t.Errorf("%d bytes left, writing %v", c.size, c.writing)
		}
		c.mu.Unlock()
	})
}
