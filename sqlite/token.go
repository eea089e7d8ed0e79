package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const tokenColumns = "token.id, token.user, token.user_epoch, token.name, token.scopes, " + // #nosec G101 -- column names
	"token.created_at, token.expires_at, token.last_used_at"

func scanToken(st *sqlite.Stmt) chat.Token { return (&scanner{st: st}).token() }

func (s *scanner) token() chat.Token {
	return chat.Token{
		ID: s.text(), User: s.text(), UserEpoch: s.int64(), Name: s.text(), Scopes: list[chat.Scope](s), CreatedAt: s.time(),
		ExpiresAt: s.optionalTime(), LastUsedAt: s.optionalTime(),
	}
}

// AddToken implements chat.TokenStore.
func (s *Store) AddToken(ctx context.Context, f chat.Facts, n chat.Token, h chat.SecretHash) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(f); err != nil {
			return err
		}
		count, _, err := row(t.Conn, integer, "SELECT count(*) FROM token WHERE user = ? AND user_epoch = ?", n.User, n.UserEpoch)
		if err != nil {
			return err
		}
		if err := chat.MayAddToken(int(count)); err != nil {
			return err
		}
		return exec(t.Conn, "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", h[:], n.ID, n.User, n.UserEpoch, n.Name,
			jsonList(n.Scopes),
			millis(n.CreatedAt), optionalMillis(n.ExpiresAt), optionalMillis(n.LastUsedAt))
	})
}

// TokenBySecret implements chat.TokenStore.
func (s *Store) TokenBySecret(ctx context.Context, _ string, h chat.SecretHash, now time.Time) (chat.Token, chat.User, error) {
	v, err := s.secretOwner(ctx, secretKey{token: true, hash: h}, func(c *conn) (v secretOwner, of string, epoch int64, err error) {
		v.token, err = found(row(c, scanToken, "SELECT "+tokenColumns+" FROM token WHERE secret = ?", h[:]))
		return v, v.token.User, v.token.UserEpoch, err
	})
	if err == nil && !v.token.Lives(v.user, now) {
		err = chat.ErrNotFound()
	}
	if err != nil {
		return chat.Token{}, chat.User{}, err
	}
	return v.token, v.user, nil
}

// Tokens implements chat.TokenStore.
func (s *Store) Tokens(ctx context.Context, user string) ([]chat.Token, error) {
	return read(ctx, s, func(c *conn) ([]chat.Token, error) {
		return rows(c, scanToken, "SELECT "+tokenColumns+` FROM token JOIN user ON user.id = token.user
			WHERE token.user = ? AND user_epoch = epoch ORDER BY created_at, token.id`, user)
	})
}

// TouchToken implements chat.TokenStore.
func (s *Store) TouchToken(ctx context.Context, user, id string, used time.Time) error {
	return do(ctx, s, func(t *tx) error {
		err := t.requireRow("UPDATE token SET last_used_at = ? WHERE user = ? AND id = ? RETURNING id", millis(used), user, id)
		t.Conn.changes.reportTouched(id)
		return err
	})
}

// EndToken implements chat.TokenStore.
func (s *Store) EndToken(ctx context.Context, user, id string) error {
	return s.end(ctx, "DELETE FROM token WHERE user = ? AND id = ? RETURNING id", user, id)
}
