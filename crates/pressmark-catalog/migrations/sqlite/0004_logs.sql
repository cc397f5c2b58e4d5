-- The logs that the ledger is published as: one, until it cannot be signed any more without forking
-- it; then another one goes on behind a leaf of its own. What stands from `size` on is the head of
-- the log and changes with every checkpoint; the rest does not.
CREATE TABLE log (
    number INTEGER NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    begins_at INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    leaf BLOB,
    record BLOB,
    nonce BLOB,
    size INTEGER NOT NULL,
    root BLOB,
    sealed_at INTEGER,
    checkpoint TEXT
) STRICT;

-- The public keys of a log, and the leaf that says so of each but the first.
CREATE TABLE log_key (
    log INTEGER NOT NULL REFERENCES log (number),
    position INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    leaf INTEGER REFERENCES leaf (idx),
    PRIMARY KEY (log, position)
) STRICT, WITHOUT ROWID;

-- The hashes of the tree, 32 bytes each, up to 256 in a row. Only the last row of a level grows.
CREATE TABLE tile (
    log INTEGER NOT NULL REFERENCES log (number),
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (log, level, idx)
) STRICT;

-- What time stamping authorities said of checkpoints (RFC 3161), as they sent it.
CREATE TABLE anchor (
    log INTEGER NOT NULL REFERENCES log (number),
    size INTEGER NOT NULL,
    tsa TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    token BLOB NOT NULL,
    stamped_at INTEGER NOT NULL,
    PRIMARY KEY (log, size, tsa)
) STRICT;
