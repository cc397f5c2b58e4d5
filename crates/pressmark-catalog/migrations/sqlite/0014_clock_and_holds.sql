-- Whether the machine's clock was far from those of the servers when the capture was made.
ALTER TABLE capture ADD COLUMN clock_doubtful INTEGER NOT NULL DEFAULT 0;

-- Who is making a backup, and until when that is believed: no file is deleted meanwhile.
CREATE TABLE deletion_hold (
    owner INTEGER NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT;
