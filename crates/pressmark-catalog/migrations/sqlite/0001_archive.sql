-- Times are microseconds since 1970, digests are 32 bytes of SHA-256, lists and compound values are
-- JSON texts, compressed texts are zstd frames.

CREATE TABLE archive (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL CHECK (length(id) = 16),
    created_at INTEGER NOT NULL
) STRICT;

-- The next numbers. They are taken by UPDATE … RETURNING in the transaction that uses them, so that
-- none is skipped and their order is the order of commits. Reader applications keep article ids in
-- 31 bits.
CREATE TABLE counter (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    next_leaf INTEGER NOT NULL,
    next_article INTEGER NOT NULL CHECK (next_article <= 2147483648),
    next_capture INTEGER NOT NULL,
    versions INTEGER NOT NULL
) STRICT;

INSERT INTO counter (one, next_leaf, next_article, next_capture, versions) VALUES (1, 0, 1, 1, 0);

CREATE TABLE source (
    id INTEGER NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL UNIQUE,
    name TEXT,
    state TEXT NOT NULL,
    settings TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    title TEXT,
    home TEXT,
    language TEXT,
    format TEXT NOT NULL,
    issues TEXT NOT NULL,
    polled_at INTEGER,
    succeeded_at INTEGER,
    failure TEXT,
    failures INTEGER NOT NULL,
    next_poll_at INTEGER NOT NULL,
    etag TEXT,
    last_modified TEXT,
    body_digest BLOB,
    moved_to TEXT,
    moved_times INTEGER NOT NULL,
    -- How many documents were read of it: `entry.seen_in` tells the entries of the last one.
    reads INTEGER NOT NULL,
    -- How many articles have it as their home: also the last of their numbers in it.
    articles INTEGER NOT NULL,
    lease_owner INTEGER,
    lease_until INTEGER
) STRICT;

CREATE INDEX source_by_due ON source (state, next_poll_at);

CREATE TABLE capture (
    id INTEGER NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    captured_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT,
    payload_digest BLOB NOT NULL
) STRICT;

CREATE INDEX capture_by_payload ON capture (payload_digest);

-- Where the WARC records are. `segment`, `begins_at` and `bytes` may change, the rest may not.
CREATE TABLE record (
    capture_id INTEGER NOT NULL REFERENCES capture (id),
    position INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    block_digest BLOB NOT NULL,
    segment BLOB NOT NULL,
    begins_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (capture_id, position)
) STRICT;

CREATE TABLE article (
    id INTEGER NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    url TEXT NOT NULL,
    home_id INTEGER NOT NULL REFERENCES source (id),
    number_in_source INTEGER NOT NULL,
    guid TEXT,
    etag TEXT,
    last_modified TEXT,
    sort_at INTEGER NOT NULL,
    first_captured_at INTEGER NOT NULL,
    last_captured_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    versions INTEGER NOT NULL,
    last_leaf INTEGER NOT NULL,
    UNIQUE (home_id, number_in_source)
) STRICT;

CREATE INDEX article_by_time ON article (sort_at, id);

-- The articles that a source listed. `sort_at` is the article's: it never changes.
CREATE TABLE source_article (
    source_id INTEGER NOT NULL REFERENCES source (id),
    sort_at INTEGER NOT NULL,
    article_id INTEGER NOT NULL REFERENCES article (id),
    PRIMARY KEY (source_id, sort_at, article_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX source_article_by_article ON source_article (article_id);

CREATE TABLE alias (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    article_id INTEGER NOT NULL REFERENCES article (id),
    evidence TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_by_article ON alias (article_id);

CREATE TABLE entry (
    id INTEGER NOT NULL PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    guid TEXT,
    title TEXT NOT NULL,
    link TEXT,
    listed INTEGER NOT NULL,
    seen_in INTEGER NOT NULL,
    state TEXT NOT NULL,
    article_id INTEGER REFERENCES article (id),
    attempts INTEGER NOT NULL,
    failure TEXT,
    next_attempt_at INTEGER,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    UNIQUE (source_id, key)
) STRICT;

CREATE INDEX entry_by_state ON entry (source_id, state, next_attempt_at);
CREATE INDEX entry_by_age ON entry (source_id, id);
CREATE INDEX entry_by_article ON entry (article_id);
CREATE INDEX entry_by_listed ON entry (source_id) WHERE listed;

-- What the publisher said, apart from the row that every poll touches.
CREATE TABLE entry_content (
    entry_id INTEGER NOT NULL PRIMARY KEY REFERENCES entry (id),
    entry TEXT NOT NULL
) STRICT;

-- The ledger: bytes as they were made, never encoded again. Record and nonce may be erased, the
-- leaf may not; a leaf may be about no version.
CREATE TABLE leaf (
    idx INTEGER NOT NULL PRIMARY KEY,
    leaf BLOB NOT NULL,
    record BLOB,
    nonce BLOB,
    article_id INTEGER REFERENCES article (id),
    version INTEGER
) STRICT;

CREATE TABLE version (
    article_id INTEGER NOT NULL REFERENCES article (id),
    number INTEGER NOT NULL,
    leaf INTEGER NOT NULL UNIQUE REFERENCES leaf (idx),
    capture_id INTEGER NOT NULL REFERENCES capture (id),
    kind TEXT NOT NULL,
    partial INTEGER NOT NULL,
    digest BLOB NOT NULL,
    text_digest BLOB NOT NULL,
    derivation TEXT NOT NULL,
    captured_at INTEGER NOT NULL,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,
    published_at INTEGER,
    published_offset INTEGER,
    updated_at INTEGER,
    updated_offset INTEGER,
    language TEXT,
    image TEXT,
    excerpt TEXT NOT NULL,
    lead TEXT,
    site_name TEXT,
    section TEXT,
    tags TEXT NOT NULL,
    text_zstd BLOB NOT NULL,
    html_zstd BLOB NOT NULL,
    PRIMARY KEY (article_id, number)
) STRICT;

CREATE INDEX version_by_text ON version (text_digest);

-- Texts that wait for a second sight.
CREATE TABLE suspect (
    article_id INTEGER NOT NULL REFERENCES article (id),
    digest BLOB NOT NULL,
    reason TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    capture_id INTEGER REFERENCES capture (id),
    PRIMARY KEY (article_id, digest)
) STRICT, WITHOUT ROWID;

-- Visits that found the article as it was.
CREATE TABLE sighting (
    article_id INTEGER NOT NULL REFERENCES article (id),
    seen_at INTEGER NOT NULL,
    payload_digest BLOB,
    PRIMARY KEY (article_id, seen_at)
) STRICT, WITHOUT ROWID;
