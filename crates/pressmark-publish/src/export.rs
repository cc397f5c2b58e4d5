//! Every version as a line of JSON.

use std::io::Write;

use pressmark_archive::ports::catalog::{Catalog, CatalogError};
use pressmark_archive::version::Version;
use pressmark_model::{
    ContentDigest, LeafIndex, OffsetTimestamp, Slug, Timestamp, VersionNumber, WebUrl,
};
use serde::{Serialize, Serializer};

/// How many versions are read at a time.
const PAGE: u32 = 256;

/// Why the export is not whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger could not be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The output could not be written.
    #[error("could not write the export")]
    Write(#[from] std::io::Error),
}

/// The fields of a line, in their order. Absent values are null.
#[derive(Serialize)]
struct Line<'a> {
    url: &'a WebUrl,
    source: &'a Slug,
    entry_id: Option<&'a str>,
    version: VersionNumber,
    title: &'a str,
    authors: &'a [String],
    published: Option<OffsetTimestamp>,
    updated: Option<OffsetTimestamp>,
    language: Option<&'a str>,
    image: Option<&'a WebUrl>,
    text: &'a str,
    html: &'a str,
    #[serde(serialize_with = "as_date")]
    captured_at: Timestamp,
    digest: ContentDigest,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference over"
)]
fn as_date<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// Writes all versions in the ledger's order, one JSON object a line; how many there were.
///
/// The versions are read page by page: memory does not grow with the archive.
pub async fn export_jsonl<W: Write>(
    catalog: &dyn Catalog,
    out: &mut W,
) -> Result<u64, ExportError> {
    let (mut from, mut count) = (LeafIndex(0), 0);
    loop {
        let versions = catalog.versions(from, PAGE).await?;
        let Some(last) = versions.last() else {
            break;
        };
        from = LeafIndex(last.leaf.0.saturating_add(1));
        for version in &versions {
            write_jsonl(version, out)?;
            count += 1;
        }
    }
    out.flush()?;
    Ok(count)
}

/// Writes one version as a line.
pub fn write_jsonl<W: Write>(version: &Version, out: &mut W) -> std::io::Result<()> {
    let article = &version.article;
    let line = Line {
        url: &version.url,
        source: &version.slug,
        entry_id: version.guid.as_deref(),
        version: version.number,
        title: &article.title,
        authors: &article.authors,
        published: article.published,
        updated: article.updated,
        language: article.language.as_deref(),
        image: article.image.as_ref(),
        text: &article.text,
        html: &article.html,
        captured_at: version.captured_at,
        digest: version.digest,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}
