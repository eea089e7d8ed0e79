package sqlite

import (
	"context"

	"github.com/canteen-chat/canteen/audience"
	"github.com/canteen-chat/canteen/chat"
)

var _ audience.Membership = (*tx)(nil)

// announce queues an event to be announced after the commit.
func (t *tx) announce(e chat.Event) {
	t.announcements = append(t.announcements, chat.Announcement{Event: e, Audience: chat.AudienceOf(e, 0)})
}

// resolve determines the recipients of a command's events. It runs after the command and before the commit, so it sees the
// memberships that are committed.
func (t *tx) resolve(ctx context.Context) (err error) {
	for i := range t.announcements {
		if t.announcements[i].To, err = t.announcements[i].Audience.Resolve(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// MembersAt implements audience.Membership. It ignores the version and returns the members as of the running command.
func (t *tx) MembersAt(_ context.Context, room string, _ int64) ([]string, error) {
	return t.members(room)
}

// FollowersAt implements audience.Membership. It ignores the version, as MembersAt does.
func (t *tx) FollowersAt(_ context.Context, room string, root, _ int64) ([]string, error) {
	return followers(t.Conn, room, root)
}

// PeopleAt implements audience.Membership.
func (t *tx) PeopleAt(context.Context, int64) (others, guests []string, err error) {
	if others, err = rows(t.Conn, text, "SELECT id FROM user WHERE role IN ('owner', 'admin', 'member')"); err != nil {
		return nil, nil, err
	}
	guests, err = rows(t.Conn, text, "SELECT id FROM user WHERE role = 'guest'")
	return others, guests, err
}

// CoMembers implements audience.Membership.
func (t *tx) CoMembers(_ context.Context, user string) ([]string, error) {
	return coMembers(t.Conn, user)
}

func coMembers(c *conn, user string) ([]string, error) {
	return rows(c, text, `SELECT DISTINCT o.user FROM member m JOIN member o ON o.room = m.room WHERE m.user = ?1 UNION SELECT ?1`, user)
}
