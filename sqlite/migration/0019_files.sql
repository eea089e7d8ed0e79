-- What is known of files whose bodies are elsewhere. info is chat.File as JSON. due is when a file is to be looked at, 0 for never.
CREATE TABLE file (
  id    TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  owner TEXT NOT NULL,
  home  TEXT NOT NULL,
  at    INTEGER NOT NULL,
  due   INTEGER NOT NULL,
  room  TEXT NOT NULL, -- '' before the file was part of a message
  seq   INTEGER NOT NULL,
  n     INTEGER NOT NULL, -- its place among the files of the message
  kind  TEXT NOT NULL,
  info  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX file_due ON file (due, id) WHERE due > 0;
CREATE INDEX file_room ON file (room, seq, n) WHERE state = 'attached';
CREATE INDEX file_room_kind ON file (room, kind, seq, n) WHERE state = 'attached';
