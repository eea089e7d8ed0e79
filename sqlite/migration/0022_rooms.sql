-- What a room tells of itself. Lists of rooms do not read it. welcomes says whether there is a welcome.
CREATE TABLE room_about (
  room        TEXT PRIMARY KEY,
  description TEXT NOT NULL,
  welcome     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE room ADD COLUMN welcomes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN greet INTEGER NOT NULL DEFAULT 0;

-- Who confirmed that they read a message which asks for it.
CREATE TABLE confirmation (
  room TEXT NOT NULL,
  seq  INTEGER NOT NULL,
  user TEXT NOT NULL,
  at   INTEGER NOT NULL,
  PRIMARY KEY (room, seq, user)
) STRICT, WITHOUT ROWID;
