package socket

import (
	"bufio"
	"errors"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/canteen-chat/canteen/wire"
)

const framesPerSecond, frameBurst = 20, 60

// closed is an error for which the server closes the connection: a close code and its reason.
type closed struct {
	code   ws.StatusCode
	reason string
}

func (e closed) Error() string { return e.reason }

// reader reads the text messages of one connection: complete, valid UTF-8 and at most wire.FrameBytes long. It answers pings.
type reader struct {
	c       *conn
	from    *bufio.Reader
	silence time.Duration // time without a frame after which the connection is closed
	frames  *bucket       // nil: no limit
}

// next waits for the next text message.
func (r *reader) next() ([]byte, error) {
	var message []byte
	state := ws.StateServerSide
	for {
		h, body, err := r.frame(state, wire.FrameBytes-len(message))
		if err != nil {
			return nil, err
		}
		switch h.OpCode {
		case ws.OpPing:
			r.c.send(encodeFrame(ws.OpPong, body))
			continue
		case ws.OpPong:
			continue
		case ws.OpClose:
			return nil, answer(body)
		case ws.OpBinary:
			return nil, closed{ws.StatusUnsupportedData, "text frames only"}
		}
		message = append(message, body...)
		if h.Fin {
			if !utf8.Valid(message) {
				return nil, closed{ws.StatusInvalidFramePayloadData, "not UTF-8"}
			}
			return message, nil
		}
		state = state.Set(ws.StateFragmented)
	}
}

// frame reads and unmasks one frame. A frame other than a control frame may have at most most bytes.
func (r *reader) frame(state ws.State, most int) (ws.Header, []byte, error) {
	if !r.c.await(r.silence) {
		return ws.Header{}, nil, net.ErrClosed
	}
	h, err := ws.ReadHeader(r.from)
	switch {
	case errors.Is(err, ws.ErrHeaderLengthMSB), errors.Is(err, ws.ErrHeaderLengthUnexpected):
		return h, nil, closed{ws.StatusProtocolError, "malformed frame"}
	case err != nil:
		return h, nil, gone(err)
	}
	if ws.CheckHeader(h, state) != nil {
		return h, nil, closed{ws.StatusProtocolError, "violates RFC 6455"}
	}
	if !h.OpCode.IsControl() && h.Length > int64(most) {
		return h, nil, closed{ws.StatusMessageTooBig, "too long"}
	}
	if r.frames != nil && !r.frames.take(time.Now()) {
		return h, nil, closed{wire.CloseTooMany, "too many frames"}
	}
	body := make([]byte, h.Length)
	if _, err := io.ReadFull(r.from, body); err != nil {
		return h, nil, gone(err)
	}
	ws.Cipher(body, h.Mask, 0)
	return h, body, nil
}

// gone gives the error of a failed read: closed after silence, otherwise err.
func gone(err error) error {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return closed{wire.CloseSilent, "silent"}
	}
	return err
}

// answer gives the answer to a close frame: the same code (RFC 6455, 5.5.1), if it is valid.
func answer(body []byte) error {
	if len(body) == 0 {
		return closed{ws.StatusNormalClosure, ""}
	}
	code, reason := ws.ParseCloseFrameData(body)
	if ws.CheckCloseFrameData(code, reason) != nil || code > ws.StatusRangePrivate.Max {
		return closed{ws.StatusProtocolError, "violates RFC 6455"}
	}
	return closed{code, ""}
}

// finish reads and discards data after a close, until the peer has closed too or the deadline is over. Closing a socket with unread
// data would reset it, and the peer could lose the close frame (RFC 9293, 3.10.4).
func (r *reader) finish() { _, _ = io.Copy(io.Discard, r.from) }

// bucket is the token bucket that limits frames.
type bucket struct {
	at   time.Time
	left float64
}

func (b *bucket) take(now time.Time) bool {
	b.left = min(frameBurst, b.left+now.Sub(b.at).Seconds()*framesPerSecond)
	b.at = now
	b.left--
	return b.left >= 0
}
