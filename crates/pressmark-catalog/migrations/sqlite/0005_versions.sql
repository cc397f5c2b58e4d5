-- When an article's page is to be looked at again, on its own; NULL: not on its own.
ALTER TABLE article ADD COLUMN next_visit_at INTEGER;
-- Since when, and how, its page is gone; the tombstone is there once that is confirmed.
ALTER TABLE article ADD COLUMN missing_since INTEGER;
ALTER TABLE article ADD COLUMN missing_as TEXT;
ALTER TABLE article ADD COLUMN tombstone INTEGER REFERENCES leaf (idx);

CREATE INDEX article_by_visit ON article (home_id, next_visit_at) WHERE next_visit_at IS NOT NULL;
CREATE INDEX article_by_next_visit ON article (next_visit_at) WHERE next_visit_at IS NOT NULL;

UPDATE article SET next_visit_at = last_seen_at + 604800000000
WHERE EXISTS (SELECT 1 FROM entry WHERE entry.article_id = article.id AND entry.link IS NOT NULL);

-- What outlets did to articles: edits, returns, deletions. Derived from versions and notices.
CREATE TABLE change (
    leaf INTEGER NOT NULL PRIMARY KEY REFERENCES leaf (idx),
    article_id INTEGER NOT NULL REFERENCES article (id),
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    -- A bit for each class of edit.
    classes INTEGER NOT NULL,
    size INTEGER NOT NULL,
    silent INTEGER NOT NULL,
    reason TEXT,
    -- What was removed, in lower case.
    removed TEXT NOT NULL
) STRICT;

CREATE INDEX change_by_article ON change (article_id, leaf);

-- What later extractors made of the captures of versions. The leaf is that of the run, once it has
-- ended.
CREATE TABLE derivation (
    article_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    extractor TEXT NOT NULL,
    digest BLOB NOT NULL,
    title TEXT NOT NULL,
    text_zstd BLOB NOT NULL,
    html_zstd BLOB NOT NULL,
    leaf INTEGER REFERENCES leaf (idx),
    PRIMARY KEY (article_id, version, extractor),
    FOREIGN KEY (article_id, version) REFERENCES version (article_id, number)
) STRICT;
