-- Files of the kind preview are pictures of web pages, which no list of files has.
DROP INDEX file_room;
CREATE INDEX file_room ON file (room, seq, n) WHERE state = 'attached' AND kind <> 'preview';
