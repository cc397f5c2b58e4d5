//! What redacted articles must not come back by, and the entries that they had come by.

use std::collections::BTreeSet;

use pressmark_archive::identity;
use pressmark_archive::ports::catalog::{CatalogError, Result};
use pressmark_archive::redact::{
    RedactedKeys, RedactionWork, letters, prints, said_by, title_print,
};
use pressmark_model::{ArticleId, Entry, EntryId, EntryKey};

use super::{Conn, Fields, Row};
use crate::codec::{json, unpack};
use crate::fault::Outcome;

/// What stands in so many of the latest texts of the same source tells no article.
const COMPARED: i64 = 200;
/// So many entries are looked at in a piece.
const PAGE: i64 = 1_000;

/// An entry, and the key that it is told by.
type Keyed = (i64, EntryKey, Entry);

pub(super) async fn keys(conn: &mut Conn) -> Outcome<RedactedKeys> {
    let row = sqlx::query("SELECT salt FROM redaction_salt")
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else {
        return Ok(RedactedKeys::default());
    };
    let salt = Fields::of("redaction_salt", &row).bytes("salt")?;
    let rows = sqlx::query("SELECT hash, article_id FROM redacted_key")
        .fetch_all(&mut *conn)
        .await?;
    let hash = |row: &Row| {
        let fields = Fields::of("redacted_key", row);
        Ok((fields.digest("hash")?, ArticleId(fields.int("article_id")?)))
    };
    let hashes = rows.iter().map(hash).collect::<Result<_>>()?;
    let rows = sqlx::query("SELECT print, article_id FROM redacted_print")
        .fetch_all(conn)
        .await?;
    let print = |row: &Row| {
        let fields = Fields::of("redacted_print", row);
        Ok((fields.int("print")?, ArticleId(fields.int("article_id")?)))
    };
    Ok(RedactedKeys {
        salt,
        hashes,
        prints: rows.iter().map(print).collect::<Result<_>>()?,
    })
}

/// Stores the digests of keys that an article must not come back by.
pub(super) async fn add_keys(
    conn: &mut Conn,
    article: ArticleId,
    salt: &[u8],
    keys: &BTreeSet<String>,
) -> Outcome<()> {
    for key in keys {
        sqlx::query(
            "INSERT INTO redacted_key (hash, article_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(RedactedKeys::hash(salt, key).as_bytes().to_vec())
        .bind(article.0)
        .execute(&mut *conn)
        .await?;
    }
    forget_sum(conn, article).await
}

/// The sum over a redaction and what is kept of it is to be taken again: there is more now. So are
/// those of later ones, for sums are taken in order.
async fn forget_sum(conn: &mut Conn, article: ArticleId) -> Outcome<()> {
    sqlx::query(
        "DELETE FROM row_sum WHERE name = 'redaction'
            AND id >= (SELECT leaf FROM redaction WHERE article_id = $1)",
    )
    .bind(article.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores the prints of an article's texts, and of what its entries say; not those that other
/// articles of its source have, too.
pub(super) async fn add_prints(conn: &mut Conn, article: ArticleId, salt: &[u8]) -> Outcome<()> {
    let own = sqlx::query("SELECT title, text_zstd FROM version WHERE article_id = $1")
        .bind(article.0)
        .fetch_all(&mut *conn)
        .await?;
    let mut own = prints_of(salt, &own)?;
    let entries = sqlx::query(
        "SELECT c.entry FROM entry e JOIN entry_content c ON c.entry_id = e.id
        WHERE e.article_id = $1",
    )
    .bind(article.0)
    .fetch_all(&mut *conn)
    .await?;
    for row in &entries {
        let entry: Entry = Fields::of("entry_content", row).json("entry")?;
        own.extend(prints(salt, &letters(&said_by(&entry))));
        own.extend(title_print(salt, &entry.title));
    }
    let others = sqlx::query(
        "SELECT v.title, v.text_zstd FROM version v JOIN article a ON a.id = v.article_id
        WHERE a.id <> $1 AND a.home_id = (SELECT home_id FROM article WHERE id = $1)
        ORDER BY v.leaf DESC LIMIT $2",
    )
    .bind(article.0)
    .bind(COMPARED)
    .fetch_all(&mut *conn)
    .await?;
    for print in own.difference(&prints_of(salt, &others)?) {
        sqlx::query(
            "INSERT INTO redacted_print (print, article_id) VALUES ($1, $2)
            ON CONFLICT DO NOTHING",
        )
        .bind(*print)
        .bind(article.0)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

fn prints_of(salt: &[u8], versions: &[Row]) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    for row in versions {
        let fields = Fields::of("version", row);
        let text = unpack(&fields.bytes("text_zstd")?).map_err(CatalogError::Damaged)?;
        found.extend(prints(salt, &letters(&text)));
        found.extend(title_print(salt, &fields.text("title")?));
    }
    Ok(found)
}

/// Takes out the entries that are of an article and were not known to be: of other sources, under
/// other addresses, or never captured.
pub(super) async fn take_entries(
    conn: &mut Conn,
    article: ArticleId,
    work: &mut RedactionWork,
) -> Outcome<()> {
    let known = keys(conn).await?;
    let mut from = 0;
    loop {
        let rows = sqlx::query(
            "SELECT e.id, e.key, e.guid, e.title, e.link, c.entry
            FROM entry e LEFT JOIN entry_content c ON c.entry_id = e.id
            WHERE e.article_id IS NULL AND e.id >= $1 ORDER BY e.id LIMIT $2",
        )
        .bind(from)
        .bind(PAGE)
        .fetch_all(&mut *conn)
        .await?;
        let entries: Vec<Keyed> = rows.iter().map(keyed).collect::<Result<_>>()?;
        let Some((last, ..)) = entries.last() else {
            return Ok(());
        };
        from = last.saturating_add(1);
        for entry in &entries {
            if known.of_entry(&entry.1, &entry.2) == Some(article) {
                take(conn, article, &known.salt, entry, work).await?;
            }
        }
    }
}

/// Takes out one entry that turned out to be of an article that was redacted before, and makes that
/// redaction look for what came with it.
pub(super) async fn take_entry(conn: &mut Conn, article: ArticleId, entry: EntryId) -> Outcome<()> {
    let row = sqlx::query(
        "SELECT e.id, e.key, e.guid, e.title, e.link, c.entry
        FROM entry e LEFT JOIN entry_content c ON c.entry_id = e.id
        WHERE e.id = $1 AND e.article_id IS NULL",
    )
    .bind(entry.0)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let row = keyed(&row)?;
    let before = sqlx::query("SELECT work FROM redaction WHERE article_id = $1")
        .bind(article.0)
        .fetch_one(&mut *conn)
        .await?;
    let before = Fields::of("redaction", &before).json_opt("work")?;
    let mut work: RedactionWork = before.unwrap_or_default();
    let salt = keys(conn).await?.salt;
    take(conn, article, &salt, &row, &mut work).await?;
    sqlx::query("UPDATE redaction SET work = $2, done_at = NULL WHERE article_id = $1")
        .bind(article.0)
        .bind(json(&work)?)
        .execute(conn)
        .await?;
    Ok(())
}

async fn take(
    conn: &mut Conn,
    article: ArticleId,
    salt: &[u8],
    (id, key, entry): &Keyed,
    work: &mut RedactionWork,
) -> Outcome<()> {
    let link = entry.link.as_ref().map(identity::key);
    let keys: BTreeSet<String> = link.into_iter().chain([key.as_str().to_owned()]).collect();
    add_keys(conn, article, salt, &keys).await?;
    work.add(entry);
    for statement in [
        "DELETE FROM entry_content WHERE entry_id = $1",
        "DELETE FROM entry WHERE id = $1",
    ] {
        sqlx::query(statement).bind(*id).execute(&mut *conn).await?;
    }
    Ok(())
}

fn keyed(row: &Row) -> Result<Keyed> {
    let fields = Fields::of("entry", row);
    let entry: Option<Entry> = fields.json_opt("entry")?;
    let entry = match entry {
        Some(entry) => entry,
        None => Entry {
            guid: fields.text_opt("guid")?,
            title: fields.text("title")?,
            link: fields.text_opt("link")?.and_then(|link| link.parse().ok()),
            ..Entry::default()
        },
    };
    let key = EntryKey::from_stored(fields.text("key")?);
    Ok((fields.int("id")?, key, entry))
}
