-- Articles whose text the law had taken out. What the work still needs to find the text by stands
-- in `work` until it is done.
CREATE TABLE redaction (
    article_id INTEGER NOT NULL PRIMARY KEY REFERENCES article (id),
    leaf INTEGER NOT NULL REFERENCES leaf (idx),
    begun_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    work TEXT,
    done_at INTEGER
) STRICT;

-- What redacted articles must not come back by: salted digests of addresses and of entries' keys.
CREATE TABLE redaction_salt (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    salt BLOB NOT NULL
) STRICT;

CREATE TABLE redacted_key (
    hash BLOB NOT NULL PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES redaction (article_id)
) STRICT, WITHOUT ROWID;

-- The captures that were taken out with them.
CREATE TABLE redacted_capture (
    capture_id INTEGER NOT NULL PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES redaction (article_id)
) STRICT;

-- Segments that were copied without a member: to be removed.
CREATE TABLE old_segment (
    segment BLOB NOT NULL PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES redaction (article_id)
) STRICT, WITHOUT ROWID;
