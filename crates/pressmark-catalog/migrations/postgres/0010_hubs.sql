-- The hub that the source's document offers, and the topic under which the hub knows it.
ALTER TABLE source ADD COLUMN hub TEXT;
ALTER TABLE source ADD COLUMN topic TEXT;

CREATE INDEX source_by_hub ON source (id) WHERE hub IS NOT NULL;

-- Subscriptions at hubs. `revision` counts how often a row was stored, but for the last three times
-- in it: when the hub last told of something, when a poll brought what it had not told, and when
-- one brought something.
CREATE TABLE subscription (
    token TEXT NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES source (id),
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,
    secret TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT,
    lease_until BIGINT,
    failures BIGINT NOT NULL,
    trouble TEXT,
    next_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    pushed_at BIGINT,
    missed_at BIGINT,
    answered_at BIGINT
);

CREATE INDEX subscription_by_source ON subscription (source_id);
CREATE INDEX subscription_by_time ON subscription (next_at);
