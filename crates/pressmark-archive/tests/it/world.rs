//! An archive in a folder, a few sites to watch, and a clock.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use pressmark_archive::events::Event;
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::source::{NewSource, Source, SourceState};
use pressmark_archive::version::Version;
use pressmark_archive::{Archive, ArchiveError, Parts, PollOptions, PollSummary};
use pressmark_catalog::SqliteCatalog;
use pressmark_extract::Rules;
use pressmark_fetch::{FetchConfig, Fetcher, Resolve};
use pressmark_model::{Clock, LeafIndex, Timestamp};
use pressmark_testkit::{Faulty, Internet, Page};
use pressmark_testkit::{ManualClock, MemoryKeys, entropy};
use sqlx::Connection as _;
use tempfile::TempDir;

pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// Everything that a test of the use cases needs.
pub(crate) struct World {
    pub(crate) net: Arc<Internet>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) archive: Archive,
    pub(crate) keys: Arc<MemoryKeys>,
    pub(crate) folder: TempDir,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
}

#[derive(Debug)]
struct Resolver(Arc<Internet>);

#[async_trait::async_trait]
impl Resolve for Resolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.0.resolve(host, port)
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_store(|store| store).await
    }

    /// A world whose segments go through `wrap`.
    pub(crate) async fn with_store(
        wrap: impl FnOnce(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore>,
    ) -> Self {
        Self::with(|_, parts| parts.store = wrap(Arc::clone(&parts.store))).await
    }

    /// A world whose segments go through a store that can be made to fail.
    pub(crate) async fn with_faulty_store() -> (Self, Faulty) {
        let mut store = None;
        let world = Self::with_store(|inner| {
            let faulty = Faulty::over(inner);
            store = Some(faulty.clone());
            Arc::new(faulty)
        })
        .await;
        (world, store.unwrap())
    }

    /// A world of which `change` sets the parts otherwise.
    pub(crate) async fn with(change: impl FnOnce(&Internet, &mut Parts)) -> Self {
        let net = Arc::new(Internet::start().await);
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_760_000_000)));
        let folder = tempfile::tempdir().unwrap();
        let keys = Arc::new(MemoryKeys::default());
        let file = "catalog.sqlite";
        let archive = open(&net, &clock, &folder, &keys, file, change).await;
        Self {
            net,
            clock,
            archive,
            keys,
            folder,
            events: Arc::default(),
        }
    }

    /// Keeps the catalog as it is now, for [`World::restored`].
    pub(crate) async fn back_up(&self) {
        let file = self.folder.path().join("catalog.sqlite");
        let url = format!("sqlite://{}", file.display());
        let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let backup = self
            .folder
            .path()
            .join("backup.sqlite")
            .display()
            .to_string();
        let copy = sqlx::query("VACUUM INTO $1").bind(backup);
        copy.execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }

    /// The same world with the catalog that was kept.
    pub(crate) async fn restored(self) -> Self {
        let Self {
            net,
            clock,
            keys,
            folder,
            events,
            archive,
        } = self;
        drop(archive);
        let file = "backup.sqlite";
        let archive = open(&net, &clock, &folder, &keys, file, |_, _| {}).await;
        Self {
            net,
            clock,
            archive,
            keys,
            folder,
            events,
        }
    }

    /// Opens the archive again, with these rule files.
    pub(crate) async fn learn(&mut self, files: &[(&str, &str)]) {
        // No two times have the same chance.
        static OPENED: AtomicU64 = AtomicU64::new(100);
        let (rules, issues) = Rules::read(files.iter().copied());
        assert_eq!(issues, []);
        let change = |_: &Internet, parts: &mut Parts| {
            parts.knowledge.rules = Arc::new(rules);
            parts.entropy = entropy(OPENED.fetch_add(1, Ordering::Relaxed));
        };
        let (net, clock, keys) = (&self.net, &self.clock, &self.keys);
        self.archive = open(net, clock, &self.folder, keys, "catalog.sqlite", change).await;
    }

    /// Watches a feed of this site.
    pub(crate) async fn watch(&self, host: &str) -> Source {
        self.watch_at(host, "/feed.xml").await
    }

    /// Watches the feed at this path of a site.
    pub(crate) async fn watch_at(&self, host: &str, path: &str) -> Source {
        let url: pressmark_model::WebUrl = format!("https://{host}{path}").parse().unwrap();
        let new = NewSource {
            url: url.clone(),
            name: None,
            slug: None,
            named_after: url,
            state: SourceState::Active,
            now: self.clock.now(),
        };
        self.archive.catalog().add_source(&new).await.unwrap().0
    }

    pub(crate) async fn poll(&self) -> PollSummary {
        self.try_poll(false).await.unwrap()
    }

    pub(crate) async fn revisit(&self) -> PollSummary {
        self.try_poll(true).await.unwrap()
    }

    pub(crate) async fn try_poll(&self, revisit: bool) -> Result<PollSummary, ArchiveError> {
        let options = PollOptions {
            now: true,
            revisit,
            patience: Duration::ZERO,
        };
        let sources = self.archive.select(&[]).await?.unwrap();
        let events = Arc::clone(&self.events);
        let observer = Arc::new(move |event| events.lock().unwrap().push(event));
        self.archive.poll(sources, options, observer).await
    }

    pub(crate) async fn source(&self, slug: &str) -> Source {
        self.archive
            .catalog()
            .source(&slug.parse().unwrap())
            .await
            .unwrap()
            .unwrap()
    }

    /// All versions in the ledger's order.
    pub(crate) async fn versions(&self) -> Vec<Version> {
        self.archive
            .catalog()
            .versions(LeafIndex(0), 1000)
            .await
            .unwrap()
    }

    /// Nothing in the archive is damaged, and what was computed is what is computed again.
    pub(crate) async fn assert_sound(&self) {
        let report = self.archive.check_deep(&|_, _| {}).await.unwrap();
        assert_eq!(report.findings, [], "check");
    }
}

async fn open(
    net: &Arc<Internet>,
    clock: &Arc<ManualClock>,
    folder: &TempDir,
    keys: &Arc<MemoryKeys>,
    file: &str,
    change: impl FnOnce(&Internet, &mut Parts),
) -> Archive {
    let catalog = SqliteCatalog::open(&folder.path().join(file))
        .await
        .unwrap();
    let config = FetchConfig {
        per_host_gap: Duration::ZERO,
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ca_pem: Some(net.ca_pem().into_bytes()),
        ..FetchConfig::default()
    };
    let resolver = Arc::new(Resolver(Arc::clone(net)));
    let files = LocalFileSystem::new_with_prefix(folder.path())
        .unwrap()
        .with_fsync(true);
    let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    let mut parts = Parts {
        catalog: Arc::new(catalog),
        fetch: Arc::new(Fetcher::new(config, Arc::clone(&clock), resolver).unwrap()),
        render: None,
        store: Arc::new(files),
        keys: Arc::<MemoryKeys>::clone(keys),
        clock,
        // Chance is never the same again.
        entropy: entropy(file.len() as u64),
        overrides: std::collections::BTreeMap::new(),
        revisits: pressmark_archive::revisit::Revisits::default(),
        knowledge: SiteKnowledge::default(),
        callbacks: None,
        media: pressmark_archive::media::MediaRules::default(),
    };
    change(net, &mut parts);
    Archive::open(parts).await.unwrap()
}

/// A feed with these entries, by title; their pages are `/<title>`.
pub(crate) fn feed(host: &str, titles: &[&str]) -> Page {
    let home = format!("https://{host}/");
    Page::rss_of(host, &home, titles)
}

/// An article page with this many paragraphs; `word` makes its text its own.
pub(crate) fn story(title: &str, word: &str, paragraphs: usize) -> Page {
    Page::html(story_html(title, word, paragraphs))
}

/// The HTML of such a page.
pub(crate) fn story_html(title: &str, word: &str, paragraphs: usize) -> String {
    let mut body = String::new();
    for n in 1..=paragraphs {
        write!(
            body,
            "<p>Paragraph {n} of the story about {word} says that the council met on the {n}th \
             floor, where {word} was discussed at length, and that nobody left before the end of \
             the meeting, which came late in the evening.</p>"
        )
        .unwrap();
    }
    format!(
        "<!doctype html><html lang=en><head><title>{title}</title></head><body>\
         <nav><a href=/>Home</a> <a href=/about>About</a></nav>\
         <main><article><h1>{title}</h1>{body}</article></main>\
         <footer>All rights reserved</footer></body></html>"
    )
}
