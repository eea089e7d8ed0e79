package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const inviteColumns = "id, by, email, role, rooms, created_at, expires_at, uses, max_uses, epoch"

func scanInvite(st *sqlite.Stmt) chat.Invite { return (&scanner{st: st}).invite() }

func (s *scanner) invite() chat.Invite {
	return chat.Invite{
		ID: s.text(), By: s.text(), Email: s.text(), Role: chat.Role(s.text()), Rooms: list[string](s), CreatedAt: s.time(),
		ExpiresAt: s.time(), Uses: s.int(), MaxUses: s.int(), Epoch: s.int64(),
	}
}

// AddInvite implements chat.InviteStore.
func (s *Store) AddInvite(ctx context.Context, f chat.Facts, i chat.Invite, h chat.SecretHash) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(f); err != nil {
			return err
		}
		if err := t.dropExpiredInvites(i.CreatedAt); err != nil {
			return err
		}
		return exec(t.Conn, "INSERT INTO invite VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", h[:], i.ID, i.By, i.Email, string(i.Role),
			jsonList(i.Rooms), millis(i.CreatedAt), millis(i.ExpiresAt), i.Uses, i.MaxUses, i.Epoch)
	})
}

// InviteBySecret implements chat.InviteStore.
func (s *Store) InviteBySecret(ctx context.Context, h chat.SecretHash, now time.Time) (i chat.Invite, err error) {
	_, err = read(ctx, s, func(c *conn) (struct{}, error) {
		i, err = inviteBySecret(c, h, now)
		return struct{}{}, err
	})
	return i, err
}

func inviteBySecret(c *conn, h chat.SecretHash, now time.Time) (chat.Invite, error) {
	i, err := found(row(c, scanInvite, "SELECT "+inviteColumns+" FROM invite WHERE secret = ?", h[:]))
	if err != nil {
		return i, err
	}
	return i, admits(c, i, now)
}

// admits is NotFound unless the invite lets somebody in at now.
func admits(c *conn, i chat.Invite, now time.Time) error {
	if !i.Open(now) {
		return chat.ErrNotFound()
	}
	maker, err := userByID(c, i.By)
	if err != nil {
		return err
	}
	return i.Stands(maker, func(room string) (bool, error) {
		_, is, err := row(c, integer, "SELECT 1 FROM member WHERE room = ? AND user = ?", room, i.By)
		return is, err
	})
}

// dropExpiredInvites deletes invites that expired: more than one for each that is made, so that they do not pile up.
func (t *tx) dropExpiredInvites(now time.Time) error {
	return exec(t.Conn, `DELETE FROM invite WHERE secret IN (SELECT secret FROM invite WHERE expires_at <= ? ORDER BY expires_at LIMIT 20)`,
		millis(now))
}

// useInvite counts one use of the invite, and deletes it with the last one. It returns NotFound whenever the invite does not admit this
// user.
func (t *tx) useInvite(h chat.SecretHash, cmd chat.AddUser) error {
	i, err := inviteBySecret(t.Conn, h, cmd.At)
	if err != nil {
		return err
	}
	if err := i.Usable(cmd.At, cmd.User.EmailFold); err != nil {
		return err
	}
	if i.Uses++; i.UsedUp() {
		return exec(t.Conn, "DELETE FROM invite WHERE secret = ?", h[:])
	}
	return exec(t.Conn, "UPDATE invite SET uses = uses + 1 WHERE secret = ?", h[:])
}

// Invites implements chat.InviteStore.
func (s *Store) Invites(ctx context.Context, by string, now time.Time) ([]chat.Invite, error) {
	return read(ctx, s, func(c *conn) ([]chat.Invite, error) {
		const newest = " AND expires_at > ?2 ORDER BY created_at DESC, id"
		all, err := rows(c, scanInvite, "SELECT "+inviteColumns+" FROM invite WHERE ?1 = ''"+newest, by, millis(now))
		if by != "" {
			all, err = rows(c, scanInvite, "SELECT "+inviteColumns+" FROM invite WHERE by = ?1"+newest, by, millis(now))
		}
		if err != nil {
			return nil, err
		}
		var out []chat.Invite
		for _, i := range all {
			switch err := admits(c, i, now); {
			case err == nil:
				out = append(out, i)
			case chat.ErrorCode(err) != chat.NotFound:
				return nil, err
			}
		}
		return out, nil
	})
}

// EndInvite implements chat.InviteStore.
func (s *Store) EndInvite(ctx context.Context, f chat.Facts, by, id string) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(f); err != nil {
			return err
		}
		return t.requireRow("DELETE FROM invite WHERE id = ?1 AND (?2 = '' OR by = ?2) RETURNING id", id, by)
	})
}
