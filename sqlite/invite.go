package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const inviteColumns = "id, by, email, role, rooms, created_at, expires_at, uses, max_uses"

func scanInvite(st *sqlite.Stmt) chat.Invite { return (&scanner{st: st}).invite() }

func (s *scanner) invite() chat.Invite {
	return chat.Invite{
		ID: s.text(), By: s.text(), Email: s.text(), Role: chat.Role(s.text()), Rooms: list[string](s), CreatedAt: s.time(),
		ExpiresAt: s.time(), Uses: s.int(), MaxUses: s.int(),
	}
}

// AddInvite implements chat.InviteStore.
func (s *Store) AddInvite(ctx context.Context, f chat.Facts, i chat.Invite, h chat.SecretHash) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(f); err != nil {
			return err
		}
		return exec(t.Conn, "INSERT INTO invite VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", h[:], i.ID, i.By, i.Email, string(i.Role),
			jsonList(i.Rooms),
			millis(i.CreatedAt), millis(i.ExpiresAt), i.Uses, i.MaxUses)
	})
}

// InviteBySecret implements chat.InviteStore.
func (s *Store) InviteBySecret(ctx context.Context, h chat.SecretHash) (chat.Invite, error) {
	return read(ctx, s, func(c *conn) (chat.Invite, error) { return inviteBySecret(c, h) })
}

func inviteBySecret(c *conn, h chat.SecretHash) (chat.Invite, error) {
	return found(row(c, scanInvite, "SELECT "+inviteColumns+" FROM invite WHERE secret = ?", h[:]))
}

// useInvite counts one use of the invite. It returns NotFound whenever the invite does not admit this user.
func (t *tx) useInvite(h chat.SecretHash, cmd chat.AddUser) error {
	i, err := inviteBySecret(t.Conn, h)
	if err != nil {
		return err
	}
	if err := i.Usable(cmd.At, cmd.User.EmailFold); err != nil {
		return err
	}
	return exec(t.Conn, "UPDATE invite SET uses = uses + 1 WHERE secret = ?", h[:])
}

// Invites implements chat.InviteStore.
func (s *Store) Invites(ctx context.Context, by string, now time.Time) ([]chat.Invite, error) {
	return read(ctx, s, func(c *conn) ([]chat.Invite, error) {
		return rows(c, scanInvite, "SELECT "+inviteColumns+` FROM invite
			WHERE (?1 = '' OR by = ?1) AND expires_at > ?2 AND (max_uses = 0 OR uses < max_uses)
			ORDER BY created_at DESC, id`, by, millis(now))
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
