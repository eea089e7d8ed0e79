package dynamodb

import (
	"cmp"
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/emojiname"
)

var _ chat.CustomEmojiStore = (*Store)(nil)

// The names of custom emoji lie in one partition of the table rooms, the deleted ones included. Every change of them changes the item of the
// list, so that one change happens at a time.
const customEmojiPK = "emoji"

func emojiKey(name string) table.Key { return table.NewKey(rooms, customEmojiPK, name) }
func emojiListKey() table.Key        { return table.NewKey(rooms, "workspace", "emoji") }

// emojiList is the state of the list.
type emojiList struct {
	Revision string `dynamodbav:"revision"`
	Names    int    `dynamodbav:"names"` // that are not deleted
}

// customEmoji is a emojiname.Emoji. main_at is 0 for the zero time.
type customEmoji struct {
	Name    string `dynamodbav:"name"`
	Picture string `dynamodbav:"picture"`
	Sum     string `dynamodbav:"sum"`
	By      string `dynamodbav:"by"`
	At      int64  `dynamodbav:"at"`
	MainAt  int64  `dynamodbav:"main_at"`
	Deleted bool   `dynamodbav:"deleted"`
}

func newEmoji(e emojiname.Emoji) customEmoji {
	return customEmoji{e.Name, e.Picture, e.Sum, e.By, table.Millis(e.At), table.Moment(e.MainAt), e.Deleted}
}

func (e customEmoji) toChat() emojiname.Emoji {
	return emojiname.Emoji{
		Name: e.Name, Picture: e.Picture, Sum: e.Sum, By: e.By, At: table.At(e.At), MainAt: table.MomentAt(e.MainAt), Deleted: e.Deleted,
	}
}

// AllCustomEmoji implements chat.CustomEmojiStore. It reads the revision first: if the list changes meanwhile, the revision is too old, and
// who asks again gets the list again.
func (s *Store) AllCustomEmoji(ctx context.Context) ([]emojiname.Emoji, string, error) {
	revision := ""
	all, err := read(ctx, s, func(t *tx) ([]emojiname.Emoji, error) {
		list, _, err := loadOptional[emojiList](t, emojiListKey())
		if err != nil {
			return nil, err
		}
		revision = list.Revision
		return t.liveEmoji()
	})
	return all, revision, err
}

// liveEmoji loads the names that are not deleted, sorted.
func (t *tx) liveEmoji() (out []emojiname.Emoji, err error) {
	all, err := loadPartition[customEmoji](t, rooms, customEmojiPK)
	for _, o := range all {
		if !o.v.Deleted {
			out = append(out, o.v.toChat())
		}
	}
	slices.SortFunc(out, func(a, b emojiname.Emoji) int { return cmp.Compare(a.Name, b.Name) })
	return out, err
}

// emojiLike loads all names of the picture that has a name; none for a name that is deleted.
func (t *tx) emojiLike(name string) ([]emojiname.Emoji, error) {
	all, err := t.liveEmoji()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(e emojiname.Emoji) bool { return e.Name == name })
	if i < 0 {
		return nil, nil
	}
	picture := all[i].Picture
	return slices.DeleteFunc(all, func(e emojiname.Emoji) bool { return e.Picture != picture }), nil
}

// CustomEmojiRevision implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiRevision(ctx context.Context) (string, error) {
	return read(ctx, s, func(t *tx) (string, error) {
		list, _, err := loadOptional[emojiList](t, emojiListKey())
		return list.Revision, err
	})
}

// CustomEmojiNamed implements chat.CustomEmojiStore.
func (s *Store) CustomEmojiNamed(ctx context.Context, names []string) ([]emojiname.Emoji, error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	return read(ctx, s, func(t *tx) (out []emojiname.Emoji, err error) {
		keys := make([]table.Key, len(names))
		for i, name := range names {
			keys[i] = emojiKey(name)
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		for _, k := range keys {
			if e, ok, err := loadOptional[customEmoji](t, k); err != nil {
				return nil, err
			} else if ok {
				out = append(out, e.toChat())
			}
		}
		return out, nil
	})
}

// AddCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) AddCustomEmoji(ctx context.Context, cmd chat.AddCustomEmoji) (emojiname.Emoji, error) {
	return write(ctx, s, func(t *tx) (e emojiname.Emoji, err error) {
		t.requireFacts(cmd.Facts)
		if _, err := t.Load(emojiListKey(), emojiKey(cmd.Emoji.Name)); err != nil {
			return e, err
		}
		list, _, err := loadOptional[emojiList](t, emojiListKey())
		if err != nil {
			return e, err
		}
		var was *emojiname.Emoji
		stored, ok, err := loadOptional[customEmoji](t, emojiKey(cmd.Emoji.Name))
		if err != nil {
			return e, err
		}
		if ok {
			kept := stored.toChat()
			was = &kept
		}
		var alike []emojiname.Emoji
		if cmd.From != "" {
			if alike, err = t.emojiLike(cmd.From); err != nil {
				return e, err
			}
		}
		if e, err = cmd.Row(was, alike, list.Names); err != nil {
			return e, err
		}
		if !ok || stored.Deleted {
			list.Names++
		}
		return e, t.putEmoji(list, cmd.Revision, e)
	})
}

// DeleteCustomEmoji implements chat.CustomEmojiStore.
func (s *Store) DeleteCustomEmoji(ctx context.Context, cmd chat.DeleteCustomEmoji) error {
	return do(ctx, s, func(t *tx) error {
		t.requireFacts(cmd.Facts)
		list, _, err := loadOptional[emojiList](t, emojiListKey())
		if err != nil {
			return err
		}
		alike, err := t.emojiLike(cmd.Was[0].Name)
		if err != nil {
			return err
		}
		es, err := cmd.Rows(alike)
		if err != nil {
			return err
		}
		list.Names -= len(es)
		return t.putEmoji(list, cmd.Revision, es...)
	})
}

// putEmoji writes names, and the list with its new revision.
func (t *tx) putEmoji(list emojiList, revision string, es ...emojiname.Emoji) error {
	for _, e := range es {
		if err := t.Put(emojiKey(e.Name), newEmoji(e)); err != nil {
			return err
		}
	}
	list.Revision = revision
	if err := t.Put(emojiListKey(), list); err != nil {
		return err
	}
	return t.addEvent(chat.CustomEmojiChanged{}, 0)
}

// countEmoji makes the list after an import: it counts the names.
func (s *Store) countEmoji(ctx context.Context) error {
	return do(ctx, s, func(t *tx) error {
		live, err := t.liveEmoji()
		if err != nil || len(live) == 0 {
			return err
		}
		if _, err := t.Load(emojiListKey()); err != nil {
			return err
		}
		return t.Put(emojiListKey(), emojiList{chat.NewID(), len(live)})
	})
}
