package unfurl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/outbound"
)

const (
	within    = 5 * time.Second // for a page, redirects included
	maxBody   = 1 << 20         // bytes
	maxAtOnce = 8               // fetches of this process; others wait within their time
)

// Unfurler is a [chat.Unfurler].
type Unfurler struct {
	client *outbound.Client
	slots  chan struct{}
}

// New makes an unfurler that asks through client.
func New(client *outbound.Client) *Unfurler {
	return &Unfurler{client: client, slots: make(chan struct{}, maxAtOnce)}
}

// Unfurl implements chat.Unfurler. A page without a title, and a host that does not answer as it should, are NotFound.
func (u *Unfurler) Unfurl(ctx context.Context, address string) (chat.Unfurled, error) {
	asked, stop := context.WithTimeout(ctx, within)
	defer stop()
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-asked.Done():
		if ctx.Err() != nil {
			return chat.Unfurled{}, ctx.Err()
		}
		return chat.Unfurled{}, chat.ErrUnavailable(errors.New("too many links are looked up at the same time"))
	}
	out, err := u.fetch(asked, address)
	switch {
	case ctx.Err() != nil: // the caller is gone, which says nothing about the page
		return chat.Unfurled{}, ctx.Err()
	case err != nil:
		return chat.Unfurled{}, errors.Join(chat.ErrNotFound(), err)
	}
	return out, nil
}

func (u *Unfurler) fetch(ctx context.Context, address string) (chat.Unfurled, error) {
	a, err := u.client.Get(ctx, address, "text/html,application/xhtml+xml", maxBody)
	if err != nil {
		return chat.Unfurled{}, err
	}
	if a.Type != "text/html" && a.Type != "application/xhtml+xml" {
		return chat.Unfurled{}, fmt.Errorf("a page of type %q has no preview", a.Type)
	}
	p := parse(a.Body, a.Charset)
	if p.title == "" {
		return chat.Unfurled{}, errors.New("a page without a title has no preview")
	}
	return chat.Unfurled{Title: p.title, Description: p.description}, nil
}
