-- How the further addresses of a source went when they were last asked.
ALTER TABLE source ADD COLUMN origins TEXT NOT NULL DEFAULT '[]';

CREATE INDEX entry_by_link ON entry (source_id, link);
