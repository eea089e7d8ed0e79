-- The epoch from which on a user's invites are good, and the epoch of its maker in which an invite was made.
ALTER TABLE user ADD COLUMN reset INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invite ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
DELETE FROM invite WHERE max_uses > 0 AND uses >= max_uses;
CREATE INDEX invite_by ON invite (by);
CREATE INDEX invite_expires ON invite (expires_at);
