-- Incoming webhooks. The id of one is that of its bot.
CREATE TABLE hook (
	id         TEXT NOT NULL PRIMARY KEY,
	room       TEXT NOT NULL,
	by         TEXT NOT NULL,
	calls      INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	used_at    INTEGER,
	epoch      INTEGER NOT NULL,
	secret     BLOB NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX hook_by_room ON hook (room, created_at, id);
