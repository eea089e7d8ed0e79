-- How many rooms there are that are not direct, so that making one counts none of them.
ALTER TABLE workspace ADD COLUMN rooms INTEGER NOT NULL DEFAULT 0;
UPDATE workspace SET rooms = (SELECT count(*) FROM room WHERE kind <> 'direct');
-- Who hears of a change of a user, and whether another owner is left, without reading all users.
CREATE INDEX user_role ON user (role, deactivated);
