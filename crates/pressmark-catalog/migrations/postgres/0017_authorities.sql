-- Since when an authority fails, and its last alarm.
ALTER TABLE anchoring ADD COLUMN failing_since BIGINT;
ALTER TABLE anchoring ADD COLUMN alarm TEXT;
