package chat

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/text"
)

// CustomEmojiStore holds the names.
type CustomEmojiStore interface {
	// AllCustomEmoji are the names that are not deleted, sorted, without AliasOf, and the revision of the list.
	AllCustomEmoji(ctx context.Context) ([]emojiname.Emoji, string, error)
	// CustomEmojiRevision is the revision of the list: another one after each change, "" before the first.
	CustomEmojiRevision(ctx context.Context) (string, error)
	// CustomEmojiNamed are those of the names that exist, deleted ones included, in any order and without AliasOf.
	CustomEmojiNamed(ctx context.Context, names []string) ([]emojiname.Emoji, error)
	// AddCustomEmoji refuses what [AddCustomEmoji.Row] refuses. Announces CustomEmojiChanged.
	AddCustomEmoji(ctx context.Context, c AddCustomEmoji) (emojiname.Emoji, error)
	// DeleteCustomEmoji marks names as deleted. ErrStale unless those of the picture are c.Was. Announces CustomEmojiChanged.
	DeleteCustomEmoji(ctx context.Context, c DeleteCustomEmoji) error
}

// AddCustomEmoji gives a name to a picture.
type AddCustomEmoji struct {
	Facts    Facts
	Emoji    emojiname.Emoji // with From: without Picture and Sum
	From     string          // a name that the picture has already; "" for a new picture
	Revision string          // what the list has after the command
}

// Row is what the command stores. was is the row of the name, if there is one; alike are all names of the picture of From; all is how many
// names there are, deleted ones apart. NotFound when From is no name; Conflict when the name is taken or was another picture's, and when
// there are too many.
func (c AddCustomEmoji) Row(was *emojiname.Emoji, alike []emojiname.Emoji, all int) (emojiname.Emoji, error) {
	e := c.Emoji
	if c.From != "" {
		of, ok := e.Of(alike, c.From)
		if !ok {
			return e, ErrNotFound()
		}
		e = of
	}
	row, field, why := e.Added(was, len(alike), all)
	if why != "" {
		return e, errTaken(field, why)
	}
	return row, nil
}

// DeleteCustomEmoji deletes names of a picture.
type DeleteCustomEmoji struct {
	Facts    Facts
	Was      []emojiname.Emoji // all names of the picture
	Names    []string          // those to be deleted
	Revision string            // what the list has after the command
}

// Rows are what the command stores. alike are all names of the picture. ErrStale if they are not those that the command rests on.
func (c DeleteCustomEmoji) Rows(alike []emojiname.Emoji) ([]emojiname.Emoji, error) {
	rows, ok := emojiname.Deleted(alike, c.Was, c.Names)
	if !ok {
		return nil, ErrStale
	}
	return rows, nil
}

// EmojiPictures holds the pictures.
type EmojiPictures interface {
	// Make makes of a picture what is kept: at most 128 pixels a side, without metadata. Invalid, with the reason, for what cannot
	// become an emoji.
	Make(ctx context.Context, picture []byte) ([]byte, error)
	Put(ctx context.Context, id string, made []byte) error
	// Open is NotFound for an unknown id.
	Open(ctx context.Context, id string) ([]byte, error)
	Delete(ctx context.Context, id string) error
}

// CustomEmoji are those of the workspace, and the revision of the list; have says of a revision whether the list is not needed. Guests are
// not told who made them.
func (c *Canteen) CustomEmoji(ctx context.Context, a Actor, have func(revision string) bool) ([]emojiname.Emoji, string, error) {
	revision := ""
	all, err := perform(ctx, c, a, CmdCustomEmoji, use[[]emojiname.Emoji]{do: func(at *attempt) (all []emojiname.Emoji, err error) {
		if revision, err = c.emoji.CustomEmojiRevision(ctx); err != nil || have(revision) {
			return nil, err
		}
		all, revision, err = c.emoji.AllCustomEmoji(ctx)
		for i := range all {
			if at.User.Role == Guest {
				all[i].By = ""
			}
		}
		return emojiname.WithMain(all), err
	}})
	return all, revision, err
}

// EmojiPicture is the picture of an id.
func (c *Canteen) EmojiPicture(ctx context.Context, a Actor, id string) ([]byte, error) {
	return perform(ctx, c, a, CmdEmojiPicture, use[[]byte]{do: func(*attempt) ([]byte, error) { return c.pictures.Open(ctx, id) }})
}

// aboutEmoji is an attribute of an audit line; none for what is no name, which could be anything.
func aboutEmoji(key, name string) []any {
	if !text.IsEmojiName(name) {
		return nil
	}
	return []any{key, name}
}

// mayNameEmoji holds for all but guests.
func (at *attempt) mayNameEmoji() error {
	if at.User.Role == Guest {
		return Errorf(Forbidden, "Guests cannot change the emoji of the workspace.")
	}
	return nil
}

// AddCustomEmoji makes an emoji of a picture: every user's right but guests'.
func (c *Canteen) AddCustomEmoji(ctx context.Context, a Actor, name string, picture []byte) (emojiname.Emoji, error) {
	var e emojiname.Emoji
	var made []byte
	return perform(ctx, c, a, CmdAddCustomEmoji, use[emojiname.Emoji]{
		about:  aboutEmoji("emoji", name),
		may:    (*attempt).mayNameEmoji,
		state:  func(*attempt) (bool, error) { return false, newPicture(name, picture) },
		stores: func() int { return len(picture) + RowBytes },
		do: func(at *attempt) (_ emojiname.Emoji, err error) {
			if made == nil {
				if made, err = c.pictures.Make(ctx, picture); err != nil {
					return e, err
				}
				e = emojiname.New(name, NewID(), made, at.User.ID, c.clock.Time())
			}
			if err := c.pictures.Put(ctx, e.Picture, made); err != nil {
				return e, err
			}
			added, err := c.emoji.AddCustomEmoji(ctx, AddCustomEmoji{Facts: at.facts(), Emoji: e, Revision: NewID()})
			if err != nil && !uncertain(err) {
				c.dropPicture(ctx, e.Picture)
			}
			return added, err
		},
	})
}

func newPicture(name string, picture []byte) error {
	if err := reason("name", emojiname.Check(name)); err != nil {
		return err
	}
	if len(picture) == 0 || len(picture) > EmojiPictureBytes {
		return InvalidField("file", "A picture of at most %d KiB is needed.", EmojiPictureBytes>>10)
	}
	return nil
}

// dropPicture deletes a picture that no name has. If that fails, it only takes up room.
func (c *Canteen) dropPicture(ctx context.Context, id string) {
	if err := c.pictures.Delete(context.WithoutCancel(ctx), id); err != nil {
		c.log.WarnContext(ctx, "the picture of an emoji was not deleted", "picture", id, "error", err)
	}
}

// AddEmojiAlias gives another name to a custom emoji: every user's right but guests'.
func (c *Canteen) AddEmojiAlias(ctx context.Context, a Actor, name, of string) (emojiname.Emoji, error) {
	return perform(ctx, c, a, CmdAliasCustomEmoji, use[emojiname.Emoji]{
		about:  append(aboutEmoji("emoji", name), aboutEmoji("alias_of", of)...),
		may:    (*attempt).mayNameEmoji,
		state:  func(*attempt) (bool, error) { return false, reason("name", emojiname.Check(name)) },
		stores: func() int { return RowBytes },
		do: func(at *attempt) (emojiname.Emoji, error) {
			e := emojiname.Emoji{Name: name, By: at.User.ID, At: c.clock.Time()}
			alike, err := c.seeEmoji(ctx, of)
			if err == nil {
				e, err = c.emoji.AddCustomEmoji(ctx, AddCustomEmoji{Facts: at.facts(), Emoji: e, From: of, Revision: NewID()})
			}
			switch {
			case ErrorCode(err) == NotFound:
				return e, InvalidField("alias_of", "There is no custom emoji of this name.")
			case err == nil:
				e.AliasOf = emojiname.Main(alike).Name
			}
			return e, err
		},
	})
}

// RenameCustomEmoji gives an emoji another main name. The former one stays as an alias, so that nothing that was written changes. For who
// made the emoji, and for owners and admins of the workspace.
func (c *Canteen) RenameCustomEmoji(ctx context.Context, a Actor, name, to string) (emojiname.Emoji, error) {
	var alike []emojiname.Emoji
	return perform(ctx, c, a, CmdRenameCustomEmoji, use[emojiname.Emoji]{
		about: append(aboutEmoji("emoji", name), aboutEmoji("to", to)...),
		see:   func(at *attempt) (err error) { alike, err = c.seeEmoji(ctx, name); return err },
		may:   func(at *attempt) error { return at.ownsEmoji(alike, emojiname.Main(alike).Name) },
		state: func(*attempt) (bool, error) {
			return emojiname.Main(alike).Name == to, reason("name", emojiname.Check(to))
		},
		same: func(*attempt) (emojiname.Emoji, error) { return emojiname.Main(alike), nil },
		stores: func() int {
			return RowBytes
		},
		do: func(at *attempt) (emojiname.Emoji, error) {
			e := emojiname.Main(alike).Renamed(to, c.clock.Time())
			return c.emoji.AddCustomEmoji(ctx, AddCustomEmoji{Facts: at.facts(), Emoji: e, From: name, Revision: NewID()})
		},
	})
}

// DeleteCustomEmoji deletes a name; with the main name of an emoji, all of its names and its picture. Where they were used, the names stand
// instead. For who gave the name, who made the emoji, and for owners and admins of the workspace.
func (c *Canteen) DeleteCustomEmoji(ctx context.Context, a Actor, name string) error {
	var alike []emojiname.Emoji
	_, err := perform(ctx, c, a, CmdDeleteCustomEmoji, use[struct{}]{
		about: aboutEmoji("emoji", name),
		see:   func(at *attempt) (err error) { alike, err = c.seeEmoji(ctx, name); return err },
		may:   func(at *attempt) error { return at.ownsEmoji(alike, name) },
		do: func(at *attempt) (none struct{}, err error) {
			cmd := DeleteCustomEmoji{Facts: at.facts(), Was: alike, Names: emojiname.Ends(alike, name), Revision: NewID()}
			if err := c.emoji.DeleteCustomEmoji(ctx, cmd); err != nil {
				return none, err
			}
			if len(cmd.Names) == len(alike) {
				c.dropPicture(ctx, alike[0].Picture)
			}
			return none, nil
		},
	})
	return err
}

// seeEmoji gives all names of the picture of a name. NotFound when there is no such name.
func (c *Canteen) seeEmoji(ctx context.Context, name string) ([]emojiname.Emoji, error) {
	all, _, err := c.emoji.AllCustomEmoji(ctx)
	if err != nil {
		return nil, err
	}
	alike := emojiname.Alike(all, name)
	if len(alike) == 0 {
		return nil, ErrNotFound()
	}
	return emojiname.WithMain(alike), nil
}

// ownsEmoji holds for who gave the name, for who made the emoji that it names, and for owners and admins of the workspace.
func (at *attempt) ownsEmoji(alike []emojiname.Emoji, name string) error {
	if err := at.mayNameEmoji(); err != nil {
		return err
	}
	if emojiname.Gave(alike, name, at.User.ID) {
		return nil
	}
	return at.administers()
}

// oneEmoji is the canonical form of exactly one emoji, standard or custom. Whether there is such a custom one, it does not say.
func oneEmoji(s string) (canonical string, ok bool) {
	if _, ok := text.CustomEmoji(s); ok {
		return s, true
	}
	return text.Emoji(s)
}

// knownEmoji is Invalid, naming the field, for a custom emoji that there is not.
func (c *Canteen) knownEmoji(ctx context.Context, field, emoji string) error {
	name, custom := text.CustomEmoji(emoji)
	if !custom {
		return nil
	}
	es, err := c.emoji.CustomEmojiNamed(ctx, []string{name})
	if err == nil && (len(es) == 0 || es[0].Deleted) {
		err = InvalidField(field, "There is no emoji %s.", emoji)
	}
	return err
}

// joins is the emoji under which a reaction with emoji counts on a message: of a custom one, the name of the same picture that is there
// already.
func (c *Canteen) joins(ctx context.Context, rs []Reaction, emoji string) (string, error) {
	name, custom := text.CustomEmoji(emoji)
	if !custom || slices.ContainsFunc(rs, func(r Reaction) bool { return r.Emoji == emoji }) {
		return emoji, nil
	}
	names := []string{name}
	for _, r := range rs {
		if n, custom := text.CustomEmoji(r.Emoji); custom {
			names = append(names, n)
		}
	}
	if len(names) == 1 {
		return emoji, nil
	}
	es, err := c.emoji.CustomEmojiNamed(ctx, names)
	if err != nil {
		return "", err
	}
	es = emojiname.Alike(slices.DeleteFunc(es, func(e emojiname.Emoji) bool { return e.Deleted }), name)
	for _, r := range rs {
		if slices.ContainsFunc(es, func(e emojiname.Emoji) bool { return ":"+e.Name+":" == r.Emoji }) {
			return r.Emoji, nil
		}
	}
	return emoji, nil
}
