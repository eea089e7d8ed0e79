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

// closed is why a reader ends its connection: a code to send, or none when the peer is gone.
type closed struct {
	code   int
	reason string
}

func (e closed) Error() string { return e.reason }

// reader reads the texts of one connection: whole, in UTF-8 and of at most wire.FrameBytes. It answers pings.
type reader struct {
	c       *conn
	from    *bufio.Reader
	silence time.Duration // after which the peer counts as gone
	frames  *bucket       // nil: no limit
}

// next waits for the next text.
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
			r.c.send(finished(ws.OpPong, body))
			continue
		case ws.OpPong:
			continue
		case ws.OpClose:
			return nil, answer(body)
		case ws.OpBinary:
			return nil, closed{int(ws.StatusUnsupportedData), "text frames alone"}
		}
		message = append(message, body...)
		if h.Fin {
			if !utf8.Valid(message) {
				return nil, closed{int(ws.StatusInvalidFramePayloadData), "not UTF-8"}
			}
			return message, nil
		}
		state = state.Set(ws.StateFragmented)
	}
}

// frame reads one frame of at most most bytes, control frames apart, and unmasks it.
func (r *reader) frame(state ws.State, most int) (ws.Header, []byte, error) {
	if !r.c.await(r.silence) {
		return ws.Header{}, nil, net.ErrClosed
	}
	h, err := ws.ReadHeader(r.from)
	switch {
	case errors.Is(err, ws.ErrHeaderLengthMSB), errors.Is(err, ws.ErrHeaderLengthUnexpected):
		return h, nil, closed{int(ws.StatusProtocolError), "malformed frame"}
	case err != nil:
		return h, nil, gone(err)
	}
	if ws.CheckHeader(h, state) != nil {
		return h, nil, closed{int(ws.StatusProtocolError), "against RFC 6455"}
	}
	if !h.OpCode.IsControl() && h.Length > int64(most) {
		return h, nil, closed{int(ws.StatusMessageTooBig), "too long"}
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

// gone is a failed read: silence, or the end.
func gone(err error) error {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return closed{wire.CloseSilent, "silent"}
	}
	return err
}

// answer repeats the peer's close code (RFC 6455, 5.5.1), if it is one.
func answer(body []byte) error {
	if len(body) == 0 {
		return closed{int(ws.StatusNormalClosure), ""}
	}
	code, reason := ws.ParseCloseFrameData(body)
	if ws.CheckCloseFrameData(code, reason) != nil || code > ws.StatusRangePrivate.Max {
		return closed{int(ws.StatusProtocolError), "against RFC 6455"}
	}
	return closed{int(code), ""}
}

// finish reads on after a close, whatever it is, until the peer has gone too or the close's time is over, so that the close
// is not lost with unread data (RFC 9293, 3.10.4: a reset).
func (r *reader) finish() { _, _ = io.Copy(io.Discard, r.from) }

// bucket bounds frames: so many at once, so many a second.
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
