//! Alarms, and what became of the latest entries.

use pressmark_archive::alarm::{Alarm, AlarmCause, AlarmChange, AlarmKind, Outcome};
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{SourceId, Timestamp};

use super::{Conn, Fields, Row};
use crate::codec::json;
use crate::fault::Outcome as Done;

pub(super) async fn set(
    conn: &mut Conn,
    source: SourceId,
    causes: &[AlarmCause],
    kept: &[AlarmKind],
    now: Timestamp,
) -> Done<AlarmChange> {
    let rows = sqlx::query(
        "SELECT id, cause FROM alarm WHERE source_id = $1 AND cleared_at IS NULL ORDER BY id",
    )
    .bind(source.0)
    .fetch_all(&mut *conn)
    .await?;
    let mut standing = Vec::new();
    let mut change = AlarmChange::default();
    for row in &rows {
        let fields = Fields::of("alarm", row);
        let kind = fields.json::<AlarmCause>("cause")?.kind();
        if kept.contains(&kind) || causes.iter().any(|cause| cause.kind() == kind) {
            standing.push(kind);
            continue;
        }
        sqlx::query("UPDATE alarm SET cleared_at = $2 WHERE id = $1")
            .bind(fields.int("id")?)
            .bind(now.micros())
            .execute(&mut *conn)
            .await?;
        change.cleared.push(kind);
    }
    for cause in causes {
        if standing.contains(&cause.kind()) {
            continue;
        }
        sqlx::query(
            "INSERT INTO alarm (source_id, kind, cause, raised_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(source.0)
        .bind(cause.kind().as_str())
        .bind(json(cause)?)
        .bind(now.micros())
        .execute(&mut *conn)
        .await?;
        standing.push(cause.kind());
        change.raised.push(cause.clone());
    }
    sqlx::query("UPDATE source SET alarms = $2 WHERE id = $1")
        .bind(source.0)
        .bind(json(&standing)?)
        .execute(conn)
        .await?;
    Ok(change)
}

pub(super) async fn latest(conn: &mut Conn, standing: bool, limit: u32) -> Done<Vec<Alarm>> {
    let rows = sqlx::query(
        "SELECT a.id, a.cause, a.raised_at, a.cleared_at, s.slug, COALESCE(s.name, s.title) AS name
        FROM alarm a JOIN source s ON s.id = a.source_id
        WHERE NOT $1 OR (a.cleared_at IS NULL AND s.state IN ('active', 'gone'))
        ORDER BY a.id DESC LIMIT $2",
    )
    .bind(standing)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(alarm).collect::<Result<_, _>>()?)
}

fn alarm(row: &Row) -> Result<Alarm, CatalogError> {
    let fields = Fields::of("alarm", row);
    Ok(Alarm {
        id: fields.int("id")?,
        source: fields.parsed("slug")?,
        name: fields.text_opt("name")?,
        cause: fields.json("cause")?,
        raised_at: fields.time("raised_at")?,
        cleared_at: fields.time_opt("cleared_at")?,
    })
}

pub(super) async fn outcomes(conn: &mut Conn, source: SourceId, limit: u32) -> Done<Vec<Outcome>> {
    let rows = sqlx::query(
        "SELECT e.failure, e.confidence, v.partial, CAST(length(v.text_zstd) AS BIGINT) AS size
        FROM entry e
        LEFT JOIN version v ON v.article_id = e.article_id AND v.number = 1
        WHERE e.source_id = $1 AND (e.article_id IS NOT NULL OR e.failure IS NOT NULL)
        ORDER BY e.id DESC LIMIT $2",
    )
    .bind(source.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in &rows {
        let fields = Fields::of("entry", row);
        let size: Option<i64> = fields.int_opt("size")?;
        if let Some(size) = size {
            outcomes.push(Outcome {
                poor: fields.flag("partial")?,
                size: u64::try_from(size).unwrap_or_default(),
                confidence: fields
                    .int_opt("confidence")?
                    .and_then(|percent| u8::try_from(percent).ok()),
            });
        } else if let Some(Failure::NoArticle { .. }) = fields.json_opt("failure")? {
            outcomes.push(Outcome {
                poor: true,
                size: 0,
                confidence: None,
            });
        }
    }
    Ok(outcomes)
}
