-- Profiles that pages were read with (`version.derivation` names them): they never change.
CREATE TABLE profile (
    name TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What the pages of a host taught, in one scope.
CREATE TABLE site (
    scope TEXT NOT NULL,
    host TEXT NOT NULL,
    -- How many articles have taught, each with its first capture.
    taught INTEGER NOT NULL,
    -- The profile that grows, as bytes.
    learning BLOB NOT NULL,
    -- The one that pages are read with, how many articles had taught when it came into use, and
    -- when that was.
    in_use TEXT REFERENCES profile (name),
    in_use_taught INTEGER,
    in_use_since INTEGER,
    PRIMARY KEY (scope, host)
) STRICT, WITHOUT ROWID;
