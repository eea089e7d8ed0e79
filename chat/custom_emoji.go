package chat

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// CustomEmoji is a name of a picture of the workspace's own. A picture may have several names; they share its id. A name stays the picture's
// for ever: nobody can give a deleted name to another picture, so that old messages never show something else.
type CustomEmoji struct {
	Name    string
	Picture string    // its id; see EmojiPictures
	Sum     string    // SHA-256 of the picture, in hexadecimal
	By      string    // who gave the name; of one that is or was the main name, who made the emoji
	At      time.Time // when
	MainAt  time.Time // when it became the main name; zero for a name that never was it
	Deleted bool
	AliasOf string // the main name, where this is another one; derived
}

// CustomEmojiStore holds the names.
type CustomEmojiStore interface {
	// AllCustomEmoji are the names that are not deleted, sorted, without AliasOf, and the revision of the list.
	AllCustomEmoji(ctx context.Context) ([]CustomEmoji, string, error)
	// CustomEmojiRevision is the revision of the list: another one after each change, "" before the first.
	CustomEmojiRevision(ctx context.Context) (string, error)
	// CustomEmojiNamed are those of the names that exist, deleted ones included, in any order and without AliasOf.
	CustomEmojiNamed(ctx context.Context, names []string) ([]CustomEmoji, error)
	// AddCustomEmoji refuses what [AddCustomEmoji.Row] refuses. Announces CustomEmojiChanged.
	AddCustomEmoji(ctx context.Context, c AddCustomEmoji) (CustomEmoji, error)
	// DeleteCustomEmoji marks names as deleted. ErrStale unless those of the picture are c.Was. Announces CustomEmojiChanged.
	DeleteCustomEmoji(ctx context.Context, c DeleteCustomEmoji) error
}

// AddCustomEmoji gives a name to a picture.
type AddCustomEmoji struct {
	Facts    Facts
	Emoji    CustomEmoji // with From: without Picture and Sum
	From     string      // a name that the picture has already; "" for a new picture
	Revision string      // what the list has after the command
}

// Row is what the command stores. was is the row of the name, if there is one; alike are all names of the picture of From; all is how many
// names there are, deleted ones apart. NotFound when From is no name; Conflict when the name is taken or was another picture's, and when
// there are too many.
func (c AddCustomEmoji) Row(was *CustomEmoji, alike []CustomEmoji, all int) (CustomEmoji, error) {
	e := c.Emoji
	if c.From != "" {
		i := slices.IndexFunc(alike, func(o CustomEmoji) bool { return o.Name == c.From })
		if i < 0 {
			return e, ErrNotFound()
		}
		e.Picture, e.Sum = alike[i].Picture, alike[i].Sum
	}
	switch {
	case was != nil && was.Deleted && was.Sum != e.Sum:
		return e, emojiConflict("name", "This name belonged to another picture, which old messages may refer to. Choose another name.")
	case was != nil && !was.Deleted && was.Picture == e.Picture && !e.MainAt.IsZero():
		was.MainAt, was.By = e.MainAt, e.By
		return *was, nil
	case was != nil && !was.Deleted:
		return e, emojiConflict("name", "There is an emoji of this name already. Choose another name.")
	case all >= MaxCustomEmoji:
		return e, emojiConflict("", "There can be at most %d custom emoji. Ask for some to be deleted.", MaxCustomEmoji)
	case len(alike) >= MaxEmojiNames:
		return e, emojiConflict("", "An emoji can have at most %d names.", MaxEmojiNames)
	}
	return e, nil
}

func emojiConflict(field, format string, args ...any) *Error {
	err := Errorf(Conflict, format, args...)
	err.Field = field
	return err
}

// DeleteCustomEmoji deletes names of a picture.
type DeleteCustomEmoji struct {
	Facts    Facts
	Was      []CustomEmoji // all names of the picture
	Names    []string      // those to be deleted
	Revision string        // what the list has after the command
}

// Rows are what the command stores. alike are all names of the picture. ErrStale if they are not those that the command rests on.
func (c DeleteCustomEmoji) Rows(alike []CustomEmoji) ([]CustomEmoji, error) {
	if !slices.EqualFunc(byName(alike), byName(c.Was), func(a, b CustomEmoji) bool {
		return a.Name == b.Name && a.By == b.By && a.MainAt.Equal(b.MainAt)
	}) {
		return nil, ErrStale
	}
	var out []CustomEmoji
	for _, e := range alike {
		if slices.Contains(c.Names, e.Name) {
			e.Deleted = true
			out = append(out, e)
		}
	}
	return out, nil
}

func byName(es []CustomEmoji) []CustomEmoji {
	return slices.SortedFunc(slices.Values(es), func(a, b CustomEmoji) int { return cmp.Compare(a.Name, b.Name) })
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

// sameEmoji are the names of the picture that has a name.
func sameEmoji(all []CustomEmoji, name string) []CustomEmoji {
	i := slices.IndexFunc(all, func(e CustomEmoji) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(all), func(e CustomEmoji) bool { return e.Picture != all[i].Picture })
}

// withMain fills AliasOf. The main name of a picture is the one that became it last.
func withMain(all []CustomEmoji) []CustomEmoji {
	main := map[string]CustomEmoji{}
	for _, e := range byName(all) {
		if m, ok := main[e.Picture]; !ok || e.MainAt.After(m.MainAt) {
			main[e.Picture] = e
		}
	}
	for i, e := range all {
		if all[i].AliasOf = ""; main[e.Picture].Name != e.Name {
			all[i].AliasOf = main[e.Picture].Name
		}
	}
	return all
}

// CustomEmoji are those of the workspace, and the revision of the list; have says of a revision whether the list is not needed. Guests are
// not told who made them.
func (c *Canteen) CustomEmoji(ctx context.Context, a Actor, have func(revision string) bool) ([]CustomEmoji, string, error) {
	revision := ""
	all, err := perform(ctx, c, a, CmdCustomEmoji, use[[]CustomEmoji]{do: func(at *attempt) (all []CustomEmoji, err error) {
		if revision, err = c.emoji.CustomEmojiRevision(ctx); err != nil || have(revision) {
			return nil, err
		}
		all, revision, err = c.emoji.AllCustomEmoji(ctx)
		for i := range all {
			if at.User.Role == Guest {
				all[i].By = ""
			}
		}
		return withMain(all), err
	}})
	return all, revision, err
}

// EmojiPicture is the picture of an id.
func (c *Canteen) EmojiPicture(ctx context.Context, a Actor, id string) ([]byte, error) {
	return perform(ctx, c, a, CmdEmojiPicture, use[[]byte]{do: func(*attempt) ([]byte, error) { return c.pictures.Open(ctx, id) }})
}

// newEmojiName checks the name that an emoji is to have.
func newEmojiName(name string) error {
	switch {
	case !text.IsEmojiName(name):
		return InvalidField("name", "Use %d to %d of the characters a-z 0-9 _ -.", text.EmojiNameMin, text.EmojiNameMax)
	case text.IsShortcode(name):
		return InvalidField("name", "A standard emoji has this name. Choose another one.")
	}
	return nil
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
func (c *Canteen) AddCustomEmoji(ctx context.Context, a Actor, name string, picture []byte) (CustomEmoji, error) {
	var e CustomEmoji
	var made []byte
	return perform(ctx, c, a, CmdAddCustomEmoji, use[CustomEmoji]{
		about:  aboutEmoji("emoji", name),
		may:    (*attempt).mayNameEmoji,
		state:  func(*attempt) (bool, error) { return false, newPicture(name, picture) },
		stores: func() int { return len(picture) + RowBytes },
		do: func(at *attempt) (_ CustomEmoji, err error) {
			if made == nil {
				if made, err = c.pictures.Make(ctx, picture); err != nil {
					return e, err
				}
				now, sum := c.clock.Time(), sha256.Sum256(made)
				e = CustomEmoji{Name: name, Picture: NewID(), Sum: hex.EncodeToString(sum[:]), By: at.User.ID, At: now, MainAt: now}
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
	if err := newEmojiName(name); err != nil {
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
func (c *Canteen) AddEmojiAlias(ctx context.Context, a Actor, name, of string) (CustomEmoji, error) {
	return perform(ctx, c, a, CmdAliasCustomEmoji, use[CustomEmoji]{
		about:  append(aboutEmoji("emoji", name), aboutEmoji("alias_of", of)...),
		may:    (*attempt).mayNameEmoji,
		state:  func(*attempt) (bool, error) { return false, newEmojiName(name) },
		stores: func() int { return RowBytes },
		do: func(at *attempt) (CustomEmoji, error) {
			e := CustomEmoji{Name: name, By: at.User.ID, At: c.clock.Time()}
			alike, err := c.seeEmoji(ctx, of)
			if err == nil {
				e, err = c.emoji.AddCustomEmoji(ctx, AddCustomEmoji{Facts: at.facts(), Emoji: e, From: of, Revision: NewID()})
			}
			switch {
			case ErrorCode(err) == NotFound:
				return e, InvalidField("alias_of", "There is no custom emoji of this name.")
			case err == nil:
				e.AliasOf = mainOf(alike).Name
			}
			return e, err
		},
	})
}

// RenameCustomEmoji gives an emoji another main name. The former one stays as an alias, so that nothing that was written changes. For who
// made the emoji, and for owners and admins of the workspace.
func (c *Canteen) RenameCustomEmoji(ctx context.Context, a Actor, name, to string) (CustomEmoji, error) {
	var alike []CustomEmoji
	return perform(ctx, c, a, CmdRenameCustomEmoji, use[CustomEmoji]{
		about: append(aboutEmoji("emoji", name), aboutEmoji("to", to)...),
		see:   func(at *attempt) (err error) { alike, err = c.seeEmoji(ctx, name); return err },
		may:   func(at *attempt) error { return at.ownsEmoji(alike, mainOf(alike).Name) },
		state: func(*attempt) (bool, error) { return mainOf(alike).Name == to, newEmojiName(to) },
		same:  func(*attempt) (CustomEmoji, error) { return mainOf(alike), nil },
		stores: func() int {
			return RowBytes
		},
		do: func(at *attempt) (CustomEmoji, error) {
			now := c.clock.Time()
			if main := mainOf(alike); !now.After(main.MainAt) {
				now = main.MainAt.Add(time.Millisecond)
			}
			e := CustomEmoji{Name: to, By: mainOf(alike).By, At: now, MainAt: now}
			return c.emoji.AddCustomEmoji(ctx, AddCustomEmoji{Facts: at.facts(), Emoji: e, From: name, Revision: NewID()})
		},
	})
}

// DeleteCustomEmoji deletes a name; with the main name of an emoji, all of its names and its picture. Where they were used, the names stand
// instead. For who gave the name, who made the emoji, and for owners and admins of the workspace.
func (c *Canteen) DeleteCustomEmoji(ctx context.Context, a Actor, name string) error {
	var alike []CustomEmoji
	_, err := perform(ctx, c, a, CmdDeleteCustomEmoji, use[struct{}]{
		about: aboutEmoji("emoji", name),
		see:   func(at *attempt) (err error) { alike, err = c.seeEmoji(ctx, name); return err },
		may:   func(at *attempt) error { return at.ownsEmoji(alike, name) },
		do: func(at *attempt) (none struct{}, err error) {
			cmd := DeleteCustomEmoji{Facts: at.facts(), Was: alike, Names: []string{name}, Revision: NewID()}
			if mainOf(alike).Name == name {
				cmd.Names = nil
				for _, e := range alike {
					cmd.Names = append(cmd.Names, e.Name)
				}
			}
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
func (c *Canteen) seeEmoji(ctx context.Context, name string) ([]CustomEmoji, error) {
	all, _, err := c.emoji.AllCustomEmoji(ctx)
	if err != nil {
		return nil, err
	}
	alike := sameEmoji(all, name)
	if len(alike) == 0 {
		return nil, ErrNotFound()
	}
	return withMain(alike), nil
}

func mainOf(alike []CustomEmoji) CustomEmoji {
	return alike[slices.IndexFunc(alike, func(e CustomEmoji) bool { return e.AliasOf == "" })]
}

// ownsEmoji holds for who gave the name, for who made the emoji that it names, and for owners and admins of the workspace.
func (at *attempt) ownsEmoji(alike []CustomEmoji, name string) error {
	if err := at.mayNameEmoji(); err != nil {
		return err
	}
	for _, e := range alike {
		if e.By == at.User.ID && (e.Name == name || e.AliasOf == "") {
			return nil
		}
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
	es = sameEmoji(slices.DeleteFunc(es, func(e CustomEmoji) bool { return e.Deleted }), name)
	for _, r := range rs {
		if slices.ContainsFunc(es, func(e CustomEmoji) bool { return ":"+e.Name+":" == r.Emoji }) {
			return r.Emoji, nil
		}
	}
	return emoji, nil
}
