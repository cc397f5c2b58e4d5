//! Reading stored captures again.

use pressmark_model::{Article, Entry};
use pressmark_warc::HttpResponse;

use crate::archive::{Archive, ArchiveError};
use crate::capture::RecordKind;
use crate::derive::derive_bytes;
use crate::version::Version;

/// The largest page that is read again, in bytes after decoding.
const LARGEST_PAGE: usize = 256 << 20;

impl Archive {
    /// Reads a version's capture with today's extractor; `None` if the capture is not of a page
    /// over HTTP, or is damaged: then the text is compared as it is, and `check` names the damage.
    pub(crate) async fn derive_again(
        &self,
        version: &Version,
    ) -> Result<Option<Article>, ArchiveError> {
        let Some(record) = self.catalog.capture(version.capture).await? else {
            return Ok(None);
        };
        let capture = record.capture;
        let Some(place) = capture
            .page_record()
            .filter(|place| place.kind == RecordKind::Response)
        else {
            return Ok(None);
        };
        let stored = match self.segments.record(place).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::error!(capture = %version.capture, %error, "a capture cannot be read");
                return Ok(None);
            }
        };
        let hint = Entry {
            title: version.article.title.clone(),
            ..Entry::default()
        };
        let read = move || {
            let response = HttpResponse::parse(&stored.record.block).ok()?;
            let body = response.decoded_body(LARGEST_PAGE).ok()?;
            let content_type = response.header("content-type");
            let derived = derive_bytes(
                &body.bytes,
                content_type,
                &capture.final_url,
                capture.at,
                &hint,
            );
            Some(derived.article)
        };
        Ok(self.compute(read).await.unwrap_or_default())
    }
}
