//! Keeping images: versions are looked through for them, and what is due is fetched.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use pressmark_html::{ImageSet, Tree, decode, image_sets};
use pressmark_model::{Digest, LeafIndex, Slug};
use pressmark_warc::coding::CodingError;
use pressmark_warc::{HttpError, HttpResponse};

use super::choose::{shown_images, wanted};
use super::{Attempt, Kept, Picture, WaitingMedium, WantedMedia};
use crate::archive::{Archive, ArchiveError};
use crate::capture::StoredRecord;
use crate::events::Event;
use crate::ports::catalog::{Catalog, CatalogError};
use crate::referrer::ReferrerPolicy;
use crate::reread::page_of;
use crate::segment::{SegmentError, Segments};
use crate::source::Source;
use crate::version::{Version, VersionKind};
use crate::watch::{LONGEST_SLEEP, Observer, PAUSE_AFTER_ERROR, log};

/// So many versions are looked through at a time.
const PAGE: u32 = 50;
/// So many images are under way at a time; each host is still asked for one after the other.
const AT_A_TIME: usize = 64;
/// How long a claim on an image is believed: its host may keep it waiting.
const CLAIM: Duration = Duration::from_hours(1);
/// So large a kept file may be after decoding.
const LARGEST: usize = 1 << 30;

impl Archive {
    /// Looks for images in what was archived, and fetches what is due until nothing is.
    pub(crate) async fn fetch_media(&self, observer: &Observer) -> Result<(), ArchiveError> {
        let mut sources = HashMap::new();
        loop {
            while self.look_through(&mut sources).await? {}
            let now = self.clock.now();
            let limit = u32::try_from(AT_A_TIME).unwrap_or(u32::MAX);
            let due = self
                .catalog
                .claim_media(now, now.plus(CLAIM), limit)
                .await?;
            if due.is_empty() {
                return Ok(());
            }
            self.find_sources(due.iter().map(|waiting| &waiting.source), &mut sources)
                .await?;
            let mut attempts = futures::stream::iter(due)
                .map(|waiting| self.fetch_one(waiting, &sources, observer))
                .buffer_unordered(AT_A_TIME);
            let mut first_error = None;
            while let Some(attempted) = attempts.next().await {
                first_error = first_error.or(attempted.err());
            }
            if let Some(error) = first_error {
                return Err(error);
            }
        }
    }

    /// The same until the disk does not take what was written. After another error, such as on a
    /// full disk, what was claimed is due again soon.
    pub(crate) async fn watch_media(&self, observer: Observer) -> ArchiveError {
        loop {
            let wait = match self.fetch_media(&observer).await {
                Ok(()) => match self.catalog.next_medium_due().await {
                    Ok(due) => due.map_or(LONGEST_SLEEP, |due| due.since(self.clock.now())),
                    Err(_) => PAUSE_AFTER_ERROR,
                },
                Err(error) if error.is_unsynced() => return error,
                Err(error) => {
                    log(&error);
                    PAUSE_AFTER_ERROR
                }
            };
            let wait = wait.clamp(Duration::from_millis(200), LONGEST_SLEEP);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.versions.notified() => {}
            }
        }
    }

    /// Looks the next versions through; false if there are none.
    async fn look_through(
        &self,
        sources: &mut HashMap<Slug, Source>,
    ) -> Result<bool, ArchiveError> {
        let from = self.catalog.media_cursor().await?;
        let versions = self.catalog.versions(from, PAGE).await?;
        let Some(last) = versions.last() else {
            return Ok(false);
        };
        let next = LeafIndex(last.leaf.0.saturating_add(1));
        self.find_sources(versions.iter().map(|version| &version.slug), sources)
            .await?;
        let mut all = Vec::new();
        for version in versions {
            let source = sources.get(&version.slug);
            if source.is_some_and(|source| self.keeps_images(source, &version)) {
                let wanted = self.wanted(version).await?;
                all.extend(Some(wanted).filter(|wanted| !wanted.items.is_empty()));
            }
        }
        let now = self.clock.now();
        self.catalog.want_media(&all, from, next, now).await?;
        Ok(true)
    }

    fn keeps_images(&self, source: &Source, version: &Version) -> bool {
        let keeps = self.settings(source).images.unwrap_or(self.media.images);
        keeps && version.kind != VersionKind::Imported
    }

    async fn find_sources<'a>(
        &self,
        slugs: impl Iterator<Item = &'a Slug>,
        sources: &mut HashMap<Slug, Source>,
    ) -> Result<(), ArchiveError> {
        for slug in slugs {
            if !sources.contains_key(slug)
                && let Some(source) = self.catalog.source(slug).await?
            {
                sources.insert(slug.clone(), source);
            }
        }
        Ok(())
    }

    /// What a version wants. The sizes that its images come in are those of its page.
    async fn wanted(&self, version: Version) -> Result<WantedMedia, ArchiveError> {
        let place = (version.article_id, version.number);
        let shown = shown_images(&version.article);
        let (sets, referrer) = if shown.is_empty() {
            (Vec::new(), ReferrerPolicy::default())
        } else {
            self.sets(&version).await?
        };
        let items = wanted(shown, &sets, &self.media);
        Ok(WantedMedia {
            article: place.0,
            version: place.1,
            referrer,
            items,
        })
    }

    /// What a version's page says of its images, and what it lets be told of itself.
    async fn sets(
        &self,
        version: &Version,
    ) -> Result<(Vec<ImageSet>, ReferrerPolicy), ArchiveError> {
        let nothing = (Vec::new(), ReferrerPolicy::default());
        let Some(record) = self.catalog.capture(version.capture).await? else {
            return Ok(nothing);
        };
        let capture = record.capture;
        let is_page = |place: &&StoredRecord| place.kind.is_page();
        let Some(place) = capture.page_record().filter(is_page) else {
            return Ok(nothing);
        };
        // A capture that cannot be read is told by `check`; the addresses in the text are used.
        let Ok(stored) = self.segments.record(place).await else {
            return Ok(nothing);
        };
        let read = move || {
            let (content_type, body) = page_of(&stored)?;
            let page = decode(&body, content_type.as_deref());
            let tree = Tree::parse(&page.text);
            let answer = HttpResponse::parse(&stored.record.block).ok();
            let header = answer
                .as_ref()
                .and_then(|answer| answer.header("referrer-policy"));
            let referrer = ReferrerPolicy::of_page(header, &tree);
            Some((image_sets(&tree, &capture.final_url), referrer))
        };
        Ok(self.compute(read).await?.unwrap_or(nothing))
    }

    /// Fetches an image that is due, and stores what came of it.
    async fn fetch_one(
        &self,
        waiting: WaitingMedium,
        sources: &HashMap<Slug, Source>,
        observer: &Observer,
    ) -> Result<(), ArchiveError> {
        let Some(source) = sources.get(&waiting.source) else {
            return Ok(());
        };
        let address = Digest::of(waiting.fetch_url.as_str().as_bytes());
        let _turn = self.media_turns.take(address).await;
        let (outcome, _same_bytes) = match self.attempt(&waiting, source).await {
            Ok(attempted) => attempted,
            Err(error) => {
                self.give_back(&waiting).await;
                return Err(error);
            }
        };
        let attempt = Attempt {
            place: waiting.place,
            at: self.clock.now(),
            outcome,
        };
        let nonce = self.entropy.bytes();
        let settled = loop {
            match self.catalog.settle_medium(self.id, &attempt, nonce).await {
                Err(CatalogError::Conflict) => {}
                settled => break settled?,
            }
        };
        if settled.is_some() {
            self.tell(&waiting, observer).await?;
        }
        Ok(())
    }

    /// Lets an image that could not be stored be due again soon. Where that fails too, its claim
    /// lapses.
    async fn give_back(&self, waiting: &WaitingMedium) {
        let now = self.clock.now();
        let attempt = Attempt {
            place: waiting.place,
            at: now,
            outcome: super::MediumOutcome::Again {
                reason: "it could not be stored".to_owned(),
                at: now.plus(PAUSE_AFTER_ERROR),
                is_attempt: false,
            },
        };
        let nonce = self.entropy.bytes();
        let given = self.catalog.settle_medium(self.id, &attempt, nonce).await;
        if let Err(error) = given {
            tracing::warn!(%error, "the claim on an image was not given back; it lapses");
        }
    }

    async fn tell(&self, waiting: &WaitingMedium, observer: &Observer) -> Result<(), ArchiveError> {
        let (article, version) = (waiting.place.article, waiting.place.version);
        let items = self.catalog.media_of(&[(article, version)]).await?;
        let kept = items.iter().filter(|item| item.kept.is_some()).count() as u64;
        observer(Event::Media {
            source: waiting.source.clone(),
            article,
            version,
            kept,
            missing: items.len() as u64 - kept,
        });
        Ok(())
    }

    /// Looks through every version again for images that are not kept yet, from the next turn on.
    pub async fn look_for_media_again(&self) -> Result<(), ArchiveError> {
        Ok(self.catalog.rewind_media().await?)
    }
}

/// Why a kept file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MediaFileError {
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Its record.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// Its record holds no answer over HTTP.
    #[error("its WARC record holds no HTTP answer")]
    Http(#[from] HttpError),
    /// The answer's body cannot be decoded.
    #[error("its WARC record cannot be decoded")]
    Coding(#[from] CodingError),
    /// There is no record.
    #[error("its WARC record is not in the catalog")]
    NoRecord,
    /// The bytes are others.
    #[error("its bytes do not have its digest")]
    Digest,
}

/// The files that are kept, for reading.
#[derive(Debug, Clone)]
pub struct MediaFiles {
    catalog: Arc<dyn Catalog>,
    segments: Segments,
}

impl MediaFiles {
    /// The files that this catalog knows, in these segments.
    pub const fn new(catalog: Arc<dyn Catalog>, segments: Segments) -> Self {
        Self { catalog, segments }
    }

    /// A file by the digest of its bytes, which is computed again; `None` if it is not kept.
    pub async fn read(&self, digest: &Digest) -> Result<Option<(Picture, Bytes)>, MediaFileError> {
        match self.catalog.medium(digest).await? {
            Some(kept) => Ok(Some((kept.picture, self.bytes(&kept).await?))),
            None => Ok(None),
        }
    }

    /// The bytes of a file; their digest is compared.
    pub(crate) async fn bytes(&self, kept: &Kept) -> Result<Bytes, MediaFileError> {
        let place = kept.record.as_ref().ok_or(MediaFileError::NoRecord)?;
        let stored = self.segments.record(place).await?;
        let response = HttpResponse::parse(&stored.record.block)?;
        let body = response.decoded_body(LARGEST)?.bytes;
        if Digest::of(&body) != kept.digest {
            return Err(MediaFileError::Digest);
        }
        Ok(body.into())
    }
}
