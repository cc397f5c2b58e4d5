//! Sources: added, listed, changed.

use pressmark_archive::ports::catalog::{CatalogError, DiskUse};
use pressmark_archive::ports::fetch::Validators;
use pressmark_archive::source::{
    Folder, NewSource, Source, SourceChange, SourceState, SourceStatus,
};
use pressmark_model::{FeedFormat, Slug, SourceId, WebUrl};

use super::{Conn, Fields, Row, entries, hubs};
use crate::codec::{json, stored_key};
use crate::fault::Outcome;

/// The sources with the counts of their entries, and the end of the statement.
macro_rules! select_source {
    ($rest:literal) => {
        concat!(
            "SELECT s.*,
                (SELECT count(*) FROM entry e WHERE e.source_id = s.id) AS entries,
                (SELECT count(*) FROM entry e
                    WHERE e.source_id = s.id AND e.state = 'pending') AS pending,
                (SELECT count(*) FROM entry e
                    WHERE e.source_id = s.id AND e.state = 'failed') AS failed,
                (SELECT count(*) FROM entry e
                    WHERE e.source_id = s.id AND e.state = 'filtered') AS filtered,
                CAST(NULL AS BIGINT) AS next_attempt_at, CAST(NULL AS BIGINT) AS next_visit_at
            FROM source s ",
            $rest
        )
    };
}

pub(super) async fn all(conn: &mut Conn) -> Outcome<Vec<Source>> {
    let rows = sqlx::query(select_source!("WHERE s.state <> 'removed' ORDER BY s.slug"))
        .fetch_all(&mut *conn)
        .await?;
    let mut sources = rows.iter().map(source).collect::<Result<Vec<_>, _>>()?;
    hubs::attach(conn, &mut sources).await?;
    Ok(sources)
}

pub(super) async fn disk_use(conn: &mut Conn, source: SourceId) -> Outcome<DiskUse> {
    let row = sqlx::query(
        "SELECT
            CAST(COALESCE(sum(length(v.text_zstd) + length(v.html_zstd)), 0) AS BIGINT) AS texts,
            CAST(COALESCE(sum((
                SELECT sum(r.bytes) FROM record r WHERE r.capture_id = v.capture_id
            )), 0) AS BIGINT) AS captures
        FROM article a JOIN version v ON v.article_id = a.id
        WHERE a.home_id = $1",
    )
    .bind(source.0)
    .fetch_one(&mut *conn)
    .await?;
    let fields = Fields::of("version", &row);
    Ok(DiskUse {
        captures: fields.count("captures")?,
        texts: fields.count("texts")?,
        images: images(conn, source).await?,
    })
}

/// An image is kept once, whoever shows it: it counts where it was shown first.
async fn images(conn: &mut Conn, source: SourceId) -> Outcome<u64> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(sum(r.bytes), 0) AS BIGINT) AS images
        FROM media m JOIN record r ON r.capture_id = m.capture_id
        WHERE m.digest IN (
            SELECT i.digest FROM media_item i JOIN article a ON a.id = i.article_id
            WHERE a.home_id = $1 AND i.digest IS NOT NULL)
        AND $1 = (
            SELECT a.home_id FROM media_item i
            JOIN version v ON v.article_id = i.article_id AND v.number = i.version
            JOIN article a ON a.id = i.article_id
            WHERE i.digest = m.digest ORDER BY v.leaf LIMIT 1)",
    )
    .bind(source.0)
    .fetch_one(conn)
    .await?;
    Ok(Fields::of("media", &row).count("images")?)
}

pub(super) async fn by_slug(conn: &mut Conn, slug: &Slug) -> Outcome<Option<Source>> {
    let row = sqlx::query(select_source!("WHERE s.slug = $1"))
        .bind(slug.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    let mut found = row.as_ref().map(source).transpose()?;
    hubs::attach(conn, found.as_mut_slice()).await?;
    Ok(found)
}

async fn by_url(conn: &mut Conn, url: &WebUrl) -> Outcome<Option<Source>> {
    let row = sqlx::query(select_source!("WHERE s.url = $1"))
        .bind(url.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(row.as_ref().map(source).transpose()?)
}

pub(super) async fn add(conn: &mut Conn, new: &NewSource) -> Outcome<(Source, bool)> {
    let is_new = match by_url(conn, &new.url).await? {
        None => {
            insert(conn, new).await?;
            true
        }
        Some(known) if is_brought_back(&known, new) => {
            bring_back(conn, known.id, new).await?;
            false
        }
        Some(known) => return Ok((known, false)),
    };
    let source = by_url(conn, &new.url).await?;
    Ok((source.ok_or(CatalogError::Conflict)?, is_new))
}

/// A removed source that is added again is watched again, and so is one that an import made.
fn is_brought_back(known: &Source, new: &NewSource) -> bool {
    match known.state {
        SourceState::Removed => true,
        SourceState::Imported => new.state != SourceState::Imported,
        SourceState::Active | SourceState::Paused | SourceState::Gone => false,
    }
}

async fn bring_back(conn: &mut Conn, id: SourceId, new: &NewSource) -> Outcome<()> {
    sqlx::query(
        "UPDATE source
        SET state = $2, name = COALESCE($3, name), failure = NULL, failures = 0, next_poll_at = $4
        WHERE id = $1",
    )
    .bind(id.0)
    .bind(new.state.as_str())
    .bind(new.name.as_deref())
    .bind(new.now.micros())
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert(conn: &mut Conn, new: &NewSource) -> Outcome<()> {
    let slug = free_slug(conn, new).await?;
    sqlx::query(
        "INSERT INTO source (slug, url, name, state, settings, added_at, format, issues, failures,
            next_poll_at, moved_times, reads, articles)
        VALUES ($1, $2, $3, $4, '{}', $5, $6, '[]', 0, $5, 0, 0, 0)",
    )
    .bind(slug.as_str())
    .bind(new.url.as_str())
    .bind(new.name.as_deref())
    .bind(new.state.as_str())
    .bind(new.now.micros())
    .bind(json(&FeedFormat::default())?)
    .execute(conn)
    .await?;
    Ok(())
}

/// The slug that the user chose, or the first candidate that no source has or had.
async fn free_slug(conn: &mut Conn, new: &NewSource) -> Outcome<Slug> {
    if let Some(chosen) = &new.slug {
        return if is_taken(conn, chosen).await? {
            Err(CatalogError::SlugTaken(chosen.clone()).into())
        } else {
            Ok(chosen.clone())
        };
    }
    for candidate in Slug::candidates(&new.named_after) {
        if !is_taken(conn, &candidate).await? {
            return Ok(candidate);
        }
    }
    Err(CatalogError::Conflict.into())
}

async fn is_taken(conn: &mut Conn, slug: &Slug) -> Outcome<bool> {
    let row = sqlx::query("SELECT id FROM source WHERE slug = $1")
        .bind(slug.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

pub(super) async fn change(conn: &mut Conn, id: SourceId, change: &SourceChange) -> Outcome<()> {
    let settings = change.settings.as_ref().map(json).transpose()?;
    let is_resumed = change.state == Some(SourceState::Active);
    // A source that was resumed is due since it was added: before all others.
    sqlx::query(
        "UPDATE source
        SET name = CASE WHEN $2 THEN $3 ELSE name END,
            state = COALESCE($4, state),
            settings = COALESCE($5, settings),
            failure = CASE WHEN $6 THEN NULL ELSE failure END,
            failures = CASE WHEN $6 THEN 0 ELSE failures END,
            next_poll_at = CASE
                WHEN $6 AND next_poll_at > added_at THEN added_at ELSE next_poll_at END
        WHERE id = $1",
    )
    .bind(id.0)
    .bind(change.name.is_some())
    .bind(change.name.as_ref().and_then(Option::as_deref))
    .bind(change.state.map(SourceState::as_str))
    .bind(settings)
    .bind(is_resumed)
    .execute(&mut *conn)
    .await?;
    if is_resumed || change.settings.is_some() {
        entries::try_again(conn, id).await?;
    }
    Ok(())
}

pub(super) async fn folders(conn: &mut Conn) -> Outcome<Vec<Folder>> {
    let rows = sqlx::query("SELECT path, attributes FROM folder ORDER BY position")
        .fetch_all(conn)
        .await?;
    let folder = |row| {
        let fields = Fields::of("folder", row);
        Ok::<_, CatalogError>(Folder {
            path: fields.json("path")?,
            attributes: fields.json("attributes")?,
        })
    };
    Ok(rows.iter().map(folder).collect::<Result<_, _>>()?)
}

pub(super) async fn keep_folders(conn: &mut Conn, folders: &[Folder]) -> Outcome<()> {
    for folder in folders {
        let path = json(&folder.path)?;
        sqlx::query(
            "INSERT INTO folder (key, position, path, attributes)
            VALUES ($1, (SELECT COALESCE(max(f.position), 0) + 1 FROM folder f), $2, $3)
            ON CONFLICT (key) DO NOTHING",
        )
        .bind(stored_key(&path))
        .bind(&path)
        .bind(json(&folder.attributes)?)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

pub(super) fn source(row: &Row) -> Result<Source, CatalogError> {
    let fields = Fields::of("source", row);
    Ok(Source {
        id: SourceId(fields.int("id")?),
        slug: fields.parsed("slug")?,
        url: fields.parsed("url")?,
        name: fields.text_opt("name")?,
        state: fields.named("state", SourceState::from_name)?,
        settings: fields.json("settings")?,
        added_at: fields.time("added_at")?,
        status: status(&fields)?,
    })
}

fn status(fields: &Fields<'_>) -> Result<SourceStatus, CatalogError> {
    let moved_to: Option<WebUrl> = fields.parsed_opt("moved_to")?;
    let moved_times = fields.count("moved_times")?;
    Ok(SourceStatus {
        title: fields.text_opt("title")?,
        home: fields.parsed_opt("home")?,
        language: fields.text_opt("language")?,
        format: fields.json("format")?,
        issues: fields.json("issues")?,
        polled_at: fields.time_opt("polled_at")?,
        succeeded_at: fields.time_opt("succeeded_at")?,
        failure: fields.json_opt("failure")?,
        failures: fields.count("failures")?,
        next_poll_at: fields.time("next_poll_at")?,
        validators: Validators {
            etag: fields.text_opt("etag")?,
            last_modified: fields.text_opt("last_modified")?,
        },
        rhythm: fields.json("rhythm")?,
        alarms: fields.json("alarms")?,
        body_digest: fields.digest_opt("body_digest")?,
        moved_to: moved_to.map(|url| (url, moved_times)),
        origins: fields.json("origins")?,
        hub: hubs::offer_opt(fields)?,
        subscription: None,
        next_attempt_at: fields.time_opt("next_attempt_at")?,
        next_visit_at: fields.time_opt("next_visit_at")?,
        entries: fields.count("entries")?,
        pending: fields.count("pending")?,
        failed: fields.count("failed")?,
        filtered: fields.count("filtered")?,
        articles: fields.count("articles")?,
    })
}
