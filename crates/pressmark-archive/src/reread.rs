//! Reading stored captures again.

use pressmark_model::{Article, Entry};
use pressmark_warc::{HttpResponse, Stored};

use crate::archive::{Archive, ArchiveError};
use crate::capture::{NewCapture, RecordKind};
use crate::derive::derive;
use crate::version::Version;

/// The largest page that is read again, in bytes after decoding.
const LARGEST_PAGE: usize = 256 << 20;

impl Archive {
    /// Reads a version's capture with today's extractor; `None` if the capture is not of a page
    /// over HTTP, or cannot be read as one any more.
    pub(crate) async fn derive_again(
        &self,
        version: &Version,
    ) -> Result<Option<Article>, ArchiveError> {
        let Some(record) = self.catalog.capture(version.capture).await? else {
            return Ok(None);
        };
        let capture = record.capture;
        let Some(stored) = self.page_record(&capture).await? else {
            return Ok(None);
        };
        let hint = Entry {
            title: version.article.title.clone(),
            ..Entry::default()
        };
        let article = tokio::task::spawn_blocking(move || {
            let response = HttpResponse::parse(&stored.record.block).ok()?;
            let body = response.decoded_body(LARGEST_PAGE).ok()?;
            let content_type = response.header("content-type");
            let derived = derive(
                &body.bytes,
                content_type,
                &capture.final_url,
                capture.at,
                &hint,
            );
            Some(derived.article)
        });
        Ok(article.await?)
    }

    async fn page_record(&self, capture: &NewCapture) -> Result<Option<Stored>, ArchiveError> {
        match capture.page_record() {
            Some(place) if place.kind == RecordKind::Response => {
                Ok(Some(self.segments.record(place).await?))
            }
            _ => Ok(None),
        }
    }
}
