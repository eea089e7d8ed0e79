package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"
)

// Adoption says how much Canteen is used. It has numbers only, no names.
type Adoption struct {
	People             int64 // who have an account, without bots and the deactivated
	Active             int64 // of them, who were signed in and there
	Rooms              int64 // in which something happened, direct ones apart
	Feedback, Answered int64 // what was given, and how much of that somebody else has answered
}

// Adoption counts what happened since a time; of feedback, since given. It reads all users, sessions and rooms, so ask seldom.
func (s *Store) Adoption(ctx context.Context, since, given time.Time) (Adoption, error) {
	return read(ctx, s, func(c *conn) (a Adoption, err error) {
		count := func(query string, args ...any) (n int64) {
			if err == nil {
				n, _, err = row(c, integer, query, args...)
			}
			return n
		}
		a.People = count("SELECT count(*) FROM user WHERE deactivated = 0 AND bot = 0")
		a.Active = count("SELECT count(DISTINCT session.user) FROM session JOIN user ON user.id = session.user "+
			"WHERE session.last_seen_at > ? AND user.deactivated = 0 AND user.bot = 0", millis(since))
		a.Rooms = count("SELECT count(*) FROM room JOIN message ON message.room = room.id AND message.seq = room.last_seq "+
			"WHERE room.kind <> 'direct' AND message.created_at > ?", millis(since))
		if err != nil {
			return a, err
		}
		_, _, err = row(c, func(st *sqlite.Stmt) bool {
			a.Feedback, a.Answered = st.ColumnInt64(0), st.ColumnInt64(1)
			return true
		}, "SELECT count(*), count(CASE WHEN EXISTS (SELECT 1 FROM json_each(message.repliers) WHERE value <> feedback.author) THEN 1 END) "+
			"FROM feedback JOIN message ON message.room = feedback.room AND message.seq = feedback.seq WHERE feedback.at > ?", millis(given))
		return a, err
	})
}
