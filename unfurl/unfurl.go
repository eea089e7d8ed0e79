package unfurl

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/outbound"
	"github.com/canteen-chat/canteen/picture"
)

const (
	within        = 5 * time.Second // for a page, redirects included
	pictureWithin = 3 * time.Second // for its picture, with drawing it
	maxBody       = 1 << 20         // bytes, of each
	maxAtOnce     = 8               // fetches of this process; others wait within their time

	minSide  = 16        // pixels; smaller pictures count visits
	maxDrawn = 256 << 10 // bytes of the picture of a preview as it was drawn anew
)

// Unfurler is a [Pages].
type Unfurler struct {
	client  *outbound.Client
	decoder *picture.Decoder
	slots   chan struct{}

	mu  sync.Mutex
	now map[string]*fetch // by address
}

// fetch is a page that is being asked. done is closed when out and err are there.
type fetch struct {
	done chan struct{}
	out  Page
	err  error
}

// New makes an unfurler that asks through client. The decoder is that of all pictures of the program.
func New(client *outbound.Client, decoder *picture.Decoder) *Unfurler {
	return &Unfurler{client: client, decoder: decoder, slots: make(chan struct{}, maxAtOnce), now: map[string]*fetch{}}
}

// Unfurl implements Pages. A page without a title, and a host that does not answer as it should, are NotFound. A picture that cannot
// be fetched or drawn is left out.
func (u *Unfurler) Unfurl(ctx context.Context, address string) (Page, error) {
	f := u.begin(ctx, address)
	select {
	case <-f.done:
		return f.out, f.err
	case <-ctx.Done(): // the caller is gone, which says nothing about the page
		return Page{}, ctx.Err()
	}
}

// begin asks a page, unless it is being asked already. The caller's end does not end what others wait for.
func (u *Unfurler) begin(ctx context.Context, address string) *fetch {
	u.mu.Lock()
	defer u.mu.Unlock()
	if f := u.now[address]; f != nil {
		return f
	}
	f := &fetch{done: make(chan struct{})}
	u.now[address] = f
	go func() {
		defer func() {
			if p := recover(); p != nil { // what a page says must not end the program
				f.err = fmt.Errorf("asking a page panicked: %v\n%s", p, debug.Stack())
			}
			u.mu.Lock()
			delete(u.now, address)
			u.mu.Unlock()
			close(f.done)
		}()
		f.out, f.err = u.ask(context.WithoutCancel(ctx), address)
	}()
	return f
}

func (u *Unfurler) ask(ctx context.Context, address string) (Page, error) {
	asked, stop := context.WithTimeout(ctx, within)
	defer stop()
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-asked.Done():
		return Page{}, chat.ErrUnavailable(errors.New("too many links are looked up at the same time"))
	}
	out, named, err := u.page(asked, address)
	if err != nil {
		return Page{}, errors.Join(chat.ErrNotFound(), err)
	}
	if named != "" {
		drawn, done := context.WithTimeout(ctx, pictureWithin)
		defer done()
		if out.Picture, err = u.picture(drawn, named, drawing{chat.PreviewPictureSide, maxBody, maxDrawn}); err != nil {
			out.NoPicture = err
		}
	}
	return out, nil
}

// page asks a page, and gives the address of its picture, or "".
func (u *Unfurler) page(ctx context.Context, address string) (out Page, named string, err error) {
	a, err := u.client.Get(ctx, address, "text/html,application/xhtml+xml", maxBody)
	if err != nil {
		return out, "", err
	}
	if a.Type != "text/html" && a.Type != "application/xhtml+xml" {
		return out, "", fmt.Errorf("a page of type %q has no preview", a.Type)
	}
	p := parse(a.Body, a.Charset)
	if p.title == "" {
		return out, "", errors.New("a page without a title has no preview")
	}
	if p.picture != "" {
		if at, err := a.URL.Parse(p.picture); err == nil {
			named = at.String()
		}
	}
	return Page{Title: p.title, Description: p.description}, named, nil
}

// Picture implements Pages.
func (u *Unfurler) Picture(ctx context.Context, address string, side int) (out Picture, err error) {
	defer func() {
		if p := recover(); p != nil { // what a host says must not end the program
			err = errors.Join(chat.ErrNotFound(), fmt.Errorf("asking for a picture panicked: %v\n%s", p, debug.Stack()))
		}
	}()
	asked, stop := context.WithTimeout(ctx, within)
	defer stop()
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-asked.Done():
		return out, errors.Join(chat.ErrNotFound(), errors.New("too many hosts are asked at the same time"))
	}
	p, err := u.picture(asked, address, drawing{side: side, body: 4 << 20, drawn: 1 << 20})
	if err != nil {
		return out, errors.Join(chat.ErrNotFound(), err)
	}
	return *p, nil
}

// drawing says how a picture is drawn anew.
type drawing struct {
	side  int   // pixels at most
	body  int64 // bytes that are fetched at most
	drawn int   // bytes of what was drawn at most
}

// picture fetches a picture as a page is fetched, and draws it anew. The type is that of its bytes, whatever the host says.
func (u *Unfurler) picture(ctx context.Context, address string, d drawing) (*Picture, error) {
	a, err := u.client.Get(ctx, address, "image/jpeg,image/png,image/webp,image/gif", d.body)
	if err != nil {
		return nil, err
	}
	if a.Cut {
		return nil, errors.New("the picture is too large, or its answer was cut off")
	}
	small, err := u.decoder.Small(ctx, a.Body, d.side)
	switch {
	case err != nil:
		return nil, err
	case min(small.Width, small.Height) < minSide:
		return nil, errors.New("the picture is too small to be seen")
	case len(small.Body) > d.drawn:
		return nil, errors.New("the picture is too large even when drawn small")
	}
	return &Picture{Type: small.Type, Color: small.Color, Width: small.Width, Height: small.Height, Body: small.Body}, nil
}
