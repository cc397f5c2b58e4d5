//! How many bytes an article takes, and how fast they are checked:
//! `cargo xtask bench bytes CORPUS`.
//!
//! The corpus is a folder with `index.jsonl`, one page a line (`url`, `html_path`), and the pages,
//! which may be gzipped. They are served from this machine, archived without images, and then
//! visited ten times more, each time with other markup around the same text. What the archive takes
//! is compared with each page gzipped by itself, and the speed of `check --deep` with `sha256sum`
//! over the same files.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a tool for the developer, who reads what it prints"
)]

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use object_store::local::LocalFileSystem;
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::media::MediaRules;
use pressmark_archive::ports::catalog::Catalog as _;
use pressmark_archive::source::{NewSource, SourceState};
use pressmark_archive::{Archive, Parts, PollOptions, PollSummary};
use pressmark_catalog::SqliteCatalog;
use pressmark_fetch::{FetchConfig, Fetcher, Resolve};
use pressmark_model::{Clock, Timestamp, WebUrl};
use pressmark_testkit::{Internet, Item, ManualClock, MemoryKeys, Page, entropy};

/// So many pages are in a feed: a first visit takes the newest hundred.
const LISTED: usize = 90;
const REVISITS: usize = 10;

struct Corpus {
    pages: Vec<(WebUrl, Vec<u8>)>,
    /// The sum of their lengths, each gzipped by itself.
    gzipped: u64,
}

#[derive(Debug)]
struct Resolver(Arc<Internet>);

#[async_trait::async_trait]
impl Resolve for Resolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.0.resolve(host, port)
    }
}

struct Bench {
    folder: tempfile::TempDir,
    archive: Archive,
    clock: Arc<ManualClock>,
    catalog: Arc<SqliteCatalog>,
}

#[tokio::main]
async fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        println!("usage: cargo xtask bench bytes CORPUS");
        return;
    };
    let corpus = Corpus::read(Path::new(&folder));
    let (net, visits) = serve(&corpus).await;
    let bench = Bench::open(&net).await;
    for feed in 0..corpus.pages.len().div_ceil(LISTED) {
        bench
            .watch(&format!("https://corpus{feed}.test/feed"))
            .await;
    }
    let first = bench.poll(false).await;
    println!(
        "{} pages, {} articles, {} bytes gzipped",
        corpus.pages.len(),
        first.articles,
        corpus.gzipped
    );
    bench.tell("archived", corpus.gzipped).await;
    for visit in 1..=REVISITS {
        visits.store(visit, Ordering::SeqCst);
        bench.clock.advance(Duration::from_hours(24));
        let again = bench.poll(true).await;
        if again.versions > 0 {
            println!("{} pages made a version of other markup", again.versions);
        }
    }
    bench.tell("after ten revisits", corpus.gzipped).await;
    bench.check().await;
}

impl Corpus {
    fn read(folder: &Path) -> Self {
        let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
        let mut corpus = Self {
            pages: Vec::new(),
            gzipped: 0,
        };
        for line in index.lines() {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            let bytes = std::fs::read(folder.join(entry["html_path"].as_str().unwrap())).unwrap();
            let mut page = Vec::new();
            if bytes.starts_with(&[0x1f, 0x8b]) {
                MultiGzDecoder::new(&bytes[..])
                    .read_to_end(&mut page)
                    .unwrap();
            } else {
                page = bytes;
            }
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&page).unwrap();
            corpus.gzipped += encoder.finish().unwrap().len() as u64;
            let url = entry["url"].as_str().unwrap().parse().unwrap();
            corpus.pages.push((url, page));
        }
        corpus
    }
}

/// The pages at their addresses, and feeds that list them. From the first revisit on, each page has
/// a token in its head and a count in a comment at its end that are others at each visit.
async fn serve(corpus: &Corpus) -> (Arc<Internet>, Arc<AtomicUsize>) {
    let net = Arc::new(Internet::start().await);
    let visits = Arc::new(AtomicUsize::new(0));
    for (url, page) in &corpus.pages {
        let (page, visits) = (page.clone(), Arc::clone(&visits));
        let path = url.as_str().splitn(4, '/').nth(3).unwrap_or_default();
        net.site(url.host()).answer(&format!("/{path}"), move |_| {
            let visit = visits.load(Ordering::SeqCst);
            let mut page = page.clone();
            if visit > 0 {
                let head = page
                    .windows(7)
                    .position(|tag| tag.eq_ignore_ascii_case(b"</head>"));
                let token = format!("<meta name=\"csrf-token\" content=\"{visit:032x}\">");
                let at = head.unwrap_or(0);
                page.splice(at..at, token.into_bytes());
                page.extend(format!("<!-- served as number {visit} -->").into_bytes());
            }
            Page::bytes("text/html; charset=utf-8", page)
        });
    }
    for (n, listed) in corpus.pages.chunks(LISTED).enumerate() {
        let items: Vec<Item<'_>> = listed
            .iter()
            .map(|(url, _)| Item {
                guid: url.as_str(),
                link: url.as_str(),
                title: url.as_str(),
                ..Item::default()
            })
            .collect();
        let host = format!("corpus{n}.test");
        let feed = Page::rss("Corpus", &format!("https://{host}/"), &items);
        net.site(&host).page("/feed", feed);
    }
    (net, visits)
}

impl Bench {
    async fn open(net: &Arc<Internet>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("catalog.sqlite");
        let catalog = Arc::new(SqliteCatalog::open(&file).await.unwrap());
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_760_000_000)));
        let config = FetchConfig {
            per_host_gap: Duration::ZERO,
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
            ca_pem: Some(net.ca_pem().into_bytes()),
            ..FetchConfig::default()
        };
        let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let resolver = Arc::new(Resolver(Arc::clone(net)));
        let files = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        let archive = Archive::open(Parts {
            catalog: Arc::<SqliteCatalog>::clone(&catalog),
            fetch: Arc::new(Fetcher::new(config, Arc::clone(&time), resolver).unwrap()),
            store: Arc::new(files.with_fsync(true)),
            keys: Arc::new(MemoryKeys::default()),
            clock: time,
            entropy: entropy(1),
            overrides: BTreeMap::new(),
            revisits: pressmark_archive::revisit::Revisits::default(),
            knowledge: SiteKnowledge::default(),
            callbacks: None,
            render: None,
            media: MediaRules {
                images: false,
                ..MediaRules::default()
            },
        })
        .await
        .unwrap();
        Self {
            folder,
            archive,
            clock,
            catalog,
        }
    }

    async fn watch(&self, url: &str) {
        let url: WebUrl = url.parse().unwrap();
        let new = NewSource {
            url: url.clone(),
            name: None,
            slug: None,
            named_after: url,
            state: SourceState::Active,
            now: self.clock.now(),
        };
        self.catalog.add_source(&new).await.unwrap();
    }

    async fn poll(&self, revisit: bool) -> PollSummary {
        let options = PollOptions {
            now: true,
            revisit,
            patience: Duration::ZERO,
        };
        let sources = self.archive.select(&[]).await.unwrap().unwrap();
        let polled = self.archive.poll(sources, options, Arc::new(|_| {})).await;
        self.archive.seal().await.unwrap();
        polled.unwrap()
    }

    /// What the archive takes now, beside the gzipped pages. The catalog is counted as a snapshot
    /// of it, without the log that SQLite writes ahead.
    async fn tell(&self, when: &str, gzipped: u64) {
        let snapshot = self.folder.path().join("snapshot");
        let file = self.folder.path().join("catalog.sqlite");
        pressmark_catalog::snapshot(&file, &snapshot).await.unwrap();
        let catalog = snapshot.metadata().unwrap().len();
        std::fs::remove_file(&snapshot).unwrap();
        let segments: u64 = self
            .segments()
            .iter()
            .map(|file| file.metadata().unwrap().len())
            .sum();
        println!(
            "{when}: WARC {segments}, catalog with ledger {catalog}: {:.3} times gzip",
            (segments + catalog) as f64 / gzipped as f64
        );
    }

    fn segments(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.folder.path().join("segments")];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found
    }

    /// Checks everything, and has `sha256sum` read the same files.
    async fn check(&self) {
        let mut files = self.segments();
        files.push(self.folder.path().join("catalog.sqlite"));
        let bytes: u64 = files
            .iter()
            .map(|file| file.metadata().unwrap().len())
            .sum();
        let speed = |took: Duration| bytes as f64 / 1e6 / took.as_secs_f64();
        for _ in 0..3 {
            let began = Instant::now();
            let report = self.archive.check_deep(&|_, _| {}).await.unwrap();
            let deep = began.elapsed();
            assert_eq!(report.findings, []);
            let began = Instant::now();
            let output = Command::new("sha256sum").args(&files).output().unwrap();
            assert!(output.status.success());
            println!(
                "check --deep: {:.1} MB/s; sha256sum: {:.1} MB/s",
                speed(deep),
                speed(began.elapsed())
            );
        }
    }
}
