package unfurl

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/pagecache"
)

const (
	life    = 24 * time.Hour // how long what a page said is used
	failure = time.Hour      // how long a page that said nothing is not asked again
)

// Page is what a page says about itself, as plain text of one line.
type Page struct {
	Title, Description string
	Picture            *Picture // nil: none
	NoPicture          error    // why the picture that the page names is left out; for the log
}

// Picture is the picture of a page: a PNG or JPEG that was drawn anew, of at most chat.PreviewPictureSide pixels a side.
type Picture struct {
	Type, Color   string
	Width, Height int
	Body          []byte
}

// Pages asks pages what they say about themselves.
type Pages interface {
	// Unfurl asks the page at a URL. NotFound if it does not answer, answers something else, or says nothing. It takes a few seconds at
	// most.
	Unfurl(ctx context.Context, url string) (Page, error)
	// Picture asks a host for a picture, and draws it anew with sides of at most side pixels. NotFound for anything else, and for what
	// takes longer than a few seconds.
	Picture(ctx context.Context, url string, side int) (Picture, error)
}

// Pictures keeps the pictures of pages for a day.
type Pictures interface {
	KeepPicture(ctx context.Context, id, mediaType string, body []byte) error
	// CopyPicture makes a kept picture the body of a file as well. NotFound when it is not kept any more.
	CopyPicture(ctx context.Context, id, mediaType, file string) error
	// AddPicture makes a picture the body of a file.
	AddPicture(ctx context.Context, file, mediaType string, body []byte) error
}

// CacheOptions are the parts of a [Cache]. All are required.
type CacheOptions struct {
	Pages    Pages
	Store    pagecache.Store
	Pictures Pictures
	Clock    chat.Clock
	Log      *slog.Logger
}

// Cache is a [chat.Previews] that asks a page once a day, or once an hour if it said nothing.
type Cache struct{ o CacheOptions }

var _ chat.Previews = (*Cache)(nil)

// NewCache makes a cache.
func NewCache(o CacheOptions) *Cache { return &Cache{o} }

// keyOf is the key of a URL.
func keyOf(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:keyBytes])
}

const keyBytes = 16

// Ask implements chat.Previews.
func (c *Cache) Ask(ctx context.Context, address string) (id string, p chat.Preview, err error) {
	r, err := c.record(ctx, address)
	if err == nil && r.Preview == nil {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return "", p, err
	}
	return r.ID, *r.Preview, nil
}

// record is what is kept of a page, or what it says now.
func (c *Cache) record(ctx context.Context, address string) (pagecache.Record, error) {
	now, key := c.o.Clock.Time(), keyOf(address)
	r, err := c.o.Store.Preview(ctx, key)
	if err == nil && r.Expires.After(now) || err != nil && chat.ErrorCode(err) != chat.NotFound {
		return r, err
	}
	r = pagecache.Record{Key: key, ID: key + chat.NewID(), At: now, Expires: now.Add(failure)}
	page, err := c.o.Pages.Unfurl(ctx, address)
	switch {
	case err == nil:
		r.Preview = &chat.Preview{URL: address, Title: page.Title, Description: page.Description, Picture: c.keep(ctx, page)}
		r.Expires = now.Add(life)
	case chat.ErrorCode(err) != chat.NotFound:
		return r, err
	default:
		c.o.Log.DebugContext(ctx, "a link has no preview", "error", err)
	}
	return c.o.Store.PutPreview(ctx, r)
}

// keep keeps the picture of a page. It gives nil if that cannot be: a preview is good without a picture.
func (c *Cache) keep(ctx context.Context, page Page) *chat.File {
	p := page.Picture
	if p == nil {
		if page.NoPicture != nil {
			c.o.Log.DebugContext(ctx, "a preview has no picture", "error", page.NoPicture)
		}
		return nil
	}
	f := p.file(chat.NewID())
	if err := c.o.Pictures.KeepPicture(ctx, f.ID, f.Type, p.Body); err != nil {
		c.o.Log.WarnContext(ctx, "the picture of a page was not kept", "error", err)
		return nil
	}
	return &f
}

// Named implements chat.Previews.
func (c *Cache) Named(ctx context.Context, id string) (chat.Preview, error) {
	if len(id) <= 2*keyBytes {
		return chat.Preview{}, chat.ErrNotFound()
	}
	r, err := c.o.Store.Preview(ctx, id[:2*keyBytes])
	if err == nil && (r.ID != id || r.Preview == nil) {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return chat.Preview{}, err
	}
	return *r.Preview, nil
}

// file is the picture as a file with an id.
func (p Picture) file(id string) chat.File {
	sum := sha256.Sum256(p.Body)
	return chat.File{
		ID: id, Name: "preview", Kind: chat.PageFile, Type: p.Type, Size: int64(len(p.Body)), Width: p.Width, Height: p.Height,
		Color: p.Color, SHA256: hex.EncodeToString(sum[:]),
	}
}

// FetchPicture implements chat.Previews. The log says why there is none.
func (c *Cache) FetchPicture(ctx context.Context, url, file string, side int) (chat.File, error) {
	p, err := c.o.Pages.Picture(ctx, url, side)
	switch {
	case err == nil:
		err = c.o.Pictures.AddPicture(ctx, file, p.Type, p.Body)
		if err != nil {
			c.o.Log.WarnContext(ctx, "the picture of a card was not kept", "error", err)
		}
	case ctx.Err() == nil:
		c.o.Log.DebugContext(ctx, "a card has no copy of a picture", "error", err)
	}
	if err != nil {
		return chat.File{}, cmp.Or(ctx.Err(), error(chat.ErrNotFound()))
	}
	return p.file(file), nil
}

// CopyPicture implements chat.Previews.
func (c *Cache) CopyPicture(ctx context.Context, f chat.File, file string) error {
	return c.o.Pictures.CopyPicture(ctx, f.ID, f.Type, file)
}
