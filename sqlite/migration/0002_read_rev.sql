-- What read_rev begins with for whoever joins: beyond all that those who left have had, so that it never goes back for them.
ALTER TABLE room ADD COLUMN first_read_rev INTEGER NOT NULL DEFAULT 0;
UPDATE room SET first_read_rev = (SELECT coalesce(max(read_rev), 0) + 1 FROM member WHERE member.room = room.id);
