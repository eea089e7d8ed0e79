package dynamodb

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// maxConcurrentCounts is how many rooms are counted at the same time.
const maxConcurrentCounts = 16

// userRoom is the item of a membership under the user. sk is the room.
type userRoom struct {
	Room        string        `dynamodbav:"sk"`
	Role        chat.RoomRole `dynamodbav:"role"`
	Joined      int64         `dynamodbav:"joined"` // version of the room when the user joined; 0 in memberships older than this field
	ReadSeq     int64         `dynamodbav:"read_seq"`
	ReadRev     int64         `dynamodbav:"read_rev"`
	Notify      chat.Notify   `dynamodbav:"notify"`
	Starred     bool          `dynamodbav:"starred"`
	Muted       bool          `dynamodbav:"muted"`
	Greet       bool          `dynamodbav:"greet,omitempty"`
	SettingsRev int64         `dynamodbav:"settings_rev"`
}

// myRoom returns the room as the member sees it, without the counts of unread messages.
func (m userRoom) myRoom(r room) chat.MyRoom {
	return chat.MyRoom{
		Room: r.toChat(), Role: m.Role, ReadSeq: m.ReadSeq, ReadRev: m.ReadRev, Notify: m.Notify, Starred: m.Starred, Muted: m.Muted,
		Greet: m.Greet, SettingsRev: m.SettingsRev, LastMessage: r.Last.toChat(),
	}
}

// withUnread returns the room as the member sees it, with the counts. It queries only what can be greater than zero.
func (s *Store) withUnread(ctx context.Context, user string, m userRoom, r room) (chat.MyRoom, error) {
	out := m.myRoom(r)
	if m.ReadSeq < r.LastTimeline {
		unread, err := s.db.Query(ctx, table.Range{
			Table: messages, PK: messagePK(r.ID), From: timelineSK(m.ReadSeq + 1), To: timelineSK(r.LastTimeline), Limit: chat.MaxUnread,
			Filter: "author <> :me AND attribute_not_exists(#system) AND attribute_not_exists(deleted)",
			Values: table.Item{":me": table.Text(user)}, Names: map[string]string{"#system": "system"},
		})
		if err != nil {
			return out, err
		}
		out.Unread = len(unread)
	}
	var err error
	out.MentionCount, err = s.countMentions(ctx, r, user, m.ReadSeq, 0)
	return out, err
}

// MyRoom implements chat.RoomStore.
func (s *Store) MyRoom(ctx context.Context, id, user string) (chat.MyRoom, error) {
	return read(ctx, s, func(t *tx) (chat.MyRoom, error) {
		m, r, err := t.userRoom(id, user)
		if err != nil {
			return chat.MyRoom{}, err
		}
		return s.withUnread(ctx, user, m, r)
	})
}

// userRoom loads a membership and its room. NotFound if the user is not a member.
func (t *tx) userRoom(id, user string) (userRoom, room, error) {
	if _, err := t.Load(userRoomKey(user, id), roomKey(id)); err != nil {
		return userRoom{}, room{}, err
	}
	m, err := loadItem[userRoom](t, userRoomKey(user, id))
	if err != nil {
		return m, room{}, err
	}
	r, err := t.room(id)
	if err != nil && chat.ErrorCode(err) == chat.NotFound {
		err = table.ErrPartialCommit
	}
	return m, r, err
}

// MyRooms implements chat.RoomStore.
func (s *Store) MyRooms(ctx context.Context, user string) ([]chat.MyRoom, error) {
	items, err := s.db.Query(ctx, table.Range{Table: members, PK: userRoomsPK(user)})
	if err != nil {
		return nil, err
	}
	return read(ctx, s, func(t *tx) ([]chat.MyRoom, error) {
		keys := make([]table.Key, len(items))
		for i, it := range items {
			keys[i] = roomKey(it.Text("sk"))
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		out := make([]chat.MyRoom, len(items))
		var g errgroup.Group
		g.SetLimit(maxConcurrentCounts)
		for i, it := range items {
			m, err := table.Decode[userRoom](it)
			if err != nil {
				return nil, err
			}
			r, err := loadReferenced[room](t, keys[i])
			if err != nil {
				return nil, err
			}
			g.Go(func() (err error) {
				out[i], err = s.withUnread(ctx, user, m, r)
				return err
			})
		}
		err := g.Wait()
		slices.SortFunc(out, func(a, b chat.MyRoom) int { return strings.Compare(a.ID, b.ID) })
		return out, err
	})
}

// UpdateMyRoom implements chat.MemberStore.
func (s *Store) UpdateMyRoom(ctx context.Context, cmd chat.UpdateMyRoom) (chat.MyRoom, error) {
	return writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.MyRoom, error) {
		t.requireFacts(cmd.Facts)
		m, r, err := t.userRoom(cmd.Room, cmd.User)
		if err != nil {
			return chat.MyRoom{}, err
		}
		out, err := s.withUnread(t.ctx, cmd.User, m, r)
		if err != nil {
			return out, err
		}
		out, changed := cmd.Apply(out)
		if !changed {
			return out, nil
		}
		if out.Notify != m.Notify || out.Muted != m.Muted {
			_, err := change(t, memberKey(cmd.Room, cmd.User), func(o *member) { o.Notify, o.Muted = out.Notify, out.Muted })
			if err != nil {
				return out, err
			}
		}
		m.Notify, m.Starred, m.Muted, m.SettingsRev = out.Notify, out.Starred, out.Muted, out.SettingsRev
		m.Greet = out.Greet
		return out, t.putUserRoom(cmd.User, m, r, chat.MyRoomChanged{User: cmd.User, Room: out})
	})
}

// putUserRoom writes the user's membership and adds its event. The room must be unchanged at commit, since the counts in the
// event depend on it.
func (t *tx) putUserRoom(user string, m userRoom, r room, e chat.Event) error {
	if err := t.Put(userRoomKey(user, r.ID), m); err != nil {
		return err
	}
	if err := t.Guard(roomKey(r.ID)); err != nil {
		return err
	}
	t.eventPos = eventPosition{room: r.ID, rev: r.Rev, version: r.Version}
	return t.addEvent(e, 0)
}

// SetRead implements chat.MemberStore.
func (s *Store) SetRead(ctx context.Context, cmd chat.SetRead) (chat.MyRoom, error) {
	return writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.MyRoom, error) {
		t.requireFacts(cmd.Facts)
		m, r, err := t.userRoom(cmd.Room, cmd.User)
		if err != nil {
			return chat.MyRoom{}, err
		}
		moves, err := cmd.Moves(m.ReadSeq, r.LastSeq)
		if err != nil {
			return chat.MyRoom{}, err
		}
		if moves {
			m.ReadSeq = cmd.Seq
			m.ReadRev++
		}
		out, err := s.withUnread(t.ctx, cmd.User, m, r)
		if err != nil || !moves {
			return out, err
		}
		return out, t.putUserRoom(cmd.User, m, r, chat.ReadMoved{Room: r.ID, Read: out.ReadState(cmd.User)})
	})
}
