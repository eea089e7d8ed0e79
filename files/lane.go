package files

import (
	"context"
	"io"
	"time"
)

// Lane keeps processors and the disk free for posts while bodies are stored. Pieces of work go through it one at a time, in the order in
// which they came, and there are pauses that are as long as the work: so all uploads together have half of one processor, and the disk for
// half of the time. A nil Lane lets everything through at once.
type Lane struct {
	turn   chan struct{} // holds a value while a piece runs, and during pauses
	worked time.Duration // since the last pause; guarded by turn
}

// laneWork is the work between two pauses. A post that finds the lane busy waits for about as long as that.
const laneWork = time.Millisecond

// LaneChunk is how many bytes are copied or hashed in one piece: some tens of microseconds.
const LaneChunk = 64 << 10

// NewLane returns a Lane that is free.
func NewLane() *Lane { return &Lane{turn: make(chan struct{}, 1)} }

// Do waits for its turn and runs a piece of work, which should take a few milliseconds at most and must not wait for a client. Its error is
// that of the piece, or of ctx if that ends first.
func (l *Lane) Do(ctx context.Context, piece func() error) error {
	if l == nil {
		return piece()
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	began := time.Now()
	defer func() {
		l.worked += time.Since(began)
		if l.worked < laneWork {
			<-l.turn
			return
		}
		pause := l.worked
		l.worked = 0
		time.AfterFunc(pause, func() { <-l.turn })
	}()
	return piece()
}

// Copy copies r to w in pieces. Reads do not take the lane: they may wait for a client.
func (l *Lane) Copy(ctx context.Context, w io.Writer, r io.Reader) (int64, error) {
	return io.CopyBuffer(laneWriter{ctx, l, w}, onlyReader{r}, make([]byte, LaneChunk))
}

// laneWriter makes each write a piece of work. It has no other methods, so that io.CopyBuffer uses its buffer.
type laneWriter struct {
	ctx  context.Context
	lane *Lane
	to   io.Writer
}

// Write implements io.Writer.
func (w laneWriter) Write(b []byte) (n int, err error) {
	err = w.lane.Do(w.ctx, func() (err error) {
		n, err = w.to.Write(b)
		return err
	})
	return n, err
}

// onlyReader hides other methods of a reader, for the same reason.
type onlyReader struct{ io.Reader }
