package rest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) emojiRoutes(api huma.API) {
	add(h, api, h.route("listEmoji GET /emoji 304", "The custom emoji of the workspace",
		"All names, aliases included, with an ETag.",
		chat.CmdCustomEmoji), h.customEmoji)
	add(h, api, h.route("addEmoji POST /emoji 201 409", "Add a custom emoji, or an alias",
		"For all but guests. A PNG, JPEG, WebP or GIF of at most 512 KiB; it becomes a picture of at most 128 pixels a side, "+
			"and what moves in a GIF still does. The name is no shortcode of a standard emoji, and none that was another picture's, "+
			"deleted or not: 409. With alias_of in place of file, the name is another one of that emoji. "+
			"409 at 2,000 names, and at 20 of one picture.",
		chat.CmdAddCustomEmoji, chat.CmdAliasCustomEmoji), h.addEmoji)
	postsForm(api, "/emoji", &huma.Schema{
		Type: huma.TypeObject, Required: []string{"name"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"name":     {Type: huma.TypeString, Format: "emoji-name"},
			"file":     {Type: huma.TypeString, Format: "binary", Description: "The picture"},
			"alias_of": {Type: huma.TypeString, Format: "emoji-name", Description: "A name of the emoji that gets another one"},
		},
	})
	add(h, api, h.route("renameEmoji PATCH /emoji/{name} 409", "Give a custom emoji another main name",
		"For who made it, owners and admins. The former name stays as an alias: what was written does not change. 409 as above.",
		chat.CmdRenameCustomEmoji), h.renameEmoji)
	add(h, api, h.route("deleteEmoji DELETE /emoji/{name} 204", "Delete a custom emoji, or an alias",
		"For who gave the name, who made the emoji, owners and admins. The main name goes with all aliases and the picture. "+
			"Where they were used, the names stand instead.",
		chat.CmdDeleteCustomEmoji), h.deleteEmoji)
	picture := h.route("getEmojiPicture GET /emoji/pictures/{id}", "The picture of a custom emoji",
		"A PNG or GIF. The picture of an id never changes, so that clients can keep it. Does not count as a request.",
		chat.CmdEmojiPicture)
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	picture.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{pngType: binary, gifType: binary},
	}}
	h.light["GET "+picture.Path] = true
	add(h, api, picture, h.emojiPicture)
}

const (
	pngType = "image/png"
	gifType = "image/gif"
)

func (h *Handler) customEmoji(ctx context.Context, a chat.Actor, in *Conditional) (*tagged[*wire.CustomEmojiList], error) {
	tag := func(revision string) string {
		return fmt.Sprintf(`W/"emoji-%s-%t"`, revision, a.User.Role == chat.Guest)
	}
	has := false
	all, revision, err := h.canteen.CustomEmoji(ctx, a, func(revision string) bool {
		has = in.IfNoneMatch != "" && matches(in.IfNoneMatch, tag(revision))
		return has
	})
	if err != nil {
		return nil, err
	}
	if has {
		return &tagged[*wire.CustomEmojiList]{Status: http.StatusNotModified, ETag: tag(revision)}, nil
	}
	return &tagged[*wire.CustomEmojiList]{
		Status: http.StatusOK, ETag: tag(revision), Body: &wire.CustomEmojiList{Emoji: each(all, wire.NewCustomEmoji)},
	}, nil
}

// addEmoji gets its parts from the form, which received has read.
func (h *Handler) addEmoji(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.CustomEmoji], error) {
	form := requestOf(ctx).form
	if err := form.only("name", "file", "alias_of"); err != nil {
		return nil, err
	}
	of, aliased := form["alias_of"]
	picture, given := form["file"]
	switch {
	case aliased && given:
		return nil, chat.InvalidField("alias_of", "Send either a file or alias_of.")
	case aliased:
		e, err := h.canteen.AddEmojiAlias(ctx, a, string(form["name"]), string(of))
		return ok(wire.NewCustomEmoji(e)), err
	}
	e, err := h.canteen.AddCustomEmoji(ctx, a, string(form["name"]), picture)
	return ok(wire.NewCustomEmoji(e)), err
}

type emojiIn struct {
	Name string `path:"name" format:"emoji-name"`
}

type renameEmojiIn struct {
	Name string `path:"name" format:"emoji-name"`
	Body wire.RenameEmoji
}

func (h *Handler) renameEmoji(ctx context.Context, a chat.Actor, in *renameEmojiIn) (*bodyOut[wire.CustomEmoji], error) {
	e, err := h.canteen.RenameCustomEmoji(ctx, a, in.Name, in.Body.Name)
	return ok(wire.NewCustomEmoji(e)), err
}

func (h *Handler) deleteEmoji(ctx context.Context, a chat.Actor, in *emojiIn) (*none, error) {
	return nil, h.canteen.DeleteCustomEmoji(ctx, a, in.Name)
}

// pictureOut is a picture. A page that loads it by its own address can do nothing.
type pictureOut struct {
	ContentType string `header:"Content-Type"`
	Cache       string `header:"Cache-Control"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

func (h *Handler) emojiPicture(ctx context.Context, a chat.Actor, in *idIn) (*pictureOut, error) {
	picture, err := h.canteen.EmojiPicture(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	out := &pictureOut{
		ContentType: pngType, Cache: "private, max-age=31536000, immutable", Policy: "sandbox; default-src 'none'", Body: picture,
	}
	if bytes.HasPrefix(picture, []byte("GIF8")) {
		out.ContentType = gifType
	}
	return out, nil
}
