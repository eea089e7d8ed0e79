package unfurl

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/outbound"
)

const (
	within    = 5 * time.Second // for the page and its picture together
	maxBody   = 1 << 20         // bytes of each
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
	a, err := u.client.Get(ctx, address, "text/html,application/xhtml+xml,image/*;q=0.5", maxBody)
	if err != nil {
		return chat.Unfurled{}, err
	}
	switch {
	case isPicture(a.Type) && !a.Cut:
		return chat.Unfurled{Title: line(path.Base(a.URL.Path), chat.PreviewTitleLength), Picture: a.Body}, nil
	case a.Type != "text/html" && a.Type != "application/xhtml+xml":
		return chat.Unfurled{}, fmt.Errorf("a page of type %q has no preview", a.Type)
	}
	p := parse(a.Body, a.Charset)
	if p.title == "" {
		return chat.Unfurled{}, errors.New("a page without a title has no preview")
	}
	out := chat.Unfurled{Title: p.title, Description: p.description}
	if from := absolute(a.URL, p.picture); from != "" {
		out.Picture = u.picture(ctx, from)
	}
	return out, nil
}

// picture returns the bytes of a picture, nil if there is none: the preview does without it.
func (u *Unfurler) picture(ctx context.Context, address string) []byte {
	a, err := u.client.Get(ctx, address, "image/*", maxBody)
	if err != nil || a.Cut || !isPicture(a.Type) {
		return nil
	}
	return a.Body
}

// isPicture says whether a type is one of those that are shown.
func isPicture(kind string) bool {
	return slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp"}, kind)
}
