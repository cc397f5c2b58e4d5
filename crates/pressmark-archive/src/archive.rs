//! The archive: its parts, put together.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use object_store::ObjectStore;
use pressmark_model::{Clock, Slug, Timestamp, WebUrl};
use pressmark_proof::ArchiveId;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinError;

use crate::clock_watch::{ClockWatch, WatchedFetch};
use crate::entropy::Entropy;
use crate::gather::{Gatherer, StoreError};
use crate::knowledge::SiteKnowledge;
use crate::media::{MediaFiles, MediaRules, Turns};
use crate::ports::catalog::{Catalog, CatalogError, Lease};
use crate::ports::fetch::Fetch;
use crate::ports::keys::Keys;
use crate::ports::render::Render;
use crate::quiet::QuietTurns;
use crate::redact::RedactedKeys;
use crate::revisit::Revisits;
use crate::segment::{SegmentError, Segments};
use crate::sibling::SiteFaces;
use crate::site::AtHand;
use crate::slots::Slots;
use crate::source::{Source, SourceSettings};

/// How long a claim on a source is believed without being renewed.
pub(crate) const LEASE: Duration = Duration::from_mins(5);

/// So many sources are asked at a time, and so many more of which one has not answered for a
/// while.
const READING: usize = 64;
const MOST_READING: usize = 512;
const READING_PATIENCE: Duration = Duration::from_millis(250);
/// So many sources have their pages captured at a time, and so many more that take long: their
/// hosts are asked one page after the other.
const CAPTURING: usize = 32;
const MOST_CAPTURING: usize = 128;
const CAPTURING_PATIENCE: Duration = Duration::from_secs(5);

/// What an archive is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The database.
    pub catalog: Arc<dyn Catalog>,
    /// The network.
    pub fetch: Arc<dyn Fetch>,
    /// The browser for pages that are made by scripts, if there is one.
    pub render: Option<Arc<dyn Render>>,
    /// Where segments go. A finished `put` must be durable.
    pub store: Arc<dyn ObjectStore>,
    /// The keys that sign the ledger.
    pub keys: Arc<dyn Keys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Entropy,
    /// `[source.<slug>]` of the configuration: it overrides what `set` stored.
    pub overrides: BTreeMap<Slug, SourceSettings>,
    /// `[revisit]` of the configuration.
    pub revisits: Revisits,
    /// The user's rules for sites.
    pub knowledge: SiteKnowledge,
    /// The public address below which hubs reach `websub/`, if they are to be asked to push.
    pub callbacks: Option<WebUrl>,
    /// `[media]` of the configuration.
    pub media: MediaRules,
}

/// Why the archive could not do what it was asked. The world's faults are not among these: they
/// are stored and shown.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Storing captures and decisions.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading captures.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// A background task ended in a panic.
    #[error("a task of the archive failed")]
    Task(#[from] JoinError),
}

impl ArchiveError {
    /// Whether the operating system could not bring what was written to the disk: nothing more is
    /// stored until a new start, which looks at what really is there.
    pub fn is_unsynced(&self) -> bool {
        match self {
            Self::Catalog(error) => matches!(error, CatalogError::Unsynced { .. }),
            Self::Store(error) => error.is_unsynced(),
            Self::Segment(error) => error.is_input_or_output(),
            Self::Task(_) => false,
        }
    }
}

/// An open archive. Clones are the same archive.
#[derive(Debug, Clone)]
pub struct Archive {
    pub(crate) id: ArchiveId,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) clock_watch: Arc<ClockWatch>,
    pub(crate) render: Option<Arc<dyn Render>>,
    pub(crate) keys: Arc<dyn Keys>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Entropy,
    pub(crate) segments: Segments,
    pub(crate) gatherer: Gatherer,
    pub(crate) quiet: QuietTurns,
    /// For asking sources.
    pub(crate) reading: Slots,
    /// For capturing what they list.
    pub(crate) capturing: Slots,
    pub(crate) overrides: Arc<BTreeMap<Slug, SourceSettings>>,
    pub(crate) revisits: Arc<Revisits>,
    pub(crate) knowledge: SiteKnowledge,
    pub(crate) callbacks: Option<WebUrl>,
    pub(crate) media: Arc<MediaRules>,
    /// The images that are under way.
    pub(crate) media_turns: Arc<Turns>,
    /// What must not come back.
    pub(crate) redacted: Arc<RwLock<RedactedKeys>>,
    /// Told when there is a version whose images were not looked for yet.
    pub(crate) versions: Arc<Notify>,
    pub(crate) profiles: AtHand,
    /// What sites show that were looked at lately.
    pub(crate) faces: Arc<SiteFaces>,
    computing: Arc<Semaphore>,
}

impl Archive {
    /// Opens the archive, or makes it. Must be called within a Tokio runtime.
    pub async fn open(parts: Parts) -> Result<Self, ArchiveError> {
        let Parts {
            catalog,
            fetch,
            render,
            store,
            keys,
            clock,
            entropy,
            overrides,
            revisits,
            knowledge,
            callbacks,
            media,
        } = parts;
        let id = catalog
            .archive_id(ArchiveId(entropy.bytes()), clock.now())
            .await?;
        let segments = Segments::new(store);
        let quiet = QuietTurns::start(Arc::clone(&catalog));
        let clock_watch = Arc::new(ClockWatch::default());
        let gatherer = Gatherer::start(
            id,
            segments.clone(),
            Arc::clone(&catalog),
            entropy.clone(),
            Arc::clone(&clock_watch),
        );
        let fetch = Arc::new(WatchedFetch {
            inner: fetch,
            clock_watch: Arc::clone(&clock_watch),
        });
        let archive = Self {
            id,
            catalog,
            fetch,
            clock_watch,
            render,
            keys,
            clock,
            computing: Arc::new(Semaphore::new(
                std::thread::available_parallelism().map_or(1, usize::from),
            )),
            entropy,
            segments,
            gatherer,
            quiet,
            reading: Slots::new(READING, MOST_READING, READING_PATIENCE),
            capturing: Slots::new(CAPTURING, MOST_CAPTURING, CAPTURING_PATIENCE),
            overrides: Arc::new(overrides),
            revisits: Arc::new(revisits),
            knowledge,
            callbacks,
            media: Arc::new(media),
            media_turns: Arc::default(),
            redacted: Arc::default(),
            versions: Arc::default(),
            profiles: AtHand::default(),
            faces: Arc::default(),
        };
        archive.learn_redactions().await?;
        Ok(archive)
    }

    /// The archive's random name.
    pub const fn id(&self) -> ArchiveId {
        self.id
    }

    /// The database, for reading.
    pub fn catalog(&self) -> &Arc<dyn Catalog> {
        &self.catalog
    }

    /// The keys that sign the ledger.
    pub fn keys(&self) -> &Arc<dyn Keys> {
        &self.keys
    }

    /// Whether the machine's clock is far from those of the servers that answered lately.
    pub fn is_clock_doubtful(&self) -> bool {
        self.clock_watch.is_doubtful()
    }

    /// The images that are kept, for reading.
    pub fn media_files(&self) -> MediaFiles {
        MediaFiles::new(Arc::clone(&self.catalog), self.segments.clone())
    }

    /// `[source.<slug>]` of the configuration.
    pub fn overrides(&self) -> &BTreeMap<Slug, SourceSettings> {
        &self.overrides
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A source's settings as they are in force.
    pub fn settings(&self, source: &Source) -> SourceSettings {
        match self.overrides.get(&source.slug) {
            Some(over) => source.settings.overridden_by(over),
            None => source.settings.clone(),
        }
    }

    /// A fresh claim: no two turns have the same owner, in this process or in another.
    pub(crate) fn lease(&self, now: Timestamp) -> Lease {
        Lease {
            owner: i64::from_be_bytes(self.entropy.bytes()),
            until: now.plus(LEASE),
        }
    }

    /// Computes away from the sockets, on no more threads than there are processors. The error is
    /// a panic.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // The semaphore is never closed; without a permit the work is merely done at once.
        let permit = Arc::clone(&self.computing).acquire_owned().await.ok();
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
    }

    pub(crate) fn chance(&self) -> u8 {
        let [byte] = self.entropy.bytes();
        byte
    }
}
