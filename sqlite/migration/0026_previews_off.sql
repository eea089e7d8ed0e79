-- 1: the workspace wants no previews of links.
ALTER TABLE workspace ADD COLUMN previews_off INTEGER NOT NULL DEFAULT 0;
