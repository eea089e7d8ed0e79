package chat

import (
	"context"
	"net/url"
	"strings"
)

// Limits of previews. Lengths are in code points.
const (
	PreviewTitleLength       = 200
	PreviewDescriptionLength = 300
	PreviewURLLength         = 2048 // bytes
	PreviewPictureSide       = 360  // pixels
)

// Preview is what a page says about itself, as the server read it. A message that links to the page shows it.
type Preview struct {
	URL         string `json:"url"` // as its sender spelled it: the text of the message contains it
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	// Picture is a file of its own, by which nobody asks the page: that of who made the preview, until it is part of their message.
	Picture *File `json:"picture,omitempty"`
}

// Previews asks pages what they say about themselves, and keeps it for a while. It reaches nothing but public addresses.
type Previews interface {
	// Ask gives what the page at a URL says about itself, or said when it was asked last, and an id that names it: random, so that nobody
	// can name what nobody asked for. NotFound for a page that says nothing. It takes a few seconds at most.
	Ask(ctx context.Context, url string) (id string, p Preview, err error)
	// Named is the preview with an id: NotFound when there is none any more.
	Named(ctx context.Context, id string) (Preview, error)
	// CopyPicture makes the picture of a preview the body of a file as well. NotFound when it is not kept any more.
	CopyPicture(ctx context.Context, picture File, file string) error
	// FetchPicture asks a host for a picture, draws it anew with sides of at most side pixels, and makes it the body of a file. NotFound
	// for what is no picture, or cannot be fetched or kept. It takes a few seconds at most.
	FetchPicture(ctx context.Context, url, file string, side int) (File, error)
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
	_, err = perform(ctx, c, a, CmdPreview, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		err := c.checkActor(ctx, at)
		if err != nil {
			return struct{}{}, err
		}
		id = "" // no refusal: the audit log has no line for a link without a preview
		if wanted, err := c.previewing(ctx); err != nil || !wanted {
			return struct{}{}, err
		}
		if id, p, err = c.previews.Ask(ctx, address); err != nil {
			return struct{}{}, ignoring(err, NotFound)
		}
		return struct{}{}, c.withPicture(ctx, at, &id, &p)
	}})
	if err == nil && id == "" {
		err = errNoPreview()
	}
	return id, p, err
}

// previewing says whether links get previews now: the deployment makes them, and the workspace wants them.
func (c *Canteen) previewing(ctx context.Context) (bool, error) {
	if c.previews == nil {
		return false, nil
	}
	w, err := c.store.Workspace(ctx)
	return !w.PreviewsOff, err
}

// withPicture makes the picture of a preview a file of the actor's, which counts as their upload. Whoever has used up what they may upload
// in a day gets none.
func (c *Canteen) withPicture(ctx context.Context, at *attempt, id *string, p *Preview) error {
	kept := p.Picture
	p.Picture = nil
	if kept == nil || c.full != nil && c.full() {
		return nil
	}
	if err := c.uploading(ctx, at.Actor, kept.Size); err != nil {
		return ignoring(err, RateLimited)
	}
	f := *kept
	f.ID = NewID()
	if err := c.previews.CopyPicture(ctx, *kept, f.ID); err != nil {
		return ignoring(err, NotFound)
	}
	p.Picture = &f
	*id += pictureMark + f.ID
	return c.addPicture(ctx, at, f)
}

// addPicture makes a picture of another host a file of the actor's, until it is part of a message.
func (c *Canteen) addPicture(ctx context.Context, at *attempt, f File) error {
	now := c.clock.Time()
	row := FileRow{File: f, State: FileReady, Owner: at.User.ID, At: now, Due: now.Add(FileLife)}
	return c.files.AddFile(ctx, AddFile{Facts: at.facts(), Row: row})
}

// ignoring is nil for errors of a code.
func ignoring(err error, code Code) error {
	if ErrorCode(err) == code {
		return nil
	}
	return err
}

// pictureMark is between the id of a preview and that of its picture. Ids do not contain it.
const pictureMark = "."

// previewOf is the preview that an id names, nil when there is none any more or the text does not contain its link: a post never fails for
// its preview. Its picture has to be the actor's copy of what the page had: no upload of the same bytes, which lists of files would show.
func (c *Canteen) previewOf(ctx context.Context, at *attempt, id, body string) (*Preview, error) {
	id, picture, _ := strings.Cut(id, pictureMark)
	if id == "" {
		return nil, nil
	}
	if wanted, err := c.previewing(ctx); err != nil || !wanted {
		return nil, err
	}
	p, err := c.previews.Named(ctx, id)
	if err != nil || !p.in(body) {
		return nil, ignoring(err, NotFound)
	}
	had := p.Picture
	p.Picture = nil
	if had == nil || picture == "" {
		return &p, nil
	}
	row, err := c.fileRow(ctx, picture)
	if err == nil && row.State == FileReady && row.Owner == at.User.ID && row.SHA256 == had.SHA256 && row.Kind == PageFile {
		p.Picture = &row.File
	}
	return &p, ignoring(err, NotFound)
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
