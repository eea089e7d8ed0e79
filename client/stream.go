package client

import (
	"context"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

// streamEvery is how often a text is sent: the server stores one a second.
const streamEvery = time.Second

// Stream is a message that a bot is writing. It sends the newest text once a second, and queues none.
type Stream struct {
	Message wire.Message // as it was posted

	client *Client
	mu     sync.Mutex
	text   string
	wake   chan struct{} // holds a value when there is a text that was not sent
	end    context.CancelFunc
	ended  chan struct{}
}

// Stream posts a message whose text follows, for bots. The text of b may be empty. The caller must call Done. Errors: Forbidden for people.
func (c *Client) Stream(ctx context.Context, room string, b wire.PostMessage) (*Stream, error) {
	b.Stream = true
	m, err := c.Post(ctx, room, b)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	s := &Stream{Message: m, client: c, wake: make(chan struct{}, 1), end: end, ended: make(chan struct{})}
	go s.run(ctx)
	return s, nil
}

// Write makes text the whole text of the message. It does not wait until anybody sees it, and a newer text may replace it before.
func (s *Stream) Write(text string) {
	s.mu.Lock()
	s.text = text
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // a text waits already, and is this one from now on
	}
}

// Done makes text the last text of the message, and waits until it is stored. It repeats what fails temporarily until ctx ends.
func (s *Stream) Done(ctx context.Context, text string) (m wire.Message, err error) {
	s.end()
	<-s.ended
	err = Retry(ctx, func(ctx context.Context) error {
		m, err = s.send(ctx, text, true)
		return err
	})
	return m, err
}

func (s *Stream) run(ctx context.Context) {
	defer close(s.ended)
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		s.mu.Lock()
		text := s.text
		s.mu.Unlock()
		if _, err := s.send(ctx, text, false); err != nil && !Temporary(err) {
			return // Done says why, if it is refused as well
		}
		if sleep(ctx, streamEvery) != nil {
			return
		}
	}
}

func (s *Stream) send(ctx context.Context, text string, done bool) (wire.Message, error) {
	return s.client.EditMessage(ctx, s.Message.Room, s.Message.Seq, wire.EditMessage{Text: text, Done: &done})
}
