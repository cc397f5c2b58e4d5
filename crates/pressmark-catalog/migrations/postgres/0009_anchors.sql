-- SHA-256 over the other columns, taken when the time stamp was stored: a token has bytes that
-- nothing else vouches for.
ALTER TABLE anchor ADD COLUMN sum BYTEA;

-- How it goes with each time stamping authority: what it has stamped last, and when it is asked
-- again. The failures are those since then.
CREATE TABLE anchoring (
    tsa TEXT NOT NULL PRIMARY KEY,
    log BIGINT NOT NULL,
    size BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    failed_at BIGINT,
    failure TEXT
);
