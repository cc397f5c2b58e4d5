-- Folders of lists of subscriptions, which may be empty, with what their outlines said. The key is the
-- path, or its digest where that is long.
CREATE TABLE folder (
    key TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    attributes TEXT NOT NULL
) STRICT;
