-- How the further addresses of a source went when they were last asked.
ALTER TABLE source ADD COLUMN origins TEXT NOT NULL DEFAULT '[]';

-- By a hash: links may be longer than an ordinary index takes.
CREATE INDEX entry_by_link ON entry USING hash (link);
