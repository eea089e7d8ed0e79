-- What pages said about themselves, for previews of links: see chat.PreviewRecord. A cache with one record in a slot. preview is JSON, '' for a
-- page that said nothing.
CREATE TABLE preview (
  slot    INTEGER PRIMARY KEY,
  key     TEXT NOT NULL,
  id      TEXT NOT NULL,
  preview TEXT NOT NULL,
  at      INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
