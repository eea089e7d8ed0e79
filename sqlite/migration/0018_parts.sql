-- What a message has besides its text: files and the like, as JSON. Most messages have none.
ALTER TABLE message ADD COLUMN parts TEXT NOT NULL DEFAULT '';
