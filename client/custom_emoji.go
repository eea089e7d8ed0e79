package client

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/canteen-chat/canteen/wire"
)

// CustomEmoji returns the custom emoji of the workspace, by name.
func (c *Client) CustomEmoji(ctx context.Context) ([]wire.CustomEmoji, error) {
	list, err := call[wire.CustomEmojiList](ctx, c, http.MethodGet, "/emoji", nil)
	return list.Emoji, err
}

// AddCustomEmoji makes a custom emoji of a picture: a PNG, JPEG, WebP or GIF of at most 512 KiB.
func (c *Client) AddCustomEmoji(ctx context.Context, name string, picture []byte) (wire.CustomEmoji, error) {
	return c.postEmoji(ctx, name, func(form *multipart.Writer) error {
		part, err := form.CreateFormFile("file", "emoji")
		if err != nil {
			return err
		}
		_, err = part.Write(picture)
		return err
	})
}

// AddEmojiAlias gives another name to a custom emoji.
func (c *Client) AddEmojiAlias(ctx context.Context, name, of string) (wire.CustomEmoji, error) {
	return c.postEmoji(ctx, name, func(form *multipart.Writer) error { return form.WriteField("alias_of", of) })
}

func (c *Client) postEmoji(ctx context.Context, name string, rest func(*multipart.Writer) error) (out wire.CustomEmoji, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err = form.WriteField("name", name); err == nil {
		err = rest(form)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return out, fmt.Errorf("write a form: %w", err)
	}
	return out, c.send(ctx, http.MethodPost, "/emoji", form.FormDataContentType(), &body, &out)
}

// RenameCustomEmoji gives a custom emoji another main name. The former one stays as an alias.
func (c *Client) RenameCustomEmoji(ctx context.Context, name, to string) (wire.CustomEmoji, error) {
	return call[wire.CustomEmoji](ctx, c, http.MethodPatch, "/emoji/"+url.PathEscape(name), wire.RenameEmoji{Name: to})
}

// DeleteCustomEmoji deletes a name of a custom emoji; with the main name, the emoji and all its names.
func (c *Client) DeleteCustomEmoji(ctx context.Context, name string) error {
	return c.Do(ctx, http.MethodDelete, "/emoji/"+url.PathEscape(name), nil, nil)
}

// EmojiPicture returns a picture of a custom emoji, a PNG or GIF, by its id.
func (c *Client) EmojiPicture(ctx context.Context, picture string) ([]byte, error) {
	return call[[]byte](ctx, c, http.MethodGet, "/emoji/pictures/"+url.PathEscape(picture), nil)
}
