-- The template of links to calls; '' for no calls.
ALTER TABLE workspace ADD COLUMN call_url TEXT NOT NULL DEFAULT '';
