package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
)

var _ archive.Store = (*Store)(nil)

// Export implements archive.Store. It reads one snapshot.
func (s *Store) Export(ctx context.Context, now time.Time, emit func(archive.Record) error) error {
	_, err := read(ctx, s, func(c *conn) (struct{}, error) {
		e := export{c, emit}
		if err := e.users(); err != nil {
			return struct{}{}, err
		}
		ids, err := rows(c, text, "SELECT id FROM room ORDER BY id")
		if err != nil {
			return struct{}{}, err
		}
		for _, id := range ids {
			if err := e.room(id); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, e.outsideRooms(now)
	})
	return err
}

// export is a running Export.
type export struct {
	Conn *conn
	emit func(archive.Record) error
}

// each passes a record for each row to emit.
func (e export) each(scan func(*scanner) archive.Record, query string, args ...any) error {
	return e.Conn.run(query, args, func(st *sqlite.Stmt) error { return e.emit(scan(&scanner{st: st})) })
}

func (e export) users() error {
	handles := map[string][]string{}
	_, err := rows(e.Conn, func(st *sqlite.Stmt) struct{} {
		s := &scanner{st: st}
		handle, user := s.text(), s.text()
		handles[user] = append(handles[user], handle)
		return struct{}{}
	}, "SELECT handle, user FROM handle ORDER BY handle")
	if err != nil {
		return err
	}
	hooks := map[string]*chat.Hook{}
	if _, err = rows(e.Conn, func(st *sqlite.Stmt) struct{} {
		h := scanHook(st)
		hooks[h.ID] = &h
		return struct{}{}
	}, "SELECT "+hookColumns+" FROM hook"); err != nil {
		return err
	}
	return e.each(func(s *scanner) archive.Record {
		u := s.user()
		return archive.UserRecord{NewUser: chat.NewUser{
			User: u, EmailFold: s.text(), PasswordHash: s.text(),
		}, Handles: handles[u.ID], Hook: hooks[u.ID]}
	}, "SELECT "+userColumns+", email_fold, password FROM user ORDER BY id")
}

// room exports a room with its members, messages, versions, reactions, votes and followed threads.
func (e export) room(id string) error {
	about, err := roomAbout(e.Conn, id)
	if err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record {
		return archive.RoomRecord{Room: s.room(), FirstReadRev: s.int64(), LastInRoom: s.int64(), About: about}
	}, "SELECT "+roomColumns+`, first_read_rev,
		coalesce((SELECT max(seq) FROM message WHERE room = ?1 AND (thread = 0 OR also_in_room = 1)), 0) FROM room
		WHERE id = ?1`, id); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record {
		return archive.MemberRecord{
			Room: s.text(), RoomMembership: chat.RoomMembership{User: s.text(), Role: chat.RoomRole(s.text()), JoinedAt: s.time()},
			ReadSeq: s.int64(), ReadRev: s.int64(), Notify: chat.Notify(s.text()), Starred: s.bool(), Muted: s.bool(),
			SettingsRev: s.int64(), Greet: s.bool(),
		}
	}, `SELECT room, user, role, joined_at, read_seq, read_rev, notify, starred, muted, settings_rev, greet FROM member WHERE room = ?
		ORDER BY user`, id); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record { return archive.MessageRecord{Message: scanMessage(s.st)} },
		"SELECT "+messageColumns+" FROM message WHERE room = ? ORDER BY seq", id); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record {
		return archive.VersionRecord{Room: s.text(), Seq: s.int64(), Version: chat.Version{N: s.int64(), Text: s.text(), At: s.time()}}
	}, "SELECT room, seq, n, text, at FROM version WHERE room = ? ORDER BY seq, n", id); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record {
		return archive.ReactionRecord{Room: s.text(), Seq: s.int64(), Emoji: s.text(), User: s.text(), Rev: s.int64()}
	}, "SELECT room, seq, emoji, user, rev FROM reaction WHERE room = ? ORDER BY seq, emoji, user", id); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record {
		return archive.VoteRecord{Room: s.text(), Seq: s.int64(), Vote: scanVote(s)}
	}, "SELECT room, seq, user, options, rev FROM vote WHERE room = ? ORDER BY seq, user", id); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record {
		return archive.ThreadRecord{Room: s.text(), Root: s.int64(), User: s.text(), Row: s.threadRow()}
	}, "SELECT room, root, user, "+threadColumns+" FROM my_thread WHERE room = ? ORDER BY root, user", id); err != nil {
		return err
	}
	return e.each(func(s *scanner) archive.Record {
		return archive.ConfirmedRecord{Room: s.text(), Seq: s.int64(), Confirmation: chat.Confirmation{User: s.text(), At: s.time()}}
	}, "SELECT room, seq, user, at FROM confirmation WHERE room = ? ORDER BY seq, user", id)
}

// outsideRooms exports invites, tokens, custom emoji and the workspace.
func (e export) outsideRooms(now time.Time) error {
	if err := e.each(func(s *scanner) archive.Record {
		r := archive.InviteRecord{Secret: s.secret()}
		r.Invite = s.invite()
		return r
	}, "SELECT secret, "+inviteColumns+" FROM invite WHERE expires_at > ? ORDER BY id", millis(now)); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record {
		r := archive.TokenRecord{Secret: s.secret()}
		r.Token = s.token()
		return r
	}, "SELECT secret, "+tokenColumns+` FROM token JOIN user ON user.id = token.user
		WHERE user_epoch = epoch AND (expires_at IS NULL OR expires_at > ?) ORDER BY token.id`, millis(now)); err != nil {
		return err
	}
	if err := e.each(func(s *scanner) archive.Record { return archive.EmojiRecord{Emoji: s.emoji()} },
		"SELECT "+emojiColumns+" FROM custom_emoji ORDER BY name"); err != nil {
		return err
	}
	return e.each(func(s *scanner) archive.Record {
		return archive.WorkspaceRecord{
			Workspace: s.workspace(),
			Directory: s.int64(),
		}
	}, "SELECT name, epoch, default_rooms, call_url, previews_off, feedback_room, directory FROM workspace")
}

// secret reads the hash of a secret.
func (s *scanner) secret() (h chat.SecretHash) {
	s.st.ColumnBytes(s.next(), h[:])
	return h
}
