-- When somebody last changed their handle: a JSON list of times. Nobody may change it often.
ALTER TABLE user ADD COLUMN handle_changes TEXT NOT NULL DEFAULT '[]';
