-- The room into which feedback is posted; '' for none.
ALTER TABLE workspace ADD COLUMN feedback_room TEXT NOT NULL DEFAULT '';
-- Messages that are feedback.
CREATE TABLE feedback (
	room   TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	author TEXT NOT NULL,
	at     INTEGER NOT NULL, -- the message's created_at
	PRIMARY KEY (room, seq)
) WITHOUT ROWID, STRICT;
CREATE INDEX feedback_by_time ON feedback (at DESC, room, seq);
CREATE INDEX feedback_by_author ON feedback (author, at DESC, room, seq);
