-- What a user wants to hear of: the JSON of chat.Attention; '' for the defaults.
ALTER TABLE user ADD COLUMN attention TEXT NOT NULL DEFAULT '';
