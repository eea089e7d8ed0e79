-- Times are milliseconds since 1970 UTC. Lists that are only ever read whole are JSON.

CREATE TABLE workspace (
  one           INTEGER PRIMARY KEY CHECK (one = 1),
  name          TEXT NOT NULL,
  epoch         TEXT NOT NULL,
  default_rooms TEXT NOT NULL,
  directory     INTEGER NOT NULL -- grows with each change of a user that others see
) STRICT;

CREATE TABLE user (
  id           TEXT PRIMARY KEY,
  handle       TEXT NOT NULL,
  name         TEXT NOT NULL,
  name_fold    TEXT NOT NULL,
  mixed        INTEGER NOT NULL,
  title        TEXT NOT NULL,
  time_zone    TEXT NOT NULL,
  bot          INTEGER NOT NULL,
  role         TEXT NOT NULL,
  deactivated  INTEGER NOT NULL,
  ambiguous    INTEGER NOT NULL,
  status_emoji TEXT NOT NULL,
  status_text  TEXT NOT NULL,
  status_until INTEGER,
  email        TEXT NOT NULL,
  email_fold   TEXT NOT NULL UNIQUE,
  password     TEXT NOT NULL,
  theme        TEXT NOT NULL,
  skin_tone    INTEGER NOT NULL,
  enter_sends  INTEGER NOT NULL,
  epoch        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_name ON user (name_fold);

-- A handle is somebody's for ever, also after they took another.
CREATE TABLE handle (
  handle TEXT PRIMARY KEY,
  user   TEXT NOT NULL REFERENCES user (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  secret       BLOB PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  user         TEXT NOT NULL REFERENCES user (id),
  user_epoch   INTEGER NOT NULL,
  user_agent   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user, created_at);

CREATE TABLE token (
  secret       BLOB PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  user         TEXT NOT NULL REFERENCES user (id),
  user_epoch   INTEGER NOT NULL,
  name         TEXT NOT NULL,
  scopes       TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX token_user ON token (user, created_at);

CREATE TABLE invite (
  secret     BLOB PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  by         TEXT NOT NULL REFERENCES user (id),
  email      TEXT NOT NULL,
  role       TEXT NOT NULL,
  rooms      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  uses       INTEGER NOT NULL,
  max_uses   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE room (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  name         TEXT NOT NULL,
  name_fold    TEXT NOT NULL,
  topic        TEXT NOT NULL,
  archived     INTEGER NOT NULL,
  posting      TEXT NOT NULL,
  people       TEXT NOT NULL, -- of a direct room: its members' ids, sorted
  created_by   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  rev          INTEGER NOT NULL,
  last_seq     INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  member_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX room_name ON room (name_fold) WHERE kind = 'public';
CREATE UNIQUE INDEX room_people ON room (people) WHERE kind = 'direct';

CREATE TABLE member (
  room         TEXT NOT NULL REFERENCES room (id),
  user         TEXT NOT NULL REFERENCES user (id),
  role         TEXT NOT NULL,
  joined_at    INTEGER NOT NULL,
  read_seq     INTEGER NOT NULL,
  read_rev     INTEGER NOT NULL,
  notify       TEXT NOT NULL,
  starred      INTEGER NOT NULL,
  muted        INTEGER NOT NULL,
  settings_rev INTEGER NOT NULL,
  PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_user ON member (user);

CREATE TABLE message (
  room          TEXT NOT NULL REFERENCES room (id),
  seq           INTEGER NOT NULL,
  rev           INTEGER NOT NULL,
  author        TEXT NOT NULL,
  client_id     TEXT, -- of system messages: none
  text          TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  edited_at     INTEGER,
  deleted_at    INTEGER,
  thread        INTEGER NOT NULL, -- the root's seq, or 0
  also_in_room  INTEGER NOT NULL,
  replies       INTEGER NOT NULL,
  last_reply_at INTEGER,
  repliers      TEXT NOT NULL,
  mentions      TEXT NOT NULL,
  system_what   TEXT NOT NULL,
  system_value  TEXT NOT NULL,
  reactions     TEXT NOT NULL, -- the summary that clients see
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX message_client ON message (author, room, client_id) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX message_rev ON message (room, rev);
CREATE INDEX message_timeline ON message (room, seq) WHERE thread = 0 OR also_in_room = 1;
-- What follows the key lets a thread be summed up, and what is unread be counted, without reading messages.
CREATE INDEX message_thread ON message (room, thread, seq, author, created_at, deleted_at) WHERE thread > 0;
CREATE INDEX message_live ON message (room, seq, author, system_what, thread, also_in_room, deleted_at)
  WHERE (thread = 0 OR also_in_room = 1) AND deleted_at IS NULL;

CREATE TABLE mention (
  user TEXT NOT NULL,
  room TEXT NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY (user, room, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_message ON mention (room, seq);

-- The texts a message had before the present one.
CREATE TABLE version (
  room TEXT NOT NULL,
  seq  INTEGER NOT NULL,
  n    INTEGER NOT NULL,
  text TEXT NOT NULL,
  at   INTEGER NOT NULL,
  PRIMARY KEY (room, seq, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE reaction (
  room  TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  emoji TEXT NOT NULL,
  user  TEXT NOT NULL,
  rev   INTEGER NOT NULL,
  PRIMARY KEY (room, seq, emoji, user)
) STRICT, WITHOUT ROWID;

-- weight is the number of uses as of at, each halved every 30 days.
CREATE TABLE emoji_use (
  user   TEXT NOT NULL,
  emoji  TEXT NOT NULL,
  weight REAL NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (user, emoji)
) STRICT, WITHOUT ROWID;
