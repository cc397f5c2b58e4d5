//! Reading stored captures again.

use std::sync::Arc;

use pressmark_extract::{Page, Profile};
use pressmark_model::{Article, Entry};
use pressmark_warc::{HttpResponse, RecordType, Stored};

use crate::archive::{Archive, ArchiveError};
use crate::capture::{NewCapture, RecordKind, StoredRecord};
use crate::derive::derive_page;
use crate::pages::Sheet;
use crate::version::Version;

/// The largest page that is read again, in bytes after decoding.
const LARGEST_PAGE: usize = 256 << 20;

/// The profile that a capture is read again with.
#[derive(Debug, Clone)]
pub(crate) enum With {
    /// This one, or none.
    Profile(Option<Arc<Profile>>),
    /// The one that the site's pages are read with now.
    Current,
}

impl Archive {
    /// Reads a version's capture with today's extractor and rules; `None` if the capture is not of a page
    /// over HTTP, or is damaged: then the text is compared as it is, and `check` names the damage.
    pub(crate) async fn derive_again(
        &self,
        version: &Version,
        with: With,
    ) -> Result<Option<Article>, ArchiveError> {
        let Some(record) = self.catalog.capture(version.capture).await? else {
            return Ok(None);
        };
        let capture = record.capture;
        let is_page = |place: &&StoredRecord| place.kind.is_page();
        let Some(place) = capture.page_record().filter(is_page) else {
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
        let others = self.other_pages(&capture).await;
        let profile = match with {
            With::Profile(profile) => profile,
            With::Current => self.current(version, capture.final_url.host()).await?,
        };
        let known = self.known(profile);
        let read = move || {
            let (content_type, body) = page_of(&stored)?;
            let page = Page {
                bytes: &body,
                content_type: content_type.as_deref(),
                url: Some(&capture.final_url),
                captured_at: capture.at,
            };
            Some(derive_page(&page, &others, &hint, &known).article)
        };
        Ok(self.compute(read).await.unwrap_or_default())
    }

    /// The profile that pages of this host are read with in the scope of a version.
    async fn current(
        &self,
        version: &Version,
        host: &str,
    ) -> Result<Option<Arc<Profile>>, ArchiveError> {
        match self.catalog.article_head(version.article_id).await? {
            Some(head) => self.profile_of(&head.scope, host).await,
            None => Ok(None),
        }
    }

    /// The further pages that were captured with a page. What cannot be read is left out, and
    /// `check` names it.
    async fn other_pages(&self, capture: &NewCapture) -> Vec<Sheet> {
        let own = capture.page_record().map(|place| &place.id);
        let responses = capture
            .records
            .iter()
            .filter(|place| place.kind == RecordKind::Response && Some(&place.id) != own);
        let mut others = Vec::new();
        for place in responses {
            let stored = self.segments.record(place).await.ok();
            if let Some((content_type, body)) = stored.and_then(|stored| page_of(&stored)) {
                others.push(Sheet {
                    url: place.url.without_fragment(),
                    content_type,
                    body: body.into(),
                });
            }
        }
        others
    }
}

/// The media type and the content of a stored answer that brought a page, or of what it showed.
pub(crate) fn page_of(stored: &Stored) -> Option<(Option<String>, Vec<u8>)> {
    if stored.record.record_type == RecordType::Conversion {
        let content_type = stored.record.content_type.clone();
        return Some((content_type, stored.record.block.clone()));
    }
    let response = HttpResponse::parse(&stored.record.block).ok()?;
    if !(200..300).contains(&response.status) {
        return None;
    }
    let body = response.decoded_body(LARGEST_PAGE).ok()?;
    let content_type = response.header("content-type").map(str::to_owned);
    Some((content_type, body.bytes))
}
