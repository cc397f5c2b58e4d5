-- The logs that the ledger is published as: one, until it cannot be signed any more without forking
-- it; then another one goes on behind a leaf of its own. What stands from `size` on is the head of
-- the log and changes with every checkpoint; the rest does not.
CREATE TABLE log (
    number BIGINT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    begins_at BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    leaf BYTEA,
    record BYTEA,
    nonce BYTEA,
    size BIGINT NOT NULL,
    root BYTEA,
    sealed_at BIGINT,
    checkpoint TEXT
);

-- The public keys of a log, and the leaf that says so of each but the first.
CREATE TABLE log_key (
    log BIGINT NOT NULL REFERENCES log (number),
    position BIGINT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    leaf BIGINT REFERENCES leaf (idx),
    PRIMARY KEY (log, position)
);

-- The hashes of the tree, 32 bytes each, up to 256 in a row. Only the last row of a level grows.
CREATE TABLE tile (
    log BIGINT NOT NULL REFERENCES log (number),
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (log, level, idx)
);

-- What time stamping authorities said of checkpoints (RFC 3161), as they sent it.
CREATE TABLE anchor (
    log BIGINT NOT NULL REFERENCES log (number),
    size BIGINT NOT NULL,
    tsa TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    token BYTEA NOT NULL,
    stamped_at BIGINT NOT NULL,
    PRIMARY KEY (log, size, tsa)
);
