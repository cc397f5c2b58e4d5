//! One image: asked for, looked at, stored.

use std::time::Duration;

use pressmark_model::Digest;

use super::sniff::sniff;
use super::{MediumOutcome, Picture, WaitingMedium};
use crate::archive::{Archive, ArchiveError};
use crate::capture::{CaptureRecord, RecordKind, StoredRecord};
use crate::gather::{Deposit, Raw, RawCapture, StoreError};
use crate::identity;
use crate::ports::fetch::{
    FetchFailure, FetchOutcome, FetchPolicy, FetchRequest, FetchedPage, Purpose, Validators,
};
use crate::source::Source;

/// The right to store some bytes.
type Turn = tokio::sync::OwnedMutexGuard<()>;

/// What an address gave is taken to be what it gives for so long.
const SAME: Duration = Duration::from_hours(7 * 24);
/// The waits between tries: five in a day and a half, then an image is missing.
const WAITS: [Duration; 4] = [
    Duration::from_mins(1),
    Duration::from_mins(20),
    Duration::from_hours(4),
    Duration::from_hours(24),
];
/// What is not there is asked for once more, later on: its page may have been quicker.
const WAITS_FOR_MISSING: usize = 2;

impl Archive {
    /// Sees to an image that is due: what comes of it, to be stored; until then nobody else
    /// stores the same bytes.
    pub(super) async fn attempt(
        &self,
        waiting: &WaitingMedium,
        source: &Source,
    ) -> Result<(MediumOutcome, Option<Turn>), ArchiveError> {
        let since = self.clock.now().minus(SAME);
        let known = self.catalog.medium_at(&waiting.fetch_url, since).await?;
        if let Some(digest) = known {
            return Ok((MediumOutcome::Known { digest }, None));
        }
        let left = self
            .media
            .max_article_bytes
            .saturating_sub(waiting.kept_bytes);
        if left == 0 {
            let reason = format!(
                "the others of the version have {} bytes already",
                self.media.max_article_bytes
            );
            return Ok((MediumOutcome::Missing { reason }, None));
        }
        let request = FetchRequest {
            url: waiting.fetch_url.clone(),
            purpose: Purpose::Image,
            validators: Validators::default(),
            policy: self.image_policy(waiting, source, left),
            patience: Duration::ZERO,
        };
        match self.fetch.fetch(request).await {
            FetchOutcome::Page(page) => self.keep_page(waiting, page).await,
            FetchOutcome::Failed(failed) => Ok((self.not_fetched(waiting, &failed.failure), None)),
            FetchOutcome::NotModified(_) => {
                let reason = "304 to a request without validators".to_owned();
                Ok((MediumOutcome::Missing { reason }, None))
            }
        }
    }

    /// Cookie and headers are the source's site's alone.
    fn image_policy(&self, waiting: &WaitingMedium, source: &Source, left: u64) -> FetchPolicy {
        let url = &waiting.fetch_url;
        let mut policy = self.settings(source).fetch_policy();
        if !identity::same_site(url, &source.url) {
            policy.cookie = None;
            policy.headers = Vec::new();
        }
        policy.max_bytes = Some(
            self.media
                .max_bytes
                .max(self.media.max_audio_bytes)
                .min(left),
        );
        policy.referrer = Some(waiting.page.clone());
        self.knowledge.policy(url, policy)
    }

    async fn keep_page(
        &self,
        waiting: &WaitingMedium,
        page: FetchedPage,
    ) -> Result<(MediumOutcome, Option<Turn>), ArchiveError> {
        let picture = match self.judge(&page) {
            Ok(picture) => picture,
            Err(reason) => return Ok((MediumOutcome::Missing { reason }, None)),
        };
        let digest = Digest::of(&page.body);
        let turn = self.media_turns.take(digest).await;
        let bytes = page.body.len() as u64;
        let mut raw = RawCapture::of_page(&page);
        drop(page);
        if let Raw::Http { same_as, .. } = &mut raw.raw {
            *same_as = self
                .same_payload(&digest, &raw.payload_digest)
                .await?
                .map(Box::new);
        }
        let deposit = Deposit {
            raw: Some(raw),
            commit: None,
        };
        let receipt = self.gatherer.store(deposit).await?;
        let capture = receipt.capture.ok_or(StoreError::Closed)?;
        tracing::debug!(url = %waiting.fetch_url, bytes, "an image is stored");
        let outcome = MediumOutcome::Fetched {
            digest,
            picture,
            bytes,
            capture: Box::new(capture),
        };
        Ok((outcome, Some(turn)))
    }

    /// What an answer is, or why it is not kept.
    fn judge(&self, page: &FetchedPage) -> Result<Picture, String> {
        let picture = sniff(&page.body).ok_or_else(|| {
            let said = page.content_type().unwrap_or("no type");
            let said: String = said.chars().filter(|c| !c.is_control()).take(60).collect();
            format!("it is no image, the server says `{said}`")
        })?;
        let bytes = page.body.len() as u64;
        let most = if picture.media_type.is_image() {
            self.media.max_bytes
        } else {
            self.media.max_audio_bytes
        };
        if bytes > most {
            return Err(FetchFailure::TooLarge { limit: most }.to_string());
        }
        if picture.media_type.is_image() && picture.width <= 1 && picture.height <= 1 {
            return Err("it is a single pixel".to_owned());
        }
        Ok(picture)
    }

    /// The record that has this very payload, if there is one: the bytes are kept once.
    async fn same_payload(
        &self,
        digest: &Digest,
        payload: &Digest,
    ) -> Result<Option<StoredRecord>, ArchiveError> {
        let Some(kept) = self.catalog.medium(digest).await? else {
            return Ok(None);
        };
        let holder: Option<CaptureRecord> = self.catalog.capture(kept.capture).await?;
        let same = holder.is_some_and(|holder| holder.capture.payload_digest == *payload);
        Ok(kept
            .record
            .filter(|record| same && record.kind == RecordKind::Response))
    }

    fn not_fetched(&self, waiting: &WaitingMedium, failure: &FetchFailure) -> MediumOutcome {
        let reason = failure.to_string();
        let now = self.clock.now();
        if let FetchFailure::HostPaused { seconds, .. } = failure {
            let pause = Duration::from_secs(*seconds).max(Duration::from_secs(1));
            return MediumOutcome::Again {
                reason,
                at: now.plus(pause),
                is_attempt: false,
            };
        }
        let waits = match failure {
            FetchFailure::Status {
                status: 404 | 410, ..
            } => WAITS.get(..WAITS_FOR_MISSING).unwrap_or_default(),
            failure if failure.is_transient() => &WAITS,
            _ => &[],
        };
        let wait = usize::try_from(waiting.attempts)
            .ok()
            .and_then(|attempts| waits.get(attempts));
        match wait {
            Some(wait) => {
                let wait = *wait + *wait * u32::from(self.chance()) / 2560;
                MediumOutcome::Again {
                    reason,
                    at: now.plus(wait.max(failure.retry_after().unwrap_or_default())),
                    is_attempt: true,
                }
            }
            None => MediumOutcome::Missing { reason },
        }
    }
}
