-- SHA-256 over the other columns, taken when the time stamp was stored: a token has bytes that
-- nothing else vouches for.
ALTER TABLE anchor ADD COLUMN sum BLOB;

-- How it goes with each time stamping authority: what it has stamped last, and when it is asked
-- again. The failures are those since then.
CREATE TABLE anchoring (
    tsa TEXT NOT NULL PRIMARY KEY,
    log INTEGER NOT NULL,
    size INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    failed_at INTEGER,
    failure TEXT
) STRICT, WITHOUT ROWID;
