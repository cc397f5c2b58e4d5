-- When an article's page is to be looked at again, on its own; NULL: not on its own.
ALTER TABLE article ADD COLUMN next_visit_at BIGINT;

CREATE INDEX article_by_visit ON article (home_id, next_visit_at) WHERE next_visit_at IS NOT NULL;

UPDATE article SET next_visit_at = last_seen_at + 604800000000
WHERE EXISTS (SELECT 1 FROM entry WHERE entry.article_id = article.id AND entry.link IS NOT NULL);
