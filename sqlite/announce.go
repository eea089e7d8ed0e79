package sqlite

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
)

var _ chat.Membership = (*tx)(nil)

// say announces an event after the commit.
func (t *tx) say(e chat.Event) {
	t.said = append(t.said, chat.Announcement{Event: e, Audience: chat.AudienceOf(e, 0)})
}

// resolve finds out who the audiences of a command come to: once the command is done and before it is committed, so that
// membership is what it is at the commit.
func (t *tx) resolve(ctx context.Context) (err error) {
	for i := range t.said {
		if t.said[i].To, err = t.said[i].Audience.Resolve(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// MembersAt implements chat.Membership. There is one version: that of the command under way.
func (t *tx) MembersAt(_ context.Context, room string, _ int64) ([]string, error) {
	return t.members(room)
}

// PeopleAt implements chat.Membership.
func (t *tx) PeopleAt(context.Context, int64) (others, guests []string, err error) {
	if others, err = rows(t.Conn, text, "SELECT id FROM user WHERE role <> 'guest'"); err != nil {
		return nil, nil, err
	}
	guests, err = rows(t.Conn, text, "SELECT id FROM user WHERE role = 'guest'")
	return others, guests, err
}

// CoMembers implements chat.Membership.
func (t *tx) CoMembers(_ context.Context, user string) ([]string, error) {
	return coMembers(t.Conn, user)
}

func coMembers(c *conn, user string) ([]string, error) {
	return rows(c, text, `SELECT DISTINCT o.user FROM member m JOIN member o ON o.room = m.room WHERE m.user = ?1 UNION SELECT ?1`, user)
}
