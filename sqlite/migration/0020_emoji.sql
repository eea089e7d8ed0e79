-- The names of custom emoji, the deleted ones included: see chat.CustomEmoji.
CREATE TABLE custom_emoji (
  name    TEXT PRIMARY KEY,
  picture TEXT NOT NULL,
  sum     TEXT NOT NULL,
  by      TEXT NOT NULL,
  at      INTEGER NOT NULL,
  main_at INTEGER NOT NULL,
  deleted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The revision of the list. It has one row once there was a change.
CREATE TABLE custom_emoji_list (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  revision TEXT NOT NULL
) STRICT;
CREATE INDEX custom_emoji_picture ON custom_emoji (picture) WHERE deleted = 0;
