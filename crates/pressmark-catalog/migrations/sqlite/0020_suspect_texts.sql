-- The digest of the text alone: one text in the place of several articles is no article.
ALTER TABLE suspect ADD COLUMN text_digest BLOB;

CREATE INDEX suspect_by_text ON suspect (text_digest);
