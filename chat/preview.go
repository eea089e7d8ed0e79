package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
)

// Limits of previews. Lengths are in code points.
const (
	PreviewTitleLength       = 200
	PreviewDescriptionLength = 300
	PreviewURLLength         = 2048 // bytes

	MaxPreviews = 10_000 // in the cache of one machine; on AWS they expire

	previewLife    = day       // how long what a page said is used
	previewFailure = time.Hour // how long a page that said nothing is not asked again
)

// Preview is what a page says about itself, as the server read it. A message that links to the page shows it.
type Preview struct {
	URL         string `json:"url"` // as its sender spelled it: the text of the message contains it
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Unfurled is what a page says about itself, as plain text of one line.
type Unfurled struct {
	Title, Description string
}

// Unfurler asks pages what they say about themselves. It reaches nothing but public addresses.
type Unfurler interface {
	// Unfurl asks the page at a URL. NotFound if it does not answer, answers something else, or says nothing. It takes a few seconds at
	// most.
	Unfurl(ctx context.Context, url string) (Unfurled, error)
}

// PreviewRecord is the outcome of asking one page. Preview is nil when the page said nothing.
type PreviewRecord struct {
	Key     string // of the URL
	ID      string // names this outcome in posts; random, so that nobody can name what nobody asked for
	Preview *Preview
	At      time.Time // when the page was asked
	Expires time.Time
}

// PreviewStore keeps what pages said about themselves. It is a cache: it is part of no archive, and may forget anything.
type PreviewStore interface {
	// Preview finds by key. NotFound when there is none; one that has expired may be returned.
	Preview(ctx context.Context, key string) (PreviewRecord, error)
	// PutPreview keeps a record in place of the earlier one with its key. It may forget another one: the cache is bounded.
	PutPreview(ctx context.Context, r PreviewRecord) error
}

// previewKey is the key of a URL.
func previewKey(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:16])
}

// errNoPreview is the answer for every link without a preview, whatever the reason: it tells nothing about the network of the server.
func errNoPreview() *Error { return Errorf(NotFound, "This link has no preview.") }

// Preview asks the page behind a link what it says about itself, for somebody who is about to post the link. The id names the preview in
// [PostInput]. NotFound for a link without a preview, and for every link while previews are off.
func (c *Canteen) Preview(ctx context.Context, a Actor, address string) (id string, p Preview, err error) {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(address) > PreviewURLLength {
		return "", Preview{}, InvalidField("url", "An http or https URL of at most %d bytes is needed.", PreviewURLLength)
	}
	r, err := perform(ctx, c, a, CmdPreview, use[PreviewRecord]{do: func(at *attempt) (PreviewRecord, error) {
		if err := c.checkActor(ctx, at); err != nil {
			return PreviewRecord{}, err
		}
		if wanted, err := c.previewing(ctx); err != nil || !wanted { // no refusal: the audit log has no line for a link without a preview
			return PreviewRecord{}, err
		}
		r, err := c.previews.Preview(ctx, previewKey(address))
		if err == nil && r.Expires.After(c.clock.Time()) {
			return r, nil
		}
		if err != nil && ErrorCode(err) != NotFound {
			return r, err
		}
		return c.unfurl(ctx, address)
	}})
	if err == nil && r.Preview == nil {
		err = errNoPreview()
	}
	if err != nil {
		return "", Preview{}, err
	}
	return r.ID, *r.Preview, nil
}

// previewing says whether links get previews now: the deployment makes them, and the workspace wants them.
func (c *Canteen) previewing(ctx context.Context) (bool, error) {
	if c.unfurler == nil {
		return false, nil
	}
	w, err := c.store.Workspace(ctx)
	return !w.PreviewsOff, err
}

// unfurl asks a page and keeps the outcome.
func (c *Canteen) unfurl(ctx context.Context, address string) (PreviewRecord, error) {
	now := c.clock.Time()
	key := previewKey(address)
	r := PreviewRecord{Key: key, ID: key + NewID(), At: now, Expires: now.Add(previewFailure)}
	got, err := c.unfurler.Unfurl(ctx, address)
	switch {
	case err == nil:
		r.Preview = &Preview{URL: address, Title: got.Title, Description: got.Description}
		r.Expires = now.Add(previewLife)
	case ErrorCode(err) != NotFound:
		return r, err
	default:
		c.log.DebugContext(ctx, "a link has no preview", "error", err)
	}
	return r, c.previews.PutPreview(ctx, r)
}

// previewOf is the preview that an id names, nil when there is none any more or the text does not contain its link: a post never fails for
// its preview.
func (c *Canteen) previewOf(ctx context.Context, id, body string) (*Preview, error) {
	if len(id) <= len(previewKey("")) {
		return nil, nil
	}
	if wanted, err := c.previewing(ctx); err != nil || !wanted {
		return nil, err
	}
	r, err := c.previews.Preview(ctx, id[:len(previewKey(""))])
	if err != nil && ErrorCode(err) != NotFound {
		return nil, err
	}
	if err != nil || r.ID != id || r.Preview == nil || !r.Preview.in(body) {
		return nil, nil
	}
	return r.Preview, nil
}

// in says whether a text contains the link of the preview, perhaps without its scheme. An edit that takes the link out takes the preview
// with it.
func (p *Preview) in(body string) bool {
	if p == nil {
		return false
	}
	_, rest, _ := strings.Cut(p.URL, "://")
	return strings.Contains(body, rest)
}
