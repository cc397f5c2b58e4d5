-- Up to which leaf versions were looked through for images.
CREATE TABLE media_cursor (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    next_leaf INTEGER NOT NULL
) STRICT;

INSERT INTO media_cursor (one, next_leaf) VALUES (1, 0);

-- Files of articles, by the digest of their bytes, and the capture that holds these.
CREATE TABLE media (
    digest BLOB NOT NULL PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES capture (id),
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The versions that have images, and the leaf of their manifest once these have settled.
CREATE TABLE media_set (
    article_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    leaf INTEGER REFERENCES leaf (idx),
    PRIMARY KEY (article_id, version),
    FOREIGN KEY (article_id, version) REFERENCES version (article_id, number)
) STRICT, WITHOUT ROWID;

-- The images of versions in the order of the text: what is asked for, and what came of it. One that
-- waits has a time to be asked at; one that has settled has a digest, or the reason why not.
CREATE TABLE media_item (
    article_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    -- In the text.
    url TEXT NOT NULL,
    -- Of the size that is kept.
    fetch_url TEXT NOT NULL,
    digest BLOB REFERENCES media (digest),
    reason TEXT,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    claimed_until INTEGER,
    fetched_at INTEGER,
    PRIMARY KEY (article_id, version, position),
    FOREIGN KEY (article_id, version) REFERENCES media_set (article_id, version)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_item_by_due ON media_item (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX media_item_by_url ON media_item (fetch_url);
CREATE INDEX media_item_by_digest ON media_item (digest);
CREATE INDEX media_by_capture ON media (capture_id);
