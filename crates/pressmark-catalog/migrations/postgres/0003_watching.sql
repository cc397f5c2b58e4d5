-- What is known of when a source publishes, the kinds of the alarms that stand, and until when a
-- hub tells of its news.
ALTER TABLE source ADD COLUMN rhythm TEXT NOT NULL DEFAULT '{}';
ALTER TABLE source ADD COLUMN alarms TEXT NOT NULL DEFAULT '[]';
ALTER TABLE source ADD COLUMN pushed_until BIGINT;

-- Alarms, those that were mended too. At most one of a kind stands for a source.
CREATE TABLE alarm (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES source (id),
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    cleared_at BIGINT
);

CREATE UNIQUE INDEX alarm_that_stands ON alarm (source_id, kind) WHERE cleared_at IS NULL;

-- Hubs that tell of news (WebSub). The token is the secret part of the callback's address.
CREATE TABLE subscription (
    source_id BIGINT NOT NULL PRIMARY KEY REFERENCES source (id),
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,
    token TEXT COLLATE "C" NOT NULL UNIQUE,
    secret BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    live_until BIGINT,
    told_at BIGINT
);
