package dynamodb

import (
	"context"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// The rows of an inbox lie under their user, in the table users; the marks beside them.
func inboxPK(user string) string     { return "inbox#" + user }
func inboxKey(user, name string) key { return key{users, inboxPK(user), name} }
func inboxMarksKey(user string) key  { return key{users, "inbox-marks#" + user, "-"} }

// inboxRow is a row of an inbox. sk is its key.
type inboxRow struct {
	Key     string          `dynamodbav:"sk"`
	Cause   chat.InboxCause `dynamodbav:"cause"`
	Reason  string          `dynamodbav:"reason"`
	Room    string          `dynamodbav:"room"`
	Seq     int64           `dynamodbav:"seq"`
	Keyword string          `dynamodbav:"keyword,omitempty"`
	At      int64           `dynamodbav:"at"`
	Print   string          `dynamodbav:"print,omitempty"`
	Count   int             `dynamodbav:"count,omitempty"`
	Cleared bool            `dynamodbav:"cleared,omitempty"`
	V       int64           `dynamodbav:"v"` // At, so that another row has another version
}

type inboxMarks struct {
	SeenAt        int64 `dynamodbav:"seen_at"`
	ClearedBefore int64 `dynamodbav:"cleared_before"`
}

func (r inboxRow) toChat(user string) chat.InboxRow {
	return chat.InboxRow{
		User: user, Key: r.Key, Cause: r.Cause, Reason: r.Reason, Room: r.Room, Seq: r.Seq, Keyword: r.Keyword, At: at(r.At), Print: r.Print,
		Count: r.Count, Cleared: r.Cleared,
	}
}

// InboxRows implements chat.InboxStore.
func (s *Store) InboxRows(ctx context.Context, of []chat.InboxRow) ([]chat.InboxRow, error) {
	return read(ctx, s, func(t *tx) (out []chat.InboxRow, err error) {
		keys := make([]key, len(of))
		for i, r := range of {
			keys[i] = inboxKey(r.User, r.Key)
		}
		if _, err := t.load(keys...); err != nil {
			return nil, err
		}
		for i, k := range keys {
			r, ok, err := loadOptional[inboxRow](t, k)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, r.toChat(of[i].User))
			}
		}
		return out, nil
	})
}

// PutInbox implements chat.InboxStore.
func (s *Store) PutInbox(ctx context.Context, rows []chat.InboxRow) error {
	puts := map[key]any{}
	for _, r := range rows {
		puts[inboxKey(r.User, r.Key)] = inboxRow{
			r.Key, r.Cause, r.Reason, r.Room, r.Seq, r.Keyword, millis(r.At), r.Print, r.Count, r.Cleared,
			millis(r.At),
		}
	}
	return s.putAll(ctx, puts)
}

// Inbox implements chat.InboxStore.
func (s *Store) Inbox(ctx context.Context, user string) ([]chat.InboxRow, chat.InboxMarks, error) {
	items, err := s.query(ctx, queryRange{table: users, pk: inboxPK(user)})
	if err != nil {
		return nil, chat.InboxMarks{}, err
	}
	out := make([]chat.InboxRow, len(items))
	for i, it := range items {
		r, err := decode[inboxRow](it)
		if err != nil {
			return nil, chat.InboxMarks{}, err
		}
		out[i] = r.toChat(user)
	}
	m, err := read(ctx, s, func(t *tx) (inboxMarks, error) {
		m, _, err := loadOptional[inboxMarks](t, inboxMarksKey(user))
		return m, err
	})
	return out, chat.InboxMarks{SeenAt: at(m.SeenAt), ClearedBefore: at(m.ClearedBefore)}, err
}

// InboxMessages implements chat.InboxStore.
func (s *Store) InboxMessages(ctx context.Context, user string, places []chat.MessagePlace) ([]chat.Message, error) {
	return read(ctx, s, func(t *tx) (out []chat.Message, err error) {
		keys := make([]key, len(places))
		for i, p := range places {
			keys[i] = messageKey(p.Room, p.Seq)
		}
		if _, err := t.load(keys...); err != nil {
			return nil, err
		}
		for _, k := range keys {
			m, ok, err := loadOptional[message](t, k)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, m.toChat())
			}
		}
		marks := make([]*chat.Message, len(out))
		for i := range out {
			marks[i] = &out[i]
		}
		return out, t.setMe(user, marks...)
	})
}

// ClearInbox implements chat.InboxStore.
func (s *Store) ClearInbox(ctx context.Context, user, name string) error {
	return do(ctx, s, func(t *tx) error {
		r, err := loadItem[inboxRow](t, inboxKey(user, name))
		if err != nil || r.Cleared {
			return err
		}
		r.Cleared = true
		return t.put(inboxKey(user, name), r)
	})
}

// MarkInbox implements chat.InboxStore.
func (s *Store) MarkInbox(ctx context.Context, user string, m chat.InboxMarks) error {
	return do(ctx, s, func(t *tx) error {
		was, _, err := loadOptional[inboxMarks](t, inboxMarksKey(user))
		if err != nil {
			return err
		}
		now := inboxMarks{max(was.SeenAt, millis(m.SeenAt)), max(was.ClearedBefore, millis(m.ClearedBefore))}
		if now == was {
			return nil
		}
		return t.put(inboxMarksKey(user), now)
	})
}

// Hearers implements chat.InboxStore.
func (s *Store) Hearers(ctx context.Context, of string, ids []string) (kind chat.Kind, _ []chat.Hearer, err error) {
	if ids == nil {
		in, err := s.membersOf(ctx, of)
		if err != nil {
			return "", nil, err
		}
		ids = slices.Sorted(maps.Keys(in))
	}
	out, err := read(ctx, s, func(t *tx) (out []chat.Hearer, err error) {
		keys := []key{roomKey(of)}
		for _, id := range ids {
			keys = append(keys, userRoomKey(id, of), userKey(id))
		}
		if _, err := t.load(keys...); err != nil {
			return nil, err
		}
		r, err := t.room(of)
		if err != nil {
			return nil, err
		}
		kind = r.Kind
		for _, id := range ids {
			m, in, err := loadOptional[userRoom](t, userRoomKey(id, of))
			if err != nil {
				return nil, err
			}
			u, is, err := loadOptional[user](t, userKey(id))
			if err != nil {
				return nil, err
			}
			if in && is {
				out = append(out, chat.Hearer{User: u.toChat(), Notify: m.Notify, Muted: m.Muted})
			}
		}
		return out, nil
	})
	return kind, out, err
}
