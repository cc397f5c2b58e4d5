-- How surely the first text that an entry brought is the article's, in percent: a source's drop is an
-- alarm. NULL: not read from a page, or before this was kept.
ALTER TABLE entry ADD COLUMN confidence BIGINT;
