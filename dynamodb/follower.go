package dynamodb

import (
	"context"
	"fmt"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// position is the revision up to which a follower has processed a room.
type position struct {
	Rev int64 `dynamodbav:"rev"`
}

func positionKey(follower, room string) table.Key {
	return table.NewKey(users, "follower#"+follower, room)
}

// Position implements follow.Positions.
func (s *Store) Position(ctx context.Context, follower, room string) (int64, error) {
	k := positionKey(follower, room)
	got, err := s.db.Get(ctx, []table.Key{k})
	if err != nil || got[k] == nil {
		return 0, err
	}
	r, err := table.Decode[position](got[k])
	return r.Rev, err
}

// SavePosition implements follow.Positions. The last write wins. A position that is too low makes the follower repeat work,
// which is harmless.
func (s *Store) SavePosition(ctx context.Context, follower, room string, rev int64) error {
	return s.db.PutAll(ctx, map[table.Key]any{positionKey(follower, room): position{rev}})
}

// emojiUse is one use of an emoji by a user. sk begins with the time, so that the newest can be read first.
type emojiUse struct {
	User  string `dynamodbav:"user"`
	Room  string `dynamodbav:"room"`
	Seq   int64  `dynamodbav:"seq"`
	Emoji string `dynamodbav:"emoji"`
	At    int64  `dynamodbav:"at"`
}

func emojiPK(user string) string { return "emoji#" + user }

func emojiUseKey(u chat.EmojiUse) table.Key {
	return table.NewKey(users, emojiPK(u.User), fmt.Sprintf("%013d#%s#%d#%s", table.Millis(u.At), u.Room, u.Seq, u.Emoji))
}

// maxWrittenUses bounds Store.writtenUses.
const maxWrittenUses = 50_000

// UseEmoji implements chat.EmojiUseStore. Each new reaction makes the follower pass all uses of its message again; those
// that this process has already written are skipped.
func (s *Store) UseEmoji(ctx context.Context, uses []chat.EmojiUse) error {
	s.mu.Lock()
	fresh := slices.DeleteFunc(slices.Clone(uses), func(u chat.EmojiUse) bool { return s.writtenUses[emojiUseKey(u)] })
	s.mu.Unlock()
	puts := map[table.Key]any{}
	for _, u := range fresh {
		puts[emojiUseKey(u)] = emojiUse{u.User, u.Room, u.Seq, u.Emoji, table.Millis(u.At)}
	}
	if err := s.db.PutAll(ctx, puts); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.writtenUses) > maxWrittenUses {
		clear(s.writtenUses)
	}
	for k := range puts {
		s.writtenUses[k] = true
	}
	return nil
}

// EmojiUses implements chat.EmojiUseStore.
func (s *Store) EmojiUses(ctx context.Context, user string, limit int) ([]chat.EmojiUse, error) {
	items, err := s.db.Query(ctx, table.Range{Table: users, PK: emojiPK(user), Descending: true, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]chat.EmojiUse, len(items))
	for i, it := range items {
		u, err := table.Decode[emojiUse](it)
		if err != nil {
			return nil, err
		}
		out[i] = chat.EmojiUse{User: u.User, Room: u.Room, Seq: u.Seq, Emoji: u.Emoji, At: table.At(u.At)}
	}
	return out, nil
}
