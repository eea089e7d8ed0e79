-- How often the text of a message was changed, so that an edit numbers its version without counting. The newest 100 versions are kept,
-- the present one included.
ALTER TABLE message ADD COLUMN edits INTEGER NOT NULL DEFAULT 0;
UPDATE message SET edits = v.n + 1 FROM (SELECT room, seq, max(n) AS n FROM version GROUP BY room, seq) AS v
  WHERE message.room = v.room AND message.seq = v.seq;
DELETE FROM version WHERE n < (SELECT edits - 99 FROM message WHERE message.room = version.room AND message.seq = version.seq);
