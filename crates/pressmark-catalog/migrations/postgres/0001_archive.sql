-- Times are microseconds since 1970, digests are 32 bytes of SHA-256, lists and compound values are
-- JSON texts, compressed texts are zstd frames.

CREATE TABLE archive (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    id BYTEA NOT NULL CHECK (octet_length(id) = 16),
    created_at BIGINT NOT NULL
);

-- The next numbers. They are taken by UPDATE … RETURNING in the transaction that uses them, so that
-- none is skipped and their order is the order of commits. Reader applications keep article ids in
-- 31 bits.
CREATE TABLE counter (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    next_leaf BIGINT NOT NULL,
    next_article BIGINT NOT NULL CHECK (next_article <= 2147483648),
    next_capture BIGINT NOT NULL,
    versions BIGINT NOT NULL
);

INSERT INTO counter (one, next_leaf, next_article, next_capture, versions) VALUES (1, 0, 1, 1, 0);

CREATE TABLE source (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    url TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT,
    state TEXT NOT NULL,
    settings TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    title TEXT,
    home TEXT,
    language TEXT,
    format TEXT NOT NULL,
    issues TEXT NOT NULL,
    polled_at BIGINT,
    succeeded_at BIGINT,
    failure TEXT,
    failures BIGINT NOT NULL,
    next_poll_at BIGINT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    body_digest BYTEA,
    moved_to TEXT,
    moved_times BIGINT NOT NULL,
    -- How many documents were read of it: `entry.seen_in` tells the entries of the last one.
    reads BIGINT NOT NULL,
    -- How many articles have it as their home: also the last of their numbers in it.
    articles BIGINT NOT NULL,
    lease_owner BIGINT,
    lease_until BIGINT
);

CREATE INDEX source_by_due ON source (state, next_poll_at);

CREATE TABLE capture (
    id BIGINT NOT NULL PRIMARY KEY,
    url TEXT COLLATE "C" NOT NULL,
    final_url TEXT NOT NULL,
    captured_at BIGINT NOT NULL,
    status BIGINT NOT NULL,
    content_type TEXT,
    payload_digest BYTEA NOT NULL
);

CREATE INDEX capture_by_payload ON capture (payload_digest);

-- Where the WARC records are. `segment`, `begins_at` and `bytes` may change, the rest may not.
CREATE TABLE record (
    capture_id BIGINT NOT NULL REFERENCES capture (id),
    position BIGINT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    block_digest BYTEA NOT NULL,
    segment BYTEA NOT NULL,
    begins_at BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (capture_id, position)
);

CREATE TABLE article (
    id BIGINT NOT NULL PRIMARY KEY,
    scope TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    home_id BIGINT NOT NULL REFERENCES source (id),
    number_in_source BIGINT NOT NULL,
    guid TEXT,
    etag TEXT,
    last_modified TEXT,
    sort_at BIGINT NOT NULL,
    first_captured_at BIGINT NOT NULL,
    last_captured_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    versions BIGINT NOT NULL,
    last_leaf BIGINT NOT NULL,
    UNIQUE (home_id, number_in_source)
);

CREATE INDEX article_by_time ON article (sort_at, id);

-- The articles that a source listed. `sort_at` is the article's: it never changes.
CREATE TABLE source_article (
    source_id BIGINT NOT NULL REFERENCES source (id),
    sort_at BIGINT NOT NULL,
    article_id BIGINT NOT NULL REFERENCES article (id),
    PRIMARY KEY (source_id, sort_at, article_id)
);

CREATE INDEX source_article_by_article ON source_article (article_id);

CREATE TABLE alias (
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    article_id BIGINT NOT NULL REFERENCES article (id),
    evidence TEXT NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX alias_by_article ON alias (article_id);

CREATE TABLE entry (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES source (id),
    key TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    guid TEXT,
    title TEXT NOT NULL,
    link TEXT,
    listed BOOLEAN NOT NULL,
    seen_in BIGINT NOT NULL,
    state TEXT NOT NULL,
    article_id BIGINT REFERENCES article (id),
    attempts BIGINT NOT NULL,
    failure TEXT,
    next_attempt_at BIGINT,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    UNIQUE (source_id, key)
);

CREATE INDEX entry_by_state ON entry (source_id, state, next_attempt_at);
CREATE INDEX entry_by_age ON entry (source_id, id);
CREATE INDEX entry_by_article ON entry (article_id);
CREATE INDEX entry_by_listed ON entry (source_id) WHERE listed;

-- What the publisher said, apart from the row that every poll touches.
CREATE TABLE entry_content (
    entry_id BIGINT NOT NULL PRIMARY KEY REFERENCES entry (id),
    entry TEXT NOT NULL
);

-- The ledger: bytes as they were made, never encoded again. Record and nonce may be erased, the
-- leaf may not; a leaf may be about no version.
CREATE TABLE leaf (
    idx BIGINT NOT NULL PRIMARY KEY,
    leaf BYTEA NOT NULL,
    record BYTEA,
    nonce BYTEA,
    article_id BIGINT REFERENCES article (id),
    version BIGINT
);

CREATE TABLE version (
    article_id BIGINT NOT NULL REFERENCES article (id),
    number BIGINT NOT NULL,
    leaf BIGINT NOT NULL UNIQUE REFERENCES leaf (idx),
    capture_id BIGINT NOT NULL REFERENCES capture (id),
    kind TEXT NOT NULL,
    partial BOOLEAN NOT NULL,
    digest BYTEA NOT NULL,
    text_digest BYTEA NOT NULL,
    derivation TEXT NOT NULL,
    captured_at BIGINT NOT NULL,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,
    published_at BIGINT,
    published_offset BIGINT,
    updated_at BIGINT,
    updated_offset BIGINT,
    language TEXT,
    image TEXT,
    excerpt TEXT NOT NULL,
    lead TEXT,
    site_name TEXT,
    section TEXT,
    tags TEXT NOT NULL,
    text_zstd BYTEA NOT NULL,
    html_zstd BYTEA NOT NULL,
    PRIMARY KEY (article_id, number)
);

CREATE INDEX version_by_text ON version (text_digest);

-- Texts that wait for a second sight.
CREATE TABLE suspect (
    article_id BIGINT NOT NULL REFERENCES article (id),
    digest BYTEA NOT NULL,
    reason TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    capture_id BIGINT REFERENCES capture (id),
    PRIMARY KEY (article_id, digest)
);

-- Visits that found the article as it was.
CREATE TABLE sighting (
    article_id BIGINT NOT NULL REFERENCES article (id),
    seen_at BIGINT NOT NULL,
    payload_digest BYTEA,
    PRIMARY KEY (article_id, seen_at)
);

-- They are compressed already.
ALTER TABLE version ALTER COLUMN text_zstd SET STORAGE EXTERNAL;
ALTER TABLE version ALTER COLUMN html_zstd SET STORAGE EXTERNAL;
