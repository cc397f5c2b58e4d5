-- Which comparison classed a change; 0: it was not noted.
ALTER TABLE change ADD COLUMN classifier BIGINT NOT NULL DEFAULT 0;
-- SHA-256 over the other columns but `leaf`, taken when the derivation was stored.
ALTER TABLE derivation ADD COLUMN sum BYTEA;
