-- Up to which revision each follower of the commit feed has worked in a room.
CREATE TABLE follower (
  name TEXT NOT NULL,
  room TEXT NOT NULL,
  rev  INTEGER NOT NULL,
  PRIMARY KEY (name, room)
) STRICT, WITHOUT ROWID;

-- Who used which emoji on which message, as a follower notes it. What was counted before follows from the messages.
DROP TABLE emoji_use;
CREATE TABLE emoji_use (
  user  TEXT NOT NULL,
  at    INTEGER NOT NULL,
  room  TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  emoji TEXT NOT NULL,
  PRIMARY KEY (user, at, room, seq, emoji)
) STRICT, WITHOUT ROWID;
