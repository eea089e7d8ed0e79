package wire

import "github.com/canteen-chat/canteen/emojiname"

// CustomEmoji is a name of a picture of the workspace's own. Texts and reactions hold it as :name:.
type CustomEmoji struct {
	Name      string `json:"name" format:"emoji-name"`
	Picture   string `json:"picture" format:"id" doc:"The id of the picture, which all its names share"`
	AliasOf   string `json:"alias_of,omitempty" format:"emoji-name" doc:"The main name of the picture, where this is another one"`
	By        string `json:"by,omitempty" format:"id" doc:"Who gave the name. Guests are not told"`
	CreatedAt Time   `json:"created_at" format:"date-time"`
}

// NewCustomEmoji maps a custom emoji.
func NewCustomEmoji(e emojiname.Emoji) CustomEmoji {
	return CustomEmoji{Name: e.Name, Picture: e.Picture, AliasOf: e.AliasOf, By: e.By, CreatedAt: Time{e.At}}
}

// CustomEmojiList is the answer of GET /emoji.
type CustomEmojiList struct {
	Emoji []CustomEmoji `json:"emoji" nullable:"false" doc:"Sorted by name"`
}

// RenameEmoji is the body of PATCH /emoji/{name}.
type RenameEmoji struct {
	Name string `json:"name" format:"emoji-name" doc:"The new main name"`
}
