-- The audit log: who did what. Each row holds the hash of the row before it. entry is JSON.
CREATE TABLE audit (
  n INTEGER PRIMARY KEY,
  entry TEXT NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

-- Its newest row, whose removal would not show otherwise.
CREATE TABLE audit_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  n INTEGER NOT NULL,
  hash BLOB NOT NULL,
  at INTEGER NOT NULL
) STRICT;
