-- Articles whose text the law had taken out. What the work still needs to find the text by stands
-- in `work` until it is done.
CREATE TABLE redaction (
    article_id BIGINT NOT NULL PRIMARY KEY REFERENCES article (id),
    leaf BIGINT NOT NULL REFERENCES leaf (idx),
    begun_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    work TEXT,
    done_at BIGINT
);

-- What redacted articles must not come back by: salted digests of addresses and of entries' keys.
CREATE TABLE redaction_salt (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    salt BYTEA NOT NULL
);

CREATE TABLE redacted_key (
    hash BYTEA NOT NULL PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES redaction (article_id)
);

-- The captures that were taken out with them.
CREATE TABLE redacted_capture (
    capture_id BIGINT NOT NULL PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES redaction (article_id)
);

-- Segments that were copied without a member: to be removed.
CREATE TABLE old_segment (
    segment BYTEA NOT NULL PRIMARY KEY,
    article_id BIGINT NOT NULL REFERENCES redaction (article_id)
);
