//! What the pages are made from.

use std::sync::Arc;

use pressmark_archive::ports::catalog::Catalog;
use pressmark_model::{Clock, WebUrl};
use pressmark_proof::ArchiveId;

/// What the pages are made from.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where everything is read from; nothing is ever written.
    pub catalog: Arc<dyn Catalog>,
    /// What "two hours ago" is counted from.
    pub clock: Arc<dyn Clock>,
    /// The archive's name, part of every item id in the feeds.
    pub archive: ArchiveId,
    /// The name at the head of every page.
    pub title: String,
    /// The public address of this server, with its final slash; feeds name themselves by it.
    /// Without one they go by the `Host` of the request.
    pub base_url: Option<WebUrl>,
    /// The offset from UTC, in seconds, in which lists show days and times.
    pub offset_seconds: i32,
}
