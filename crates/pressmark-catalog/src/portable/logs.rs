//! The logs: their heads, keys and tiles.

use async_trait::async_trait;
use pressmark_archive::log::{Front, Head, Log, LogKey, NewLog, StoredTile, SummedRows, WrongSum};
use pressmark_archive::ports::catalog::{CatalogError, Result as Stored};
use pressmark_archive::ports::logs::Logs;
use pressmark_model::{ArticleId, LeafIndex};
use pressmark_proof::{ArchiveId, KeyRecord, Leaf, LeafKind, NewTile, Nonce, commitment};
use sqlx::{Connection as _, QueryBuilder};

use super::super::dialect::{BEGIN_READ, BEGIN_WRITE};
use super::entries::LISTED_AT_ONCE;
use super::row::listed;
use super::{Conn, Db, Fields, Row, Store, sums};
use crate::fault::Outcome;

/// How many tiles, of 8 KiB at most, one statement stores.
const TILES_AT_ONCE: usize = 100;

#[async_trait]
impl Logs for Store {
    async fn logs(&self) -> Stored<Vec<Log>> {
        read!(self, "list the logs", |conn| all(conn))
    }

    async fn open_log(&self, new: &NewLog) -> Stored<Log> {
        write!(self, "open a log", |conn| open(conn, new))
    }

    async fn add_key(
        &self,
        archive: ArchiveId,
        log: i64,
        key: &KeyRecord,
        nonce: Nonce,
    ) -> Stored<Option<LeafIndex>> {
        write!(self, "make a key known", |conn| add_key(
            conn, archive, log, key, nonce
        ))
    }

    async fn seal(
        &self,
        log: i64,
        from: Option<&Head>,
        head: &Head,
        tiles: &[NewTile],
    ) -> Stored<bool> {
        write!(self, "seal the ledger", |conn| seal(
            conn, log, from, head, tiles
        ))
    }

    async fn tiles(&self, log: i64, places: &[(u8, u64)]) -> Stored<Vec<StoredTile>> {
        look!(self, "read tiles", |conn| tiles(conn, log, places))
    }

    async fn take_sums(&self, rows: SummedRows, limit: u32) -> Stored<u64> {
        write!(self, "take the sums of rows", |conn| sums::take(
            conn, rows, limit
        ))
    }

    async fn compare_sums(
        &self,
        rows: SummedRows,
        from: i64,
        limit: u32,
    ) -> Stored<(Vec<WrongSum>, Option<i64>)> {
        read!(self, "compare the sums of rows", |conn| sums::compare(
            conn, rows, from, limit
        ))
    }
}

async fn all(conn: &mut Conn) -> Outcome<Vec<Log>> {
    let rows = sqlx::query("SELECT * FROM log ORDER BY number")
        .fetch_all(&mut *conn)
        .await?;
    let mut logs: Vec<Log> = rows.iter().map(log).collect::<Result<_, _>>()?;
    let rows = sqlx::query("SELECT log, key, leaf FROM log_key ORDER BY log, position")
        .fetch_all(conn)
        .await?;
    for row in &rows {
        let fields = Fields::of("log_key", row);
        let number = fields.int("log")?;
        let key = LogKey {
            key: fields.text("key")?,
            leaf: fields.int_opt("leaf")?.map(LeafIndex),
        };
        let of = logs.iter_mut().find(|log| log.number == number);
        of.ok_or_else(|| fields.damaged("log", "names no log"))?
            .keys
            .push(key);
    }
    Ok(logs)
}

fn log(row: &Row) -> Result<Log, CatalogError> {
    let fields = Fields::of("log", row);
    let front = (
        fields.bytes_opt("leaf")?,
        fields.bytes_opt("record")?,
        fields.array_opt("nonce")?,
    );
    let head = (
        fields.digest_opt("root")?,
        fields.time_opt("sealed_at")?,
        fields.text_opt("checkpoint")?,
    );
    let size: u64 = fields.count("size")?;
    Ok(Log {
        number: fields.int("number")?,
        origin: fields.text("origin")?,
        begins_at: LeafIndex(fields.int("begins_at")?),
        opened_at: fields.time("opened_at")?,
        front: match front {
            (Some(leaf), Some(record), Some(nonce)) => Some(Front {
                leaf,
                record,
                nonce,
            }),
            (None, None, None) => None,
            _ => return Err(fields.damaged("leaf", "does not go with its record and nonce")),
        },
        head: match head {
            (Some(root), Some(sealed_at), Some(checkpoint)) if size > 0 => Some(Head {
                size,
                root,
                sealed_at,
                checkpoint,
            }),
            (None, None, None) if size == 0 => None,
            _ => return Err(fields.damaged("size", "does not go with its checkpoint")),
        },
        keys: Vec::new(),
    })
}

async fn open(conn: &mut Conn, new: &NewLog) -> Outcome<Log> {
    let front = new.front.as_ref();
    let inserted = sqlx::query(
        "INSERT INTO log (number, origin, begins_at, opened_at, leaf, record, nonce, size)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT (number) DO NOTHING",
    )
    .bind(new.number)
    .bind(new.origin.as_str())
    .bind(new.begins_at.0)
    .bind(new.opened_at.micros())
    .bind(front.map(|front| front.leaf.as_slice()))
    .bind(front.map(|front| front.record.as_slice()))
    .bind(front.map(|front| front.nonce.as_slice()))
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 1 {
        insert_key(conn, new.number, 0, &new.key, None).await?;
    }
    let logs = all(conn).await?;
    let log = logs.into_iter().find(|log| log.number == new.number);
    Ok(log.ok_or(CatalogError::Conflict)?)
}

async fn insert_key(
    conn: &mut Conn,
    log: i64,
    position: i64,
    key: &str,
    leaf: Option<LeafIndex>,
) -> Outcome<()> {
    sqlx::query("INSERT INTO log_key (log, position, key, leaf) VALUES ($1, $2, $3, $4)")
        .bind(log)
        .bind(position)
        .bind(key)
        .bind(leaf.map(|leaf| leaf.0))
        .execute(conn)
        .await?;
    Ok(())
}

async fn add_key(
    conn: &mut Conn,
    archive: ArchiveId,
    log: i64,
    key: &KeyRecord,
    nonce: Nonce,
) -> Outcome<Option<LeafIndex>> {
    let rows = sqlx::query("SELECT log, key, leaf FROM log_key WHERE log = $1")
        .bind(log)
        .fetch_all(&mut *conn)
        .await?;
    for row in &rows {
        let fields = Fields::of("log_key", row);
        if fields.text("key")? == key.key {
            return Ok(fields.int_opt("leaf")?.map(LeafIndex));
        }
    }
    let record = key.to_bytes().map_err(|error| CatalogError::Database {
        action: "write the record of a key",
        source: error.into(),
    })?;
    let index = append_leaf(conn, archive, LeafKind::Key, None, &nonce, &record).await?;
    let position = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    insert_key(conn, log, position, &key.key, Some(index)).await?;
    Ok(Some(index))
}

/// Adds a leaf that is of no version, and perhaps of an article. Its index is the next place in the ledger: others wait for it
/// until this transaction ends.
pub(super) async fn append_leaf(
    conn: &mut Conn,
    archive: ArchiveId,
    kind: LeafKind,
    article: Option<ArticleId>,
    nonce: &Nonce,
    record: &[u8],
) -> Outcome<LeafIndex> {
    let row =
        sqlx::query("UPDATE counter SET next_leaf = next_leaf + 1 RETURNING next_leaf - 1 AS leaf")
            .fetch_one(&mut *conn)
            .await?;
    let index = LeafIndex(Fields::of("counter", &row).int("leaf")?);
    let leaf = Leaf {
        archive,
        index,
        kind,
        commitment: commitment(nonce, record),
    };
    sqlx::query(
        "INSERT INTO leaf (idx, leaf, record, nonce, article_id) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(index.0)
    .bind(leaf.to_bytes())
    .bind(record)
    .bind(nonce.as_slice())
    .bind(article.map(|article| article.0))
    .execute(conn)
    .await?;
    Ok(index)
}

async fn seal(
    conn: &mut Conn,
    log: i64,
    from: Option<&Head>,
    head: &Head,
    tiles: &[NewTile],
) -> Outcome<bool> {
    let swapped = sqlx::query(
        "UPDATE log SET size = $2, root = $3, sealed_at = $4, checkpoint = $5
        WHERE number = $1 AND size = $6 AND COALESCE(checkpoint, '') = $7",
    )
    .bind(log)
    .bind(count(head.size)?)
    .bind(head.root.as_bytes().as_slice())
    .bind(head.sealed_at.micros())
    .bind(head.checkpoint.as_str())
    .bind(count(from.map_or(0, |from| from.size))?)
    .bind(from.map_or("", |from| from.checkpoint.as_str()))
    .execute(&mut *conn)
    .await?;
    if swapped.rows_affected() == 0 {
        return Ok(false);
    }
    for chunk in tiles.chunks(TILES_AT_ONCE) {
        let mut insert = QueryBuilder::<Db>::new("INSERT INTO tile (log, level, idx, hashes) ");
        let mut rows = Vec::with_capacity(chunk.len());
        for new in chunk {
            rows.push((new, count(new.tile.index)?));
        }
        insert.push_values(rows, |mut row, (new, index)| {
            row.push_bind(log)
                .push_bind(i64::from(new.tile.level))
                .push_bind(index)
                .push_bind(new.bytes.as_slice());
        });
        insert.push(" ON CONFLICT (log, level, idx) DO UPDATE SET hashes = excluded.hashes");
        insert.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(true)
}

pub(super) fn count(number: u64) -> Result<i64, CatalogError> {
    i64::try_from(number).map_err(|error| CatalogError::Database {
        action: "count so far",
        source: error.into(),
    })
}

async fn tiles(conn: &mut Conn, log: i64, places: &[(u8, u64)]) -> Outcome<Vec<StoredTile>> {
    let mut found = Vec::with_capacity(places.len());
    for chunk in places.chunks(LISTED_AT_ONCE) {
        let mut query = QueryBuilder::<Db>::new("SELECT level, idx, hashes FROM tile WHERE log = ");
        query.push_bind(log);
        query.push(" AND (level, idx) IN (");
        let mut rows = Vec::with_capacity(chunk.len());
        for (level, index) in chunk {
            rows.push((i64::from(*level), count(*index)?));
        }
        query.push_values(rows, |mut row, (level, index)| {
            row.push_bind(level).push_bind(index);
        });
        query.push(")");
        let rows = listed(&mut query, conn).await?;
        for row in &rows {
            let fields = Fields::of("tile", row);
            found.push(StoredTile {
                level: fields.count("level")?,
                index: fields.count("idx")?,
                hashes: fields.bytes("hashes")?,
            });
        }
    }
    Ok(found)
}
