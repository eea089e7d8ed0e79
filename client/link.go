package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

const (
	helloWithin = 30 * time.Second // a serverless home may have to start first
	leastLife   = 90 * time.Minute // API Gateway ends a connection after two hours: clients go before, not all at once
	lifeSpread  = 25 * time.Minute
	renewAgain  = time.Minute
)

func life() time.Duration { return leastLife + jitter(lifeSpread) }

// link is a connection that has said hello.
type link struct {
	*Live
	hello wire.Hello
}

// connect opens a connection and hears its hello. What comes before hello is in what is fetched after it.
func (c *Client) connect(ctx context.Context) (*link, error) {
	live, err := c.Dial(ctx)
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
		l := &link{Live: live}
		if err := json.Unmarshal(e.JSON, &l.hello); err != nil {
			_ = live.Close()
			return nil, fmt.Errorf("hello: %w", err)
		}
		live.keep(time.Duration(l.hello.Heartbeat) * time.Second)
		return l, nil
	}
}

// renewal is the connection that takes the place of another, once it has said hello.
type renewal struct {
	stop func() *link // ends the attempt, and gives what it has got, once: its closing is the caller's. Else nil
}

// renewal opens another connection when l is old, if the server ends such, hears its hello, and only then closes l: of the
// two, one is heard at a time.
func (c *Client) renewal(ctx context.Context, l *link) renewal {
	if l.hello.PresencePoll == 0 { // as it is with all servers whose connections have no end
		return renewal{func() *link { return nil }}
	}
	ctx, cancel := context.WithCancel(ctx)
	got := make(chan *link, 1)
	go func() {
		defer close(got)
		for wait := c.life(); sleep(ctx, wait) == nil; wait = renewAgain + jitter(renewAgain) {
			if next, err := c.connect(ctx); err == nil {
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
