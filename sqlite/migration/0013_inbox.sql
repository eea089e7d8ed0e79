-- What may stand in somebody's inbox, as a follower writes it: see chat.InboxRow.
CREATE TABLE inbox (
  user    TEXT NOT NULL,
  key     TEXT NOT NULL,
  cause   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  room    TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  keyword TEXT NOT NULL,
  at      INTEGER NOT NULL,
  print   TEXT NOT NULL,
  count   INTEGER NOT NULL,
  cleared INTEGER NOT NULL,
  PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox_mark (
  user           TEXT PRIMARY KEY,
  seen_at        INTEGER NOT NULL,
  cleared_before INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
