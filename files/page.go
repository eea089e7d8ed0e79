package files

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/canteen-chat/canteen/chat"
)

// pagePrefix begins the keys of pictures of web pages. They are a cache: the sweeper deletes them when they are a day old.
const pagePrefix = "p."

// Pages keeps the pictures of web pages that have a preview.
type Pages struct {
	Bodies Bodies
	Full   func() bool // whether the room that is left is for what people write. nil: never
}

// KeepPicture keeps a picture: Unavailable while there is no room.
func (p Pages) KeepPicture(ctx context.Context, id, mediaType string, body []byte) error {
	return p.AddPicture(ctx, pagePrefix+id, mediaType, body)
}

// AddPicture makes a picture the body of a file: Unavailable while there is no room.
func (p Pages) AddPicture(ctx context.Context, file, mediaType string, body []byte) error {
	if p.Full != nil && p.Full() {
		return chat.ErrUnavailable(errors.New("no room for pictures of pages"))
	}
	return p.Bodies.Put(ctx, file, mediaType, bytes.NewReader(body), int64(len(body)))
}

// CopyPicture makes a kept picture the body of a file as well: NotFound if it is not kept any more.
func (p Pages) CopyPicture(ctx context.Context, id, mediaType, file string) error {
	body, err := p.Bodies.Open(ctx, pagePrefix+id)
	if err != nil {
		return err
	}
	return errors.Join(p.Bodies.Put(ctx, file, mediaType, body, body.Size()), body.Close())
}

func isPagePicture(key string) bool { return strings.HasPrefix(key, pagePrefix) }
