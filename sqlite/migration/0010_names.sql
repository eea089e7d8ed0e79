-- What names are compared by. name_key holds what chat.NameKeys gives for each user, room.name_key what chat.RoomKey gives for public
-- rooms. SQL cannot compute them: the program does, when it opens a file whose version is another than chat.NamesVersion.
CREATE TABLE name_key (
  key  TEXT NOT NULL,
  user TEXT NOT NULL REFERENCES user (id),
  PRIMARY KEY (key, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_key_user ON name_key (user);

DROP INDEX user_name;
ALTER TABLE user DROP COLUMN name_fold;

-- Not unique: rooms may have got names that look alike before names were compared so.
DROP INDEX room_name;
ALTER TABLE room ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE INDEX room_name ON room (name_key) WHERE kind = 'public';

CREATE TABLE names (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO names VALUES (1, 0);
