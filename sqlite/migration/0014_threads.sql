-- Who follows which thread (on, off, auto), and how far they have read it.
CREATE TABLE my_thread (
  user     TEXT NOT NULL,
  room     TEXT NOT NULL,
  root     INTEGER NOT NULL,
  follow   TEXT NOT NULL,
  read_seq INTEGER NOT NULL,
  read_rev INTEGER NOT NULL,
  PRIMARY KEY (user, room, root)
) STRICT, WITHOUT ROWID;
CREATE INDEX my_thread_root ON my_thread (room, root, user, follow);

-- Who wrote a root or a reply follows the thread, and has read it up to now. No list of them all is made in memory.
INSERT OR IGNORE INTO my_thread
  SELECT author, room, thread, 'auto', (SELECT max(seq) FROM message WHERE room = reply.room AND thread = reply.thread AND thread > 0), 0
  FROM message AS reply
  WHERE thread > 0 AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM member WHERE room = reply.room AND user = author);
INSERT OR IGNORE INTO my_thread
  SELECT author, room, seq, 'auto', (SELECT max(seq) FROM message WHERE room = root.room AND thread = root.seq AND thread > 0), 0
  FROM message AS root
  WHERE replies > 0 AND EXISTS (SELECT 1 FROM member WHERE room = root.room AND user = author);

-- The root of the reply that mentions, or 0: it lets the mentions in a thread be counted.
ALTER TABLE mention ADD COLUMN thread INTEGER NOT NULL DEFAULT 0;
UPDATE mention SET thread = (SELECT thread FROM message WHERE message.room = mention.room AND message.seq = mention.seq);
CREATE INDEX mention_thread ON mention (user, room, thread, seq) WHERE thread > 0;
