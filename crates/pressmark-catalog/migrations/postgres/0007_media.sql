-- Up to which leaf versions were looked through for images.
CREATE TABLE media_cursor (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    next_leaf BIGINT NOT NULL
);

INSERT INTO media_cursor (one, next_leaf) VALUES (1, 0);

-- Files of articles, by the digest of their bytes, and the capture that holds these.
CREATE TABLE media (
    digest BYTEA NOT NULL PRIMARY KEY,
    capture_id BIGINT NOT NULL REFERENCES capture (id),
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL
);

-- The versions that have images, and the leaf of their manifest once these have settled.
CREATE TABLE media_set (
    article_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    leaf BIGINT REFERENCES leaf (idx),
    PRIMARY KEY (article_id, version),
    FOREIGN KEY (article_id, version) REFERENCES version (article_id, number)
);

-- The images of versions in the order of the text: what is asked for, and what came of it. One that
-- waits has a time to be asked at; one that has settled has a digest, or the reason why not.
CREATE TABLE media_item (
    article_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    -- In the text.
    url TEXT NOT NULL,
    -- Of the size that is kept.
    fetch_url TEXT NOT NULL,
    digest BYTEA REFERENCES media (digest),
    reason TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    claimed_until BIGINT,
    fetched_at BIGINT,
    PRIMARY KEY (article_id, version, position),
    FOREIGN KEY (article_id, version) REFERENCES media_set (article_id, version)
);

CREATE INDEX media_item_by_due ON media_item (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX media_item_by_url ON media_item (fetch_url);
CREATE INDEX media_item_by_digest ON media_item (digest);
CREATE INDEX media_by_capture ON media (capture_id);
