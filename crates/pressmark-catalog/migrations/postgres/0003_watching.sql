-- What is known of when a source publishes, and the kinds of the alarms that stand.
ALTER TABLE source ADD COLUMN rhythm TEXT NOT NULL DEFAULT '{}';
ALTER TABLE source ADD COLUMN alarms TEXT NOT NULL DEFAULT '[]';

-- What waits for a capture, by when it is due.
CREATE INDEX entry_by_attempt ON entry (next_attempt_at, source_id) WHERE state = 'pending';

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
