package server_test

import (
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// invariants hold for the data at all times. Each query finds the rows that violate one.
var invariants = map[string]string{
	"seq is dense":             `SELECT room FROM message GROUP BY room HAVING min(seq) <> 1 OR max(seq) <> count(*)`,
	"last_seq is the last":     `SELECT id FROM room WHERE last_seq <> (SELECT count(*) FROM message WHERE room = id)`,
	"rev is the last change's": `SELECT id FROM room WHERE rev <> (SELECT coalesce(max(rev), 0) FROM message WHERE room = id)`,
	"revs are unique":          `SELECT room, rev FROM message GROUP BY room, rev HAVING count(*) > 1`,
	"a client id posts once": `SELECT author, room, client_id FROM message
		WHERE client_id IS NOT NULL GROUP BY author, room, client_id HAVING count(*) > 1`,
	"public names are unique": `SELECT name_fold FROM room WHERE kind = 'public' GROUP BY name_fold HAVING count(*) > 1`,
	"direct rooms are unique": `SELECT people FROM room WHERE kind = 'direct' GROUP BY people HAVING count(*) > 1`,
	"direct rooms hold people": `SELECT id FROM room r WHERE kind = 'direct'
		AND people <> (SELECT group_concat(user, ' ') FROM (SELECT user FROM member WHERE room = r.id ORDER BY user))`,
	"member_count counts": `SELECT id FROM room WHERE member_count <> (SELECT count(*) FROM member WHERE room = id)`,
	"pointers stay in the room": `SELECT room, user FROM member m WHERE read_seq < 0
		OR read_seq > (SELECT last_seq FROM room WHERE id = m.room)`,
	"members are users": `SELECT user FROM member WHERE user NOT IN (SELECT id FROM user)`,
	"authors are users": `SELECT author FROM message WHERE author NOT IN (SELECT id FROM user)`,
	"reactions are of messages": `SELECT * FROM reaction r WHERE NOT EXISTS (SELECT 1 FROM message m
		WHERE m.room = r.room AND m.seq = r.seq AND deleted_at IS NULL)`,
	"mentions are of messages": `SELECT * FROM mention r WHERE NOT EXISTS (SELECT 1 FROM message m
		WHERE m.room = r.room AND m.seq = r.seq AND deleted_at IS NULL)`,
	"versions are numbered by edits": `SELECT * FROM version v WHERE NOT EXISTS (SELECT 1 FROM message m
		WHERE m.room = v.room AND m.seq = v.seq AND v.n < m.edits AND v.n >= m.edits - 99)`,
	"versions are of messages": `SELECT * FROM version r WHERE NOT EXISTS (SELECT 1 FROM message m
		WHERE m.room = r.room AND m.seq = r.seq AND deleted_at IS NULL AND edited_at IS NOT NULL)`,
	"tombstones are empty": `SELECT room, seq FROM message WHERE deleted_at IS NOT NULL AND (text <> ''
		OR mentions <> '[]' OR reactions <> '[]' OR parts <> '' OR tally <> '')`,
	"summaries sum up": `SELECT m.room, m.seq, e.value FROM message m, json_each(m.reactions) e WHERE json_extract(e.value, '$.n') < 1
		OR json_extract(e.value, '$.n') <> (SELECT count(*) FROM reaction r WHERE r.room = m.room AND r.seq = m.seq
		AND r.emoji = json_extract(e.value, '$.e'))`,
	"reactions are summed up": `SELECT m.room, m.seq FROM message m WHERE json_array_length(m.reactions)
		<> (SELECT count(DISTINCT emoji) FROM reaction r WHERE r.room = m.room AND r.seq = m.seq)`,
	"votes are of polls": `SELECT * FROM vote v WHERE options = 0 OR NOT EXISTS (SELECT 1 FROM message m
		WHERE m.room = v.room AND m.seq = v.seq AND tally <> '')`,
	"voters are counted": `SELECT room, seq FROM message m WHERE tally <> '' AND json_extract(nullif(tally, ''), '$.n')
		<> (SELECT count(*) FROM vote v WHERE v.room = m.room AND v.seq = m.seq)`,
	"votes are counted": `SELECT m.room, m.seq, e.key FROM message m, json_each(nullif(m.tally, ''), '$.o') e WHERE m.tally <> ''
		AND json_extract(e.value, '$.n') <> (SELECT count(*) FROM vote v WHERE v.room = m.room AND v.seq = m.seq
		AND v.options & (1 << e.key))`,
	"polls have tallies": `SELECT room, seq FROM message WHERE (tally <> '') <> (json_extract(nullif(parts, ''), '$.poll') IS NOT NULL)`,
	"replies count": `SELECT room, seq FROM message m WHERE replies <> (SELECT count(*) FROM message r
		WHERE r.room = m.room AND r.thread = m.seq AND r.deleted_at IS NULL)`,
	"threads have roots": `SELECT room, seq FROM message m WHERE thread > 0
		AND NOT EXISTS (SELECT 1 FROM message r WHERE r.room = m.room AND r.seq = m.thread AND r.thread = 0)`,
	"sessions are of their users": `SELECT id FROM session s WHERE NOT EXISTS (SELECT 1 FROM user u WHERE u.id = s.user
		AND u.epoch = s.user_epoch AND u.deactivated = 0)`,
	"tokens are of their users": `SELECT id FROM token s WHERE NOT EXISTS (SELECT 1 FROM user u WHERE u.id = s.user
		AND u.epoch = s.user_epoch AND u.deactivated = 0)`,
	"handles are of their users": `SELECT id FROM user u WHERE NOT EXISTS (SELECT 1 FROM handle h
		WHERE h.handle = u.handle AND h.user = u.id)`,
	"e-mail addresses are unique": `SELECT email_fold FROM user GROUP BY email_fold HAVING count(*) > 1`,
	"invites are used within max": `SELECT id FROM invite WHERE max_uses > 0 AND uses > max_uses`,
	"there is an active owner":    `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM user WHERE role = 'owner' AND deactivated = 0)`,
	"at most 20 emoji a message":  `SELECT room, seq FROM message WHERE json_array_length(reactions) > 20`,
	"at most 50 sessions a user":  `SELECT user FROM session GROUP BY user HAVING count(*) > 50`,
	"foreign keys hold":           `SELECT * FROM pragma_foreign_key_check`,
	"the file is in one piece":    `SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
	"the database has data":       `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM user JOIN room JOIN member)`,
}

// checkInvariants checks the data directory of a server, which may be running.
func checkInvariants(t *testing.T, dir string) {
	t.Helper()
	c, err := sqlite.OpenConn(filepath.Join(dir, "canteen.db"), sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for what, query := range invariants {
		err := sqlitex.ExecuteTransient(c, query, &sqlitex.ExecOptions{ResultFunc: func(st *sqlite.Stmt) error {
			row := []string{}
			for i := range st.ColumnCount() {
				row = append(row, st.ColumnText(i))
			}
			t.Errorf("invariant %q is violated by %q", what, row)
			return nil
		}})
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
