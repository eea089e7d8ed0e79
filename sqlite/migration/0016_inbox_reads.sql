-- Rows of inboxes are read newest first, or by room, and are deleted by age. Messages to everybody have none any more: a row without a cause
-- says that its key was cleared.
ALTER TABLE inbox ADD COLUMN thread INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN cleared_at INTEGER NOT NULL DEFAULT 0;
UPDATE inbox SET cleared_at = at WHERE cleared = 1;
DELETE FROM inbox WHERE cause = 'broadcast' AND cleared = 0;
UPDATE inbox SET cause = '' WHERE cause = 'broadcast';
ALTER TABLE inbox DROP COLUMN cleared;
CREATE INDEX inbox_newest ON inbox (user, at DESC, key) WHERE at > cleared_at AND cause <> '';
CREATE INDEX inbox_room ON inbox (user, room, seq) WHERE at > cleared_at AND cause IN ('mention', 'keyword');
CREATE INDEX inbox_age ON inbox (at);

ALTER TABLE inbox_mark ADD COLUMN keys_cleared INTEGER NOT NULL DEFAULT 0;
UPDATE inbox_mark SET keys_cleared = coalesce((SELECT max(cleared_at) FROM inbox WHERE inbox.user = inbox_mark.user), 0);
INSERT INTO inbox_mark SELECT user, 0, 0, max(cleared_at) FROM inbox WHERE cleared_at > 0 AND user NOT IN (SELECT user FROM inbox_mark)
  GROUP BY user;
