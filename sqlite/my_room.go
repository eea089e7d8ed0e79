package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// myRooms selects rooms as one member sees them, with unread counts. It uses only indexes. ?1 is the user, ?2 the count at which
// counting stops, ?3 the number of characters of the last message to read.
const myRooms = "SELECT " + roomColumns + `, member.role, member.read_seq, member.read_rev, member.notify, member.starred, member.muted,
	member.settings_rev, member.greet,
	(SELECT count(*) FROM (SELECT 1 FROM message INDEXED BY message_timeline WHERE message.room = room.id AND seq > member.read_seq
	AND author <> ?1 AND system_what = ''
		AND (thread = 0 OR also_in_room = 1) AND deleted_at IS NULL LIMIT +?2)),
	min(?2, (SELECT count(*) FROM (SELECT 1 FROM mention WHERE mention.user = ?1 AND mention.room = room.id AND seq > member.read_seq
		LIMIT +?2))
	+ (SELECT count(*) FROM (SELECT 1 FROM message INDEXED BY message_broadcast WHERE message.room = room.id
		AND message.seq > member.read_seq AND author <> ?1 AND broadcast = 'room'
		AND NOT EXISTS (SELECT 1 FROM mention WHERE mention.user = ?1 AND mention.room = room.id AND mention.seq = message.seq)
		LIMIT +?2))),
	last.seq, last.author, substr(last.text, 1, ?3), last.created_at
	FROM member JOIN room ON room.id = member.room
	LEFT JOIN message last ON last.room = room.id AND last.seq = (SELECT max(seq) FROM message INDEXED BY message_timeline
		WHERE message.room = room.id AND (thread = 0 OR also_in_room = 1) AND deleted_at IS NULL)
	WHERE member.user = ?1`

// briefLength is the number of characters that [chat.Message.Brief] may need: one more than it keeps, since that one decides
// whether the text may be cut before it.
const briefLength = chat.LastMessageLength + 1

func scanMyRoom(st *sqlite.Stmt) chat.MyRoom {
	s := &scanner{st: st}
	r := chat.MyRoom{
		Room: s.room(), Role: chat.RoomRole(s.text()), ReadSeq: s.int64(), ReadRev: s.int64(), Notify: chat.Notify(s.text()),
		Starred: s.bool(), Muted: s.bool(), SettingsRev: s.int64(), Greet: s.bool(), Unread: s.int(), MentionCount: s.int(),
	}
	if !st.ColumnIsNull(s.i) {
		r.LastMessage = chat.Message{Seq: s.int64(), Author: s.text(), Text: s.text(), CreatedAt: s.time()}.Brief()
	}
	return r
}

func myRoom(c *conn, room, user string) (chat.MyRoom, error) {
	return found(row(c, scanMyRoom, myRooms+" AND member.room = ?4", user, chat.MaxUnread, briefLength, room))
}

// MyRoom implements chat.RoomStore.
func (s *Store) MyRoom(ctx context.Context, room, user string) (chat.MyRoom, error) {
	return read(ctx, s, func(c *conn) (chat.MyRoom, error) { return myRoom(c, room, user) })
}

// MyRooms implements chat.RoomStore.
func (s *Store) MyRooms(ctx context.Context, user string) ([]chat.MyRoom, error) {
	return read(ctx, s, func(c *conn) ([]chat.MyRoom, error) {
		return rows(c, scanMyRoom, myRooms+" ORDER BY room.id", user, chat.MaxUnread, briefLength)
	})
}

// UpdateMyRoom implements chat.MemberStore.
func (s *Store) UpdateMyRoom(ctx context.Context, cmd chat.UpdateMyRoom) (chat.MyRoom, error) {
	return write(ctx, s, func(t *tx) (chat.MyRoom, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.MyRoom{}, err
		}
		was, err := myRoom(t.Conn, cmd.Room, cmd.User)
		if err != nil {
			return was, err
		}
		r, changed := cmd.Apply(was)
		if !changed {
			return r, nil
		}
		t.announce(chat.MyRoomChanged{User: cmd.User, Room: r})
		return r, exec(t.Conn, "UPDATE member SET notify = ?, starred = ?, muted = ?, settings_rev = ?, greet = ? WHERE room = ? AND user = ?",
			string(r.Notify), r.Starred, r.Muted, r.SettingsRev, r.Greet, cmd.Room, cmd.User)
	})
}

// SetRead implements chat.MemberStore.
func (s *Store) SetRead(ctx context.Context, cmd chat.SetRead) (chat.MyRoom, error) {
	return write(ctx, s, func(t *tx) (chat.MyRoom, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.MyRoom{}, err
		}
		r, err := myRoom(t.Conn, cmd.Room, cmd.User)
		if err != nil {
			return r, err
		}
		if moves, err := cmd.Moves(r.ReadSeq, r.LastSeq); err != nil || !moves {
			return r, err
		}
		if err := t.moveRead(cmd.Room, cmd.User, cmd.Seq); err != nil {
			return r, err
		}
		if r, err = myRoom(t.Conn, cmd.Room, cmd.User); err != nil {
			return r, err
		}
		t.announce(chat.ReadMoved{Room: cmd.Room, Read: r.ReadState(cmd.User)})
		return r, nil
	})
}

// moveRead moves a member's read pointer, which raises read_rev.
func (t *tx) moveRead(room, user string, seq int64) error {
	return exec(t.Conn, "UPDATE member SET read_seq = ?, read_rev = read_rev + 1 WHERE room = ? AND user = ?", seq, room, user)
}
