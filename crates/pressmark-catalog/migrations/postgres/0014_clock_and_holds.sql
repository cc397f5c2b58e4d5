-- Whether the machine's clock was far from those of the servers when the capture was made.
ALTER TABLE capture ADD COLUMN clock_doubtful BOOLEAN NOT NULL DEFAULT FALSE;

-- Who is making a backup, and until when that is believed: no file is deleted meanwhile.
CREATE TABLE deletion_hold (
    owner BIGINT NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);
