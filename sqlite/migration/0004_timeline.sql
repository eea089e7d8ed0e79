-- One index of the timeline in place of two, which every post had to write. What follows the key lets what is unread be counted
-- without reading messages.
DROP INDEX message_live;
DROP INDEX message_timeline;
CREATE INDEX message_timeline ON message (room, seq, author, system_what, thread, also_in_room, deleted_at)
  WHERE thread = 0 OR also_in_room = 1;
