-- The sections of the list of rooms that a user made: the JSON of []chat.Section; '' for none.
ALTER TABLE user ADD COLUMN sections TEXT NOT NULL DEFAULT '';
