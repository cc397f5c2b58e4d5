-- What is known of when a source publishes, the kinds of the alarms that stand, and until when a
-- hub tells of its news.
ALTER TABLE source ADD COLUMN rhythm TEXT NOT NULL DEFAULT '{}';
ALTER TABLE source ADD COLUMN alarms TEXT NOT NULL DEFAULT '[]';
ALTER TABLE source ADD COLUMN pushed_until INTEGER;

-- Alarms, those that were mended too. At most one of a kind stands for a source.
CREATE TABLE alarm (
    id INTEGER NOT NULL PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    cleared_at INTEGER
) STRICT;

CREATE UNIQUE INDEX alarm_that_stands ON alarm (source_id, kind) WHERE cleared_at IS NULL;

-- Hubs that tell of news (WebSub). The token is the secret part of the callback's address.
CREATE TABLE subscription (
    source_id INTEGER NOT NULL PRIMARY KEY REFERENCES source (id),
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    live_until INTEGER,
    told_at INTEGER
) STRICT;
