-- What redacted texts must not come back by: salted digests of pieces of them.
CREATE TABLE redacted_print (
    print BIGINT NOT NULL PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES redaction (article_id)
);

-- Segments stay here when they are removed: a backup is to have them no more.
ALTER TABLE old_segment ADD COLUMN removed BIGINT NOT NULL DEFAULT 0;
