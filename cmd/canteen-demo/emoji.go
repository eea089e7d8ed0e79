package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emoji"
	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/text"
)

// addEmoji adds the custom emoji that company/emoji.txt lists: a file, who added it, and other names.
func (t *town) addEmoji(ctx context.Context, dir string) (err error) {
	bodies, err := server.OpenBodies(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bodies.Close()) }()
	pictures := &emoji.Pictures{Bodies: bodies, Decoder: picture.NewDecoder()}
	list, err := company.ReadFile("company/emoji.txt")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(list)) {
		words := strings.Fields(line)
		if err := t.addOne(ctx, pictures, words[0], words[1], words[2:]); err != nil {
			return fmt.Errorf("%s: %w", words[0], err)
		}
	}
	return nil
}

func (t *town) addOne(ctx context.Context, pictures *emoji.Pictures, file, by string, aliases []string) error {
	data, err := company.ReadFile("company/emoji/" + file)
	if err != nil {
		return err
	}
	made, err := pictures.Make(ctx, data)
	if err != nil {
		return err
	}
	name, at, sum := strings.TrimSuffix(file, path.Ext(file)), t.when.time(moment{days, opens}), sha256.Sum256(made)
	e := emojiname.Emoji{
		Name: name, Picture: id("emoji", name), Sum: hex.EncodeToString(sum[:]), By: id("user", by), At: at, MainAt: at,
	}
	if err := pictures.Put(ctx, e.Picture, made); err != nil {
		return err
	}
	if _, err := t.store.AddCustomEmoji(ctx, chat.AddCustomEmoji{Emoji: e, Revision: chat.NewID()}); err != nil {
		return err
	}
	for _, alias := range aliases {
		a := emojiname.Emoji{Name: alias, By: e.By, At: at}
		if _, err := t.store.AddCustomEmoji(ctx, chat.AddCustomEmoji{Emoji: a, From: name, Revision: chat.NewID()}); err != nil {
			return err
		}
	}
	return nil
}

// oneEmoji is the canonical form of an emoji, standard or custom.
func oneEmoji(s string) (canonical string, ok bool) {
	if _, custom := text.CustomEmoji(s); custom {
		return s, true
	}
	return text.Emoji(s)
}
