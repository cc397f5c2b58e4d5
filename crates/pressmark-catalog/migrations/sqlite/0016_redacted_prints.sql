-- What redacted texts must not come back by: salted digests of pieces of them.
CREATE TABLE redacted_print (
    print INTEGER NOT NULL PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES redaction (article_id)
) STRICT;

-- Segments stay here when they are removed: a backup is to have them no more.
ALTER TABLE old_segment ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
