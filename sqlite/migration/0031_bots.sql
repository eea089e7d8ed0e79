-- Who made a bot; empty for people, and for bots of the command line and of webhooks.
ALTER TABLE user ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX user_by_owner ON user (owner, id) WHERE owner <> '';
