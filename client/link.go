package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

const (
	helloWithin = 30 * time.Second // long enough for a cold start of a Lambda function
	leastLife   = 90 * time.Minute // API Gateway closes a connection after two hours; clients replace it before, at random times
	lifeSpread  = 25 * time.Minute
	renewAgain  = time.Minute
)

func life() time.Duration { return leastLife + jitter(lifeSpread) }

// link is a connection that has received hello.
type link struct {
	*Live
	path  string
	hello wire.Hello
}

// connect opens a connection and waits for hello. It drops events before hello: the caller fetches everything after it.
func (c *Client) connect(ctx context.Context, path string) (*link, error) {
	live, err := c.dial(ctx, path)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = live.Close() })()
	live.patience = helloWithin
	for {
		e, err := live.Next()
		if err != nil {
			_ = live.Close()
			return nil, err
		}
		if e.Type != "hello" {
			continue
		}
		l := &link{Live: live, path: path}
		if err := json.Unmarshal(e.JSON, &l.hello); err != nil {
			_ = live.Close()
			return nil, fmt.Errorf("hello: %w", err)
		}
		live.keep(time.Duration(l.hello.Heartbeat) * time.Second)
		return l, nil
	}
}

// renewal is the attempt to replace a connection.
type renewal struct {
	// stop ends the attempt. The first call gives the new connection, if it is open; the caller must close it. Otherwise nil.
	stop func() *link
}

// renewal opens a replacement when l is old, waits for its hello, and then closes l, so that events come from one connection at a
// time. It does nothing if the server's connections have no limited lifetime.
func (c *Client) renewal(ctx context.Context, l *link) renewal {
	if l.hello.PresencePoll == 0 { // only servers that limit the lifetime of connections (AWS) set it
		return renewal{func() *link { return nil }}
	}
	ctx, cancel := context.WithCancel(ctx)
	got := make(chan *link, 1)
	go func() {
		defer close(got)
		for wait := c.life(); sleep(ctx, wait) == nil; wait = renewAgain + jitter(renewAgain) {
			if next, err := c.connect(ctx, l.path); err == nil {
				got <- next
				_ = l.Close()
				return
			}
		}
	}()
	return renewal{func() *link {
		cancel()
		return <-got
	}}
}
