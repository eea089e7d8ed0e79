package dynamodb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/inbox"
)

// What a user's inbox holds of a message are two items, written in one transaction. One lies under the room and seq, and also says what was
// cleared. The other lists the row by time, while it is not hidden. Both lie in the table users, and expire.
func inboxPK(user string) string          { return "inbox#" + user }
func inboxMarksKey(user string) table.Key { return table.NewKey(users, "inbox-marks#"+user, "-") }

func inboxRoomSK(room string, seq int64) string { return "K#" + room + "#" + table.Ordinal(seq) + "#" }

// inboxKey is the key of the item of a row, and of what was cleared.
func inboxKey(user, name string) table.Key {
	kind, of, _ := inbox.ParseKey(name)
	return table.NewKey(users, inboxPK(user), inboxRoomSK(of.Room, of.Seq)+kind)
}

func inboxPlaceSK(p chat.InboxPlace) string {
	return fmt.Sprintf("I#%013d#%s", lastMilli-table.Millis(p.At), p.Key)
}

// inboxRow is a row of an inbox.
type inboxRow struct {
	Key     string          `dynamodbav:"key"`
	Cause   chat.InboxCause `dynamodbav:"cause,omitempty"` // none: only the key was cleared
	Reason  string          `dynamodbav:"reason,omitempty"`
	Room    string          `dynamodbav:"room"`
	Seq     int64           `dynamodbav:"seq"`
	Thread  int64           `dynamodbav:"thread,omitempty"`
	Keyword string          `dynamodbav:"keyword,omitempty"`
	At      int64           `dynamodbav:"at"`
	Print   string          `dynamodbav:"print,omitempty"`
	Count   int             `dynamodbav:"count,omitempty"`
	Cleared int64           `dynamodbav:"cleared"`
	TTL     int64           `dynamodbav:"ttl"`
}

func (r inboxRow) toChat(user string) inbox.Row {
	return inbox.Row{
		User: user, Key: r.Key, Cause: r.Cause, Reason: r.Reason, Room: r.Room, Seq: r.Seq, Thread: r.Thread, Keyword: r.Keyword,
		At: table.At(r.At), Print: r.Print, Count: r.Count, ClearedAt: table.At(r.Cleared),
	}
}

func inboxRowOf(r inbox.Row) inboxRow {
	out := inboxRow{
		r.Key, r.Cause, r.Reason, r.Room, r.Seq, r.Thread, r.Keyword, max(0, table.Millis(r.At)), r.Print, r.Count,
		max(0, table.Millis(r.ClearedAt)), 0,
	}
	out.TTL = table.Seconds(table.At(max(out.At, out.Cleared)).Add(chat.InboxLife))
	return out
}

type inboxMarks struct {
	SeenAt        int64 `dynamodbav:"seen_at"`
	ClearedBefore int64 `dynamodbav:"cleared_before"`
	KeysCleared   int64 `dynamodbav:"keys_cleared,omitempty"`
}

// inboxRowsOf decodes rows.
func inboxRowsOf(user string, items []table.Item) ([]inbox.Row, error) {
	out := make([]inbox.Row, len(items))
	for i, it := range items {
		r, err := table.Decode[inboxRow](it)
		if err != nil {
			return nil, err
		}
		out[i] = r.toChat(user)
	}
	return out, nil
}

// InboxRows implements inbox.Store.
func (s *Store) InboxRows(ctx context.Context, user string, names []string) ([]inbox.Row, error) {
	return read(ctx, s, func(t *tx) (out []inbox.Row, err error) {
		keys := make([]table.Key, len(names))
		for i, name := range names {
			keys[i] = inboxKey(user, name)
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		for _, k := range keys {
			r, ok, err := loadOptional[inboxRow](t, k)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, r.toChat(user))
			}
		}
		return out, nil
	})
}

// maxRowsAtOnce is how many rows one transaction writes. Each is up to three items.
const maxRowsAtOnce = 30

// PutInbox implements inbox.Store.
func (s *Store) PutInbox(ctx context.Context, rows []inbox.Row) (wrote bool, err error) {
	for chunk := range slices.Chunk(rows, maxRowsAtOnce) {
		some, err := write(ctx, s, func(t *tx) (bool, error) { return t.putInbox(chunk) })
		if err != nil {
			return wrote, err
		}
		wrote = wrote || some
	}
	return wrote, nil
}

func (t *tx) putInbox(rows []inbox.Row) (wrote bool, err error) {
	keys := make([]table.Key, len(rows))
	for i, r := range rows {
		keys[i] = inboxKey(r.User, r.Key)
	}
	if _, err := t.Load(keys...); err != nil {
		return false, err
	}
	for i, r := range rows {
		kept, _, err := loadOptional[inboxRow](t, keys[i])
		if err != nil {
			return false, err
		}
		was := kept.toChat(r.User)
		if now, changed := r.Over(was); changed {
			if err := t.setInbox(was, now); err != nil {
				return false, err
			}
			wrote = true
		}
	}
	return wrote, nil
}

// setInbox replaces a row, and lists it where it stands now.
func (t *tx) setInbox(was, now inbox.Row) error {
	row := inboxRowOf(now)
	if err := t.Put(inboxKey(now.User, now.Key), row); err != nil {
		return err
	}
	before, after := inboxPlaceSK(was.Place()), inboxPlaceSK(now.Place())
	if !was.Hidden() && (now.Hidden() || before != after) {
		t.Discard(table.NewKey(users, inboxPK(now.User), before))
	}
	if now.Hidden() {
		return nil
	}
	return t.Overwrite(table.NewKey(users, inboxPK(now.User), after), row)
}

// InboxRooms implements inbox.Store.
func (s *Store) InboxRooms(ctx context.Context, user string) ([]inbox.Room, chat.InboxMarks, error) {
	items, err := s.db.Query(ctx, table.Range{Table: members, PK: userRoomsPK(user)})
	if err != nil {
		return nil, chat.InboxMarks{}, err
	}
	var marks inboxMarks
	out, err := read(ctx, s, func(t *tx) (out []inbox.Room, err error) {
		keys := []table.Key{inboxMarksKey(user)}
		for _, it := range items {
			keys = append(keys, roomKey(it.Text("sk")), memberKey(it.Text("sk"), user))
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		if marks, _, err = loadOptional[inboxMarks](t, inboxMarksKey(user)); err != nil {
			return nil, err
		}
		for _, it := range items {
			m, err := table.Decode[userRoom](it)
			if err != nil {
				return nil, err
			}
			in, is, err := loadOptional[member](t, memberKey(m.Room, user))
			if err != nil {
				return nil, err
			}
			r, err := loadReferenced[room](t, roomKey(m.Room))
			if err != nil {
				return nil, err
			}
			if is { // else the user has left since
				out = append(out, inbox.Room{
					ID: r.ID, Kind: r.Kind, Notify: m.Notify, Muted: m.Muted, JoinedAt: table.At(in.JoinedAt), ReadSeq: m.ReadSeq,
					LastSeq: r.LastSeq, LastMention: r.LastMention, LastBroadcast: r.LastBroadcast,
				})
			}
		}
		return out, nil
	})
	return out, chat.InboxMarks{
		SeenAt: table.At(marks.SeenAt), ClearedBefore: table.At(marks.ClearedBefore), KeysCleared: table.At(marks.KeysCleared),
	}, err
}

// ClearInbox implements inbox.Store.
func (s *Store) ClearInbox(ctx context.Context, user, name string, until time.Time) error {
	return do(ctx, s, func(t *tx) error {
		k := inboxKey(user, name)
		if _, err := t.Load(k, inboxMarksKey(user)); err != nil {
			return err
		}
		r, ok, err := loadOptional[inboxRow](t, k)
		if err != nil || table.Millis(until) <= r.Cleared {
			return err
		}
		if !ok {
			_, of, _ := inbox.ParseKey(name)
			r = inboxRow{Key: name, Room: of.Room, Seq: of.Seq}
		}
		was := r.toChat(user)
		now := was
		if now.ClearedAt = until; r.Cause == "" {
			now.At = until
		}
		if err := t.setInbox(was, now); err != nil {
			return err
		}
		return t.markInbox(user, inboxMarks{KeysCleared: table.Millis(until)})
	})
}

// MarkInbox implements inbox.Store.
func (s *Store) MarkInbox(ctx context.Context, user string, m chat.InboxMarks) error {
	return do(ctx, s, func(t *tx) error {
		return t.markInbox(user, inboxMarks{SeenAt: table.Millis(m.SeenAt), ClearedBefore: table.Millis(m.ClearedBefore)})
	})
}

func (t *tx) markInbox(user string, m inboxMarks) error {
	was, _, err := loadOptional[inboxMarks](t, inboxMarksKey(user))
	if err != nil {
		return err
	}
	now := inboxMarks{max(was.SeenAt, m.SeenAt), max(was.ClearedBefore, m.ClearedBefore), max(was.KeysCleared, m.KeysCleared)}
	if now == was {
		return nil
	}
	return t.Put(inboxMarksKey(user), now)
}
