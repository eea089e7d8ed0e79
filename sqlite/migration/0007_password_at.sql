-- When the user of a session last entered the password; 0: not known.
ALTER TABLE session ADD COLUMN password_at INTEGER NOT NULL DEFAULT 0;
