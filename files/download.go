package files

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/canteen-chat/canteen/chat"
)

// Download is a body that somebody may see now: either where it can be read, or the open body, which the caller closes.
type Download struct {
	URL  string
	Body Body
	Headers
	ETag string // strong: another body has another one
}

// File gives the body of a file. save makes browsers store it instead of showing it.
func (f *Files) File(ctx context.Context, a chat.Actor, id string, save bool) (Download, error) {
	file, err := f.o.Rules.File(ctx, a, id)
	if err != nil {
		return Download{}, err
	}
	as := Headers{Type: servedType(file), Disposition: disposition("attachment", file.Name)}
	if inline(file) && !save {
		as.Disposition = disposition("inline", file.Name)
	}
	return f.open(ctx, file.ID, as, `"`+file.SHA256+`"`)
}

// Thumb gives a thumbnail of a file: NotFound if there is none of this size.
func (f *Files) Thumb(ctx context.Context, a chat.Actor, id string, size int) (Download, error) {
	file, err := f.o.Rules.File(ctx, a, id)
	if err != nil {
		return Download{}, err
	}
	if !slices.Contains(file.Thumbs, size) {
		return Download{}, chat.ErrNotFound()
	}
	d, err := f.open(ctx, ThumbKey(file.ID, size), Headers{Disposition: "inline"}, fmt.Sprintf(`"%s.%d"`, file.SHA256, size))
	if err != nil || d.Body == nil {
		return d, err
	}
	d.Type, err = thumbType(d.Body)
	return d, err
}

func (f *Files) open(ctx context.Context, key string, as Headers, tag string) (Download, error) {
	d := Download{Headers: as, ETag: tag}
	var err error
	if d.URL, err = f.o.Bodies.URL(ctx, key, as); err != nil || d.URL != "" {
		return d, err
	}
	d.Body, err = f.o.Bodies.Open(ctx, key)
	return d, err
}

// thumbType is the type of a thumbnail, which is a PNG or a JPEG.
func thumbType(body Body) (string, error) {
	head := make([]byte, 4)
	n, err := body.Read(head)
	if err != nil {
		return "", err
	}
	if _, err := body.Seek(0, 0); err != nil {
		return "", err
	}
	if string(head[:n]) == "\x89PNG" {
		return "image/png", nil
	}
	return "image/jpeg", nil
}

// inlineTypes are the types that browsers may show in place, because they can neither run nor contain scripts.
func inlineTypes() []string {
	return []string{
		"image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "video/webm", "audio/mpeg", "audio/ogg", "audio/wav",
		"audio/mp4", "audio/webm",
	}
}

// inline says whether browsers may show the file in place. The type is that of its bytes.
func inline(f chat.File) bool {
	return f.Kind != chat.OtherFile && slices.Contains(inlineTypes(), f.Type)
}

// servedType is the type by which a file is sent: that of its bytes if it may be shown, and otherwise one that says nothing.
func servedType(f chat.File) string {
	if inline(f) {
		return f.Type
	}
	return "application/octet-stream"
}

// disposition is the value of Content-Disposition (RFC 6266), with the name in ASCII for old clients and in UTF-8 (RFC 8187).
func disposition(kind, name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, kind, ascii, strings.ReplaceAll(url.QueryEscape(name), "+", "%20"))
}
