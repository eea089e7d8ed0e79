ALTER TABLE room ADD COLUMN owners_broadcast INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN broadcast TEXT NOT NULL DEFAULT ''; -- here, room, or nothing
-- What counts as a mention of every member, however many there are.
CREATE INDEX message_broadcast ON message (room, seq, author) WHERE broadcast = 'room';
