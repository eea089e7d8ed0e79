package dynamodb

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/hook"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

var _ archive.Store = (*Store)(nil)

// exporter is the state of one Export.
type exporter struct {
	s    *Store
	ctx  context.Context
	now  time.Time
	give func(archive.Record) error
}

// Export implements archive.Store. It takes no snapshot: the caller makes sure that nobody writes meanwhile.
func (s *Store) Export(ctx context.Context, now time.Time, give func(archive.Record) error) error {
	e := exporter{s, ctx, now, give}
	people, err := e.users()
	if err != nil {
		return err
	}
	err = each(e, table.Range{Table: rooms, PK: allPK}, func(it table.Item, _ roomListEntry) error { return e.room(it.Text("sk")) })
	if err != nil {
		return err
	}
	if err := e.invites(); err != nil {
		return err
	}
	if err := e.tokens(people); err != nil {
		return err
	}
	if err := e.emoji(); err != nil {
		return err
	}
	w, err := read(ctx, s, func(t *tx) (workspace, error) { return loadItem[workspace](t, workspaceKey()) })
	if err != nil {
		if chat.ErrorCode(err) == chat.NotFound {
			return nil
		}
		return err
	}
	return give(archive.WorkspaceRecord{
		Workspace: w.settings(),
		Directory: w.Directory,
	})
}

// each calls f for every item in a range. It holds one page of items in memory at a time.
func each[T any](e exporter, q table.Range, f func(table.Item, T) error) error {
	return e.s.db.QueryPages(e.ctx, q, func(items []table.Item) error {
		for _, it := range items {
			v, err := table.Decode[T](it)
			if err != nil {
				return err
			}
			if err := f(it, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e exporter) users() ([]user, error) {
	var people []user
	hooks := map[string]*chat.Hook{}
	if err := each(e, table.Range{Table: hook.In, PK: hook.PK}, func(_ table.Item, i hook.Item) error {
		hooks[i.ID] = new(i.Hook(chat.User{}))
		return nil
	}); err != nil {
		return nil, err
	}
	err := each(e, table.Range{Table: users, PK: userPK}, func(_ table.Item, u user) error {
		people = append(people, u)
		return e.give(archive.UserRecord{NewUser: chat.NewUser{
			User: u.toChat(), EmailFold: u.EmailFold, PasswordHash: u.Password,
		}, Handles: slices.Sorted(slices.Values(u.Handles)), Hook: hooks[u.ID]})
	})
	return people, err
}

// room exports a room with its members, messages, earlier texts, reactions and votes.
func (e exporter) room(id string) error {
	r, err := read(e.ctx, e.s, func(t *tx) (room, error) { return t.room(id) })
	if err != nil {
		return err
	}
	about, err := e.s.RoomAbout(e.ctx, id)
	if err != nil {
		return err
	}
	if err := e.give(archive.RoomRecord{
		Room: r.toChat(), FirstReadRev: r.FirstReadRev, About: about, LastInRoom: r.LastTimeline,
	}); err != nil {
		return err
	}
	if err := e.members(id); err != nil {
		return err
	}
	live := map[int64]chat.Message{} // by seq, without tombstones and without texts
	if err := each(e, table.Range{Table: messages, PK: messagePK(id), From: messageSK(0), To: messageSK(highest)},
		func(_ table.Item, m message) error {
			if m.DeletedAt == nil {
				live[m.Seq] = chat.Message{Edits: m.Versions}
			}
			return e.give(archive.MessageRecord{Message: m.toChat()})
		}); err != nil {
		return err
	}
	if err := each(e, table.Range{Table: messages, PK: messagePK(id), From: "V#", To: "V#~"}, func(it table.Item, v version) error {
		seq, _, err := parseNumber(it.Text("sk"))
		if err != nil {
			return err
		}
		n, err := versionNumber(it)
		if err != nil {
			return err
		}
		m := live[seq]
		if n < m.OldestVersion() || n >= m.Edits {
			return nil
		}
		return e.give(archive.VersionRecord{Room: id, Seq: seq, Version: chat.Version{N: n, Text: v.Text, At: table.At(v.At)}})
	}); err != nil {
		return err
	}
	if err := each(e, table.Range{Table: messages, PK: messagePK(id), From: "R#", To: "R#~"}, func(it table.Item, r userReaction) error {
		seq, _, err := parseNumber(it.Text("sk"))
		if _, ok := live[seq]; err != nil || !ok {
			return err
		}
		return e.give(archive.ReactionRecord{Room: id, Seq: seq, Emoji: r.Emoji, User: r.User, Rev: r.Rev})
	}); err != nil {
		return err
	}
	if err := each(e, table.Range{Table: messages, PK: messagePK(id), From: "L#", To: "L#~"}, func(it table.Item, v vote) error {
		seq, _, err := parseNumber(it.Text("sk"))
		if _, ok := live[seq]; err != nil || !ok {
			return err
		}
		return e.give(archive.VoteRecord{Room: id, Seq: seq, Vote: v.toChat()})
	}); err != nil {
		return err
	}
	if err := e.threads(id); err != nil {
		return err
	}
	return each(e, table.Range{Table: messages, PK: messagePK(id), From: "A#", To: "A#~"}, func(it table.Item, c confirmation) error {
		seq, _, err := parseNumber(it.Text("sk"))
		if _, ok := live[seq]; err != nil || !ok {
			return err
		}
		return e.give(archive.ConfirmedRecord{Room: id, Seq: seq, Confirmation: c.toChat()})
	})
}

// threads exports what members keep of the threads of a room.
func (e exporter) threads(id string) error {
	in, err := e.s.membersOf(e.ctx, id)
	if err != nil {
		return err
	}
	return each(e, table.Range{Table: members, PK: threadsPK(id)}, func(it table.Item, row threadRow) error {
		if joined, ok := in[row.User]; !ok || joined != row.Joined {
			return nil
		}
		root, _, err := parseNumber("T#" + it.Text("sk"))
		if err != nil {
			return err
		}
		return e.give(archive.ThreadRecord{Room: id, Root: root, User: row.User, Row: row.toChat()})
	})
}

// parseNumber returns the first number of a key such as V#000000000012#000000000000, and what follows it.
func parseNumber(sk string) (n int64, rest string, err error) {
	number, rest, _ := strings.Cut(sk[2:], "#")
	if _, err := fmt.Sscanf(number, "%d", &n); err != nil {
		return 0, "", fmt.Errorf("key has no number: %q", sk)
	}
	return n, rest, nil
}

// versionNumber returns the number of a version, which is the second number of its key.
func versionNumber(it table.Item) (int64, error) {
	_, rest, err := parseNumber(it.Text("sk"))
	if err != nil {
		return 0, err
	}
	n, _, err := parseNumber("V#" + rest)
	return n, err
}

func (e exporter) members(id string) error {
	var ms []member
	if err := each(e, table.Range{Table: members, PK: memberPK(id)}, func(_ table.Item, m member) error {
		ms = append(ms, m)
		return nil
	}); err != nil {
		return err
	}
	keys := make([]table.Key, len(ms))
	for i, m := range ms {
		keys[i] = userRoomKey(m.User, id)
	}
	_, err := read(e.ctx, e.s, func(t *tx) (struct{}, error) {
		if _, err := t.Load(keys...); err != nil {
			return struct{}{}, err
		}
		for i, m := range ms {
			o, err := loadItem[userRoom](t, keys[i])
			if err != nil {
				return struct{}{}, err
			}
			if err := e.give(archive.MemberRecord{
				Room: id, RoomMembership: chat.RoomMembership{User: m.User, Role: m.Role, JoinedAt: table.At(m.JoinedAt)}, ReadSeq: o.ReadSeq,
				ReadRev: o.ReadRev, Notify: o.Notify, Starred: o.Starred, Muted: o.Muted, Greet: o.Greet, SettingsRev: o.SettingsRev,
			}); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	return err
}

func (e exporter) invites() error {
	var out []archive.InviteRecord
	if err := each(e, table.Range{Table: invites, PK: invitePK}, func(it table.Item, i invite) error {
		h, err := secretHash(it)
		if i.ExpiresAt > table.Millis(e.now) {
			out = append(out, archive.InviteRecord{Invite: i.toChat(), Secret: h})
		}
		return err
	}); err != nil {
		return err
	}
	slices.SortFunc(out, func(a, b archive.InviteRecord) int { return cmp.Compare(a.ID, b.ID) })
	return giveAll(e, out)
}

func (e exporter) emoji() error {
	return each(e, table.Range{Table: rooms, PK: customEmojiPK}, func(_ table.Item, c customEmoji) error {
		return e.give(archive.EmojiRecord{Emoji: c.toChat()})
	})
}

func giveAll[R archive.Record](e exporter, records []R) error {
	for _, r := range records {
		if err := e.give(r); err != nil {
			return err
		}
	}
	return nil
}

// secretHash decodes the sort key of an item that is stored under the hash of a secret.
func secretHash(it table.Item) (h chat.SecretHash, err error) {
	_, err = hex.Decode(h[:], []byte(it.Text("sk")))
	return h, err
}

func (e exporter) tokens(people []user) error {
	var out []archive.TokenRecord
	for _, p := range people {
		if err := each(e, table.Range{Table: tokens, PK: p.ID}, func(it table.Item, k token) error {
			h, err := secretHash(it)
			if k.UserEpoch == p.Epoch && (k.ExpiresAt == nil || *k.ExpiresAt > table.Millis(e.now)) {
				out = append(out, archive.TokenRecord{Token: k.toChat(), Secret: h})
			}
			return err
		}); err != nil {
			return err
		}
	}
	slices.SortFunc(out, func(a, b archive.TokenRecord) int { return cmp.Compare(a.ID, b.ID) })
	return giveAll(e, out)
}
