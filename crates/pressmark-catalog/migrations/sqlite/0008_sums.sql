-- Sums over the columns that versions (`version`, by leaf) and captures (`capture`, by id, with
-- their WARC records) are read from, taken when they were sealed: `check --deep` compares them.
CREATE TABLE row_sum (
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    sum BLOB NOT NULL,
    PRIMARY KEY (name, id)
) STRICT, WITHOUT ROWID;
