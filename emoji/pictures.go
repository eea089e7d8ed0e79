// Package emoji keeps the pictures of custom emoji as bodies (package files), made small and clean by package picture.
//
// The body of a picture has the key "e." and its id. The package imports chat, files and picture.
package emoji

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/picture"
)

// Pictures implements chat.EmojiPictures.
type Pictures struct {
	Bodies  files.Bodies
	Decoder *picture.Decoder
}

var _ chat.EmojiPictures = (*Pictures)(nil)

// Key is the key of the body of a picture.
func Key(id string) string { return "e." + id }

// Make implements chat.EmojiPictures.
func (p *Pictures) Make(ctx context.Context, data []byte) ([]byte, error) {
	made, err := p.Decoder.Emoji(ctx, data)
	for of, why := range refusals() {
		if errors.Is(err, of) {
			return nil, chat.InvalidField("file", "%s", why)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make an emoji of a picture: %w", files.Busy(err))
	}
	if len(made.Body) > chat.EmojiPictureBytes {
		return nil, chat.InvalidField("file", "At 128 pixels the picture still has more than %d KiB.", chat.EmojiPictureBytes>>10)
	}
	return made.Body, nil
}

// refusals say why a picture cannot become an emoji.
func refusals() map[error]string {
	return map[error]string{
		picture.ErrTooLarge:      "The picture is too large. At most 512 KiB and 16,384 pixels a side are allowed.",
		picture.ErrTooManyFrames: "The picture has too many frames. At most 500 are allowed.",
		picture.ErrTooManyScans:  "The picture is drawn in too many passes. Save it as a PNG.",
		picture.ErrBroken:        "The picture is damaged.",
		picture.ErrAnimated:      "Moving WebP pictures are not supported. Save it as a GIF.",
		picture.ErrNotPicture:    "A PNG, JPEG, WebP or GIF is needed.",
	}
}

// Put implements chat.EmojiPictures.
func (p *Pictures) Put(ctx context.Context, id string, made []byte) error {
	return p.Bodies.Put(ctx, Key(id), http.DetectContentType(made), bytes.NewReader(made), int64(len(made)))
}

// Open implements chat.EmojiPictures.
func (p *Pictures) Open(ctx context.Context, id string) ([]byte, error) {
	if !chat.IsID(id) {
		return nil, chat.ErrNotFound()
	}
	body, err := p.Bodies.Open(ctx, Key(id))
	if err != nil {
		return nil, err
	}
	made, err := io.ReadAll(io.LimitReader(body, chat.EmojiPictureBytes))
	return made, errors.Join(err, body.Close())
}

// Delete implements chat.EmojiPictures.
func (p *Pictures) Delete(ctx context.Context, id string) error { return p.Bodies.Delete(ctx, Key(id)) }
