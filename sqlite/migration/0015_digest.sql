-- Where the e-mail digest of a user stands: see chat.DigestState. due is 0 when it was turned off.
CREATE TABLE digest (
  user  TEXT PRIMARY KEY,
  due   INTEGER NOT NULL,
  last  INTEGER NOT NULL,
  since INTEGER NOT NULL,
  key   TEXT NOT NULL,
  tries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_due ON digest (due) WHERE due > 0;

-- Who wanted a digest before there was one: it is looked at, at once.
INSERT INTO digest SELECT id, 1, 0, 0, '', 0 FROM user
  WHERE deactivated = 0 AND bot = 0 AND email <> '' AND attention <> '' AND json_extract(attention, '$.Digest') IN ('hourly', 'daily');
