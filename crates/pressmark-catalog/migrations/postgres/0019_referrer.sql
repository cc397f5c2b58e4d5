-- What a version's page lets be told of itself to whom its images are fetched from; NULL is what
-- browsers tell where a page says nothing.
ALTER TABLE media_set ADD COLUMN referrer TEXT;
