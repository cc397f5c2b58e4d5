//! The signed log as static files (`c2sp.org/tlog-tiles`), and the proofs of versions.
//!
//! The log that is sealed now is under `/log/`; every log, also one that was continued, is under
//! `/log/<the random part of its name>/` as well.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use pressmark_archive::anchor::Anchor;
use pressmark_archive::log::Log;
use pressmark_archive::prove::{self, LogError};
use pressmark_model::ArticleId;
use pressmark_proof::Tile;

use crate::respond::Fault;
use crate::site::Site;
use crate::ui::Ui;

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
/// RFC 3161, 3.4.
const STAMP: &str = "application/timestamp-reply";
/// So many checkpoints with time stamps are listed at a time.
const LISTED: u32 = 256;
/// Tiles of a log that is named never change.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// The checkpoint does, and so may which log is sealed now.
const NOT_LONG: &str = "public, max-age=2";

impl From<LogError> for Fault {
    fn from(error: LogError) -> Self {
        tracing::error!(%error, "the log cannot be read");
        Self::Broken
    }
}

/// Answers everything under `/log/`.
pub(crate) async fn file(
    State(site): State<Arc<Site>>,
    Path(path): Path<String>,
) -> Result<Response, Fault> {
    let logs = site.catalog.logs().await?;
    let (log, rest, lasts) = named(&logs, &path).ok_or(Fault::Missing)?;
    if rest == "checkpoint" {
        let head = log.head.as_ref().ok_or(Fault::Missing)?;
        let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, NOT_LONG)];
        return Ok((headers, head.checkpoint.clone()).into_response());
    }
    if rest == "anchors" || rest.starts_with("anchor/") {
        return anchors(&site, log, rest, lasts).await;
    }
    let tile = rest.strip_prefix("tile/").and_then(Tile::parse);
    let (tile, is_bundle) = tile.ok_or(Fault::Missing)?;
    let bytes = if is_bundle {
        prove::entries(&*site.catalog, log, tile).await?
    } else {
        prove::tile(&*site.catalog, log, tile).await?
    };
    let headers = [(CONTENT_TYPE, BYTES), (CACHE_CONTROL, lasts)];
    Ok((headers, bytes.ok_or(Fault::Missing)?).into_response())
}

/// Answers `anchors`, the list of time stamps, and the files that it names.
async fn anchors(
    site: &Site,
    log: &Log,
    rest: &str,
    lasts: &'static str,
) -> Result<Response, Fault> {
    let Some(path) = rest.strip_prefix("anchor/") else {
        let (mut lines, mut from) = (String::new(), 0);
        loop {
            let anchors = site.catalog.anchors(log.number, from, LISTED).await?;
            let Some(last) = anchors.last() else { break };
            from = last.size + 1;
            lines.extend(anchors.iter().map(Anchor::line));
        }
        let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, NOT_LONG)];
        return Ok((headers, lines).into_response());
    };
    let number = path
        .split_once('/')
        .and_then(|(number, _)| number.parse().ok());
    let number = number.ok_or(Fault::Missing)?;
    for made in site.catalog.anchored(log.number, number).await? {
        if made.anchor.path() == rest {
            let headers = [(CONTENT_TYPE, STAMP), (CACHE_CONTROL, lasts)];
            return Ok((headers, made.token).into_response());
        }
        if made.anchor.checkpoint_path() == rest {
            let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, lasts)];
            return Ok((headers, made.checkpoint).into_response());
        }
    }
    Err(Fault::Missing)
}

/// The log that a path is in, the path in it, and how long what never changes there may be kept.
fn named<'a>(logs: &'a [Log], path: &'a str) -> Option<(&'a Log, &'a str, &'static str)> {
    let by_name = |(name, rest)| {
        let log = logs.iter().find(|log| log.short_name() == name)?;
        Some((log, rest, FOR_GOOD))
    };
    path.split_once('/')
        .and_then(by_name)
        .or_else(|| Some((logs.last()?, path, NOT_LONG)))
}

/// Answers `/a/{id}/proof`, and `/a/{id}/proof?version=2` for that version.
pub(crate) async fn proof(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    ui: Ui,
) -> Result<Response, Fault> {
    let id: ArticleId = id.parse().map_err(|_| Fault::Missing)?;
    let view = site.catalog.article(id).await?.ok_or(Fault::Missing)?;
    let head = match ui.parameter("version") {
        Some(number) => view
            .versions
            .iter()
            .find(|head| head.number.to_string() == number),
        None => view.versions.last(),
    };
    let head = head.ok_or(Fault::Missing)?;
    let proof = prove::prove(&*site.catalog, head.leaf).await?;
    let proof = proof.ok_or(Fault::Missing)?;
    let name = format!("attachment; filename=\"{id}-{}.tlog-proof\"", head.number);
    let headers = [
        (CONTENT_TYPE, TEXT.to_owned()),
        (CACHE_CONTROL, "no-cache".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, proof.to_string()).into_response())
}
