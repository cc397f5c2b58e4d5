//! Sums over rows, in the columns that never change.

use std::collections::BTreeMap;

use pressmark_archive::log::{SumFault, SummedRows, WrongSum};
use pressmark_model::Digest;
use sqlx::{QueryBuilder, Row as _};

use super::{Conn, Db, Fields, Row};
use crate::codec::{excerpt, shown};
use crate::fault::Outcome;

const VERSIONS: &str = "
    SELECT v.leaf AS id, v.article_id, v.number, v.capture_id, v.kind, v.partial, v.digest,
        v.text_digest, v.derivation, v.captured_at, v.title, v.authors, v.published_at,
        v.published_offset, v.updated_at, v.updated_offset, v.language, v.image, v.excerpt,
        v.lead, v.site_name, v.section, v.tags, v.text_zstd, v.html_zstd, a.url, a.home_id,
        a.number_in_source, a.guid
    FROM version v JOIN article a ON a.id = v.article_id
    WHERE v.leaf >= $1 ORDER BY v.leaf LIMIT $2";
const CAPTURES: &str = "
    SELECT id, url, final_url, captured_at, status, content_type, payload_digest,
        clock_doubtful
    FROM capture WHERE id >= $1 ORDER BY id LIMIT $2";
const RECORDS: &str = "
    SELECT capture_id AS of, position, id, kind, url, recorded_at, block_digest
    FROM record WHERE capture_id >= $1 AND capture_id <= $2 ORDER BY capture_id, position";
const CHANGES: &str = "
    SELECT leaf AS id, article_id, version, kind, changed_at, classes, size, silent, reason, removed,
        classifier
    FROM change WHERE leaf >= $1 ORDER BY leaf LIMIT $2";
const REDACTIONS: &str = "
    SELECT r.leaf AS id, r.article_id, r.begun_at, r.reason, s.salt
    FROM redaction r LEFT JOIN redaction_salt s ON s.one = 1
    WHERE r.leaf >= $1 ORDER BY r.leaf LIMIT $2";
const REDACTED_KEYS: &str = "
    SELECT r.leaf AS of, k.article_id, k.hash
    FROM redacted_key k JOIN redaction r ON r.article_id = k.article_id
    WHERE r.leaf >= $1 AND r.leaf <= $2 ORDER BY r.leaf, k.hash";
const REDACTED_PRINTS: &str = "
    SELECT r.leaf AS of, p.article_id, p.print
    FROM redacted_print p JOIN redaction r ON r.article_id = p.article_id
    WHERE r.leaf >= $1 AND r.leaf <= $2 ORDER BY r.leaf, p.print";
/// The sums of rows whose text was not erased since.
const SUMS: &str = "
    SELECT s.id, s.sum FROM row_sum s
    WHERE s.name = $1 AND s.id >= $2 AND NOT EXISTS (
        SELECT 1 FROM leaf l
        WHERE s.name IN ('version', 'change') AND l.idx = s.id AND l.record IS NULL)
    ORDER BY s.id LIMIT $3";

/// Takes the sums of the next rows that have none; returns how many.
pub(super) async fn take(conn: &mut Conn, rows: SummedRows, limit: u32) -> Outcome<u64> {
    let next = sqlx::query("SELECT COALESCE(max(id), -1) + 1 AS id FROM row_sum WHERE name = $1")
        .bind(rows.as_str())
        .fetch_one(&mut *conn)
        .await?;
    let from = Fields::of("row_sum", &next).int("id")?;
    let sums = compute(conn, rows, from, limit).await?;
    if sums.is_empty() {
        return Ok(0);
    }
    let taken = sums.len() as u64;
    let mut insert = QueryBuilder::<Db>::new("INSERT INTO row_sum (name, id, sum) ");
    insert.push_values(sums, |mut row, (id, sum)| {
        row.push_bind(rows.as_str())
            .push_bind(id)
            .push_bind(sum.as_bytes().to_vec());
    });
    insert.push(" ON CONFLICT (name, id) DO NOTHING");
    insert.build().persistent(false).execute(conn).await?;
    Ok(taken)
}

/// Compares the sums of at most `limit` rows from this one on: the wrong ones, and the row to go
/// on with.
pub(super) async fn compare(
    conn: &mut Conn,
    rows: SummedRows,
    from: i64,
    limit: u32,
) -> Outcome<(Vec<WrongSum>, Option<i64>)> {
    let stored = sqlx::query(SUMS)
        .bind(rows.as_str())
        .bind(from)
        .bind(i64::from(limit))
        .fetch_all(&mut *conn)
        .await?;
    let mut expected = Vec::with_capacity(stored.len());
    for row in &stored {
        let fields = Fields::of("row_sum", row);
        expected.push((fields.int("id")?, fields.digest("sum").ok()));
    }
    let Some((last, _)) = expected.last().copied() else {
        return Ok((Vec::new(), None));
    };
    let mut wrong = Vec::new();
    let mut found = BTreeMap::new();
    let mut start = from;
    while start <= last {
        let more = compute(conn, rows, start, limit).await?;
        if let SummedRows::Versions = rows {
            wrong.extend(other_excerpts(conn, start, limit).await?);
        }
        let Some(end) = more.keys().next_back().copied() else {
            break;
        };
        found.extend(more);
        start = end.saturating_add(1);
    }
    for (id, sum) in expected {
        let fault = match found.remove(&id) {
            None => SumFault::NoRow,
            Some(now) if Some(now) != sum => SumFault::Differs,
            Some(_) => continue,
        };
        wrong.push(WrongSum { id, fault });
    }
    let unsummed = found.into_keys().take_while(|id| *id <= last);
    let fault = SumFault::NoSum;
    wrong.extend(unsummed.map(|id| WrongSum { id, fault }));
    Ok((wrong, Some(last.saturating_add(1))))
}

/// The versions of a page whose excerpt is not the beginning of their text: no record says it.
async fn other_excerpts(conn: &mut Conn, from: i64, limit: u32) -> Outcome<Vec<WrongSum>> {
    let rows = sqlx::query(
        "SELECT leaf, excerpt, text_zstd FROM version WHERE leaf >= $1 ORDER BY leaf LIMIT $2",
    )
    .bind(from)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let mut wrong = Vec::new();
    for row in &rows {
        let fields = Fields::of("version", row);
        let (kept, text) = (fields.text("excerpt"), fields.unpacked("text_zstd"));
        // What cannot be read is named where versions are read.
        if let (Ok(kept), Ok(text)) = (kept, text)
            && kept != shown(excerpt(&text))
        {
            let (id, fault) = (fields.int("leaf")?, SumFault::Differs);
            wrong.push(WrongSum { id, fault });
        }
    }
    Ok(wrong)
}

/// The sums of at most `limit` rows from this one on, as the rows are now.
async fn compute(
    conn: &mut Conn,
    rows: SummedRows,
    from: i64,
    limit: u32,
) -> Outcome<BTreeMap<i64, Digest>> {
    let statement = match rows {
        SummedRows::Versions => VERSIONS,
        SummedRows::Captures => CAPTURES,
        SummedRows::Changes => CHANGES,
        SummedRows::Redactions => REDACTIONS,
    };
    let parts: &[&'static str] = match rows {
        SummedRows::Captures => &[RECORDS],
        SummedRows::Redactions => &[REDACTED_KEYS, REDACTED_PRINTS],
        SummedRows::Versions | SummedRows::Changes => &[],
    };
    let read = sqlx::query(statement)
        .bind(from)
        .bind(i64::from(limit))
        .fetch_all(&mut *conn)
        .await?;
    let mut columns: BTreeMap<i64, Vec<u8>> = BTreeMap::new();
    for row in &read {
        let id = Fields::of("row_sum", row).int("id")?;
        write(row, columns.entry(id).or_default());
    }
    let last = columns.last_key_value().map(|(last, _)| *last);
    for statement in parts {
        let parts = sqlx::query(*statement)
            .bind(from)
            .bind(last)
            .fetch_all(&mut *conn)
            .await?;
        for row in &parts {
            let of = Fields::of("row_sum", row).int("of")?;
            if let Some(columns) = columns.get_mut(&of) {
                write(row, columns);
            }
        }
    }
    let sums = columns.into_iter();
    Ok(sums.map(|(id, bytes)| (id, Digest::of(&bytes))).collect())
}

/// Every column, whatever its type, so that no two rows give the same bytes.
fn write(row: &Row, into: &mut Vec<u8>) {
    for column in 0..row.len() {
        let (mark, bytes) = if let Ok(number) = row.try_get::<Option<i64>, _>(column) {
            (b'i', number.map(|number| number.to_be_bytes().to_vec()))
        } else if let Ok(flag) = row.try_get::<Option<bool>, _>(column) {
            // SQLite keeps flags as numbers.
            (
                b'i',
                flag.map(|flag| i64::from(flag).to_be_bytes().to_vec()),
            )
        } else if let Ok(text) = row.try_get::<Option<&str>, _>(column) {
            (b't', text.map(|text| text.as_bytes().to_vec()))
        } else if let Ok(bytes) = row.try_get::<Option<&[u8]>, _>(column) {
            (b'b', bytes.map(<[u8]>::to_vec))
        } else {
            // A text that is no UTF-8 any more.
            (b'?', None)
        };
        match bytes {
            Some(bytes) => {
                into.push(mark);
                into.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
                into.extend_from_slice(&bytes);
            }
            None => into.push(mark.to_ascii_uppercase()),
        }
    }
}
