//! One page, archived because somebody asked for it: it comes through a source of its own, which is
//! never polled.

use std::time::Duration;

use pressmark_model::{Digest, Entry, EntryKey, FeedFormat, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::entry::{EntryDelta, FeedRead, ListedEntry, PollRecord, PollResult};
use crate::events::Event;
use crate::ports::fetch::Validators;
use crate::rhythm::Rhythm;
use crate::source::{NewSource, Source, SourceState};
use crate::visit::Visit;

/// The address that stands for the source of single pages: nothing is there.
const PAGES: &str = "https://pages.invalid/";
/// Its name.
const NAME: &str = "Single pages";

impl Archive {
    /// Archives one page now; `None` if another process is at work on such a page.
    pub async fn archive_page(
        &self,
        url: &WebUrl,
        patience: Duration,
    ) -> Result<Option<Event>, ArchiveError> {
        let Some(source) = self.source_of_pages().await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let lease = self.lease(now);
        let Some(source) = self.catalog.claim_source(source.id, now, lease).await? else {
            return Ok(None);
        };
        let event = self.capture_page(&source, url, patience).await;
        self.catalog.release_source(source.id, lease.owner).await?;
        event
    }

    async fn source_of_pages(&self) -> Result<Option<Source>, ArchiveError> {
        let Ok(address) = PAGES.parse::<WebUrl>() else {
            return Ok(None);
        };
        let new = NewSource {
            url: address.clone(),
            name: Some(NAME.to_owned()),
            slug: None,
            named_after: address,
            state: SourceState::Imported,
            now: self.clock.now(),
        };
        Ok(Some(self.catalog.add_source(&new).await?.0))
    }

    async fn capture_page(
        &self,
        source: &Source,
        url: &WebUrl,
        patience: Duration,
    ) -> Result<Option<Event>, ArchiveError> {
        let entry = Entry {
            link: Some(url.clone()),
            ..Entry::default()
        };
        let key = EntryKey::of(&entry, false);
        let at = self.clock.now();
        let known = self
            .catalog
            .known_entries(source.id, std::slice::from_ref(&key))
            .await?;
        let delta = if known.is_empty() {
            EntryDelta::New
        } else {
            EntryDelta::Changed
        };
        let read = FeedRead {
            validators: Validators::default(),
            body_digest: Digest::of(&[]),
            format: FeedFormat::Unknown,
            title: None,
            home: None,
            language: None,
            issues: Vec::new(),
            rhythm: Rhythm::default(),
            hub: None,
            captures: Vec::new(),
            complete: false,
            entries: vec![ListedEntry {
                key: key.clone(),
                entry,
                delta,
                wanted: true,
            }],
        };
        self.catalog
            .record_poll(&PollRecord {
                source: source.id,
                at,
                next_poll_at: at,
                moved_to: None,
                new_url: None,
                origins: Vec::new(),
                result: PollResult::Read(Box::new(read)),
            })
            .await?;
        let pending = self
            .catalog
            .pending_entries(source.id, None, u32::MAX)
            .await?;
        let Some(pending) = pending.into_iter().find(|pending| pending.key == key) else {
            return Ok(None);
        };
        let visit = Visit::new(self, source, patience);
        let event = Box::pin(visit.capture(pending)).await?;
        visit.learn().await?;
        Ok(Some(event))
    }
}
