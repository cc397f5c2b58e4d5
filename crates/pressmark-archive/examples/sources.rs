//! What a round of many sources costs, beside a bare loop of conditional requests with the same
//! client, and what hosts that never answer cost the others:
//! `cargo xtask bench sources [SOURCES [TARPITS]]`.
//!
//! The sites, the loop and the round are processes of their own, so that each one's CPU and memory
//! can be read from `/proc`. In the round one source in a hundred has a changed document.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for the developer, who reads what it prints"
)]

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use object_store::local::LocalFileSystem;
use pressmark_archive::entry::{EntryDelta, FeedRead, ListedEntry, PollRecord, PollResult};
use pressmark_archive::events::Event;
use pressmark_archive::ports::catalog::Catalog;
use pressmark_archive::ports::fetch::{
    Fetch, FetchOutcome, FetchPolicy, FetchRequest, Purpose, Validators,
};
use pressmark_archive::revisit::Revisits;
use pressmark_archive::rhythm::Rhythm;
use pressmark_archive::source::{NewSource, SourceState};
use pressmark_archive::{Archive, Parts};
use pressmark_catalog::SqliteCatalog;
use pressmark_fetch::{FetchConfig, Fetcher, Resolve};
use pressmark_model::{Clock, Digest, Entry, EntryKey, FeedFormat, Timestamp, WebUrl};
use pressmark_testkit::{Internet, Item, MemoryKeys, Page, entropy};
use tokio::sync::Notify;

/// One source in so many has changed.
const ONE_CHANGED_IN: usize = 100;
/// Entries that each source is known to list.
const ENTRIES: usize = 20;
/// Requests at a time in the bare loop.
const BARE: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, else_: usize| {
        let text = arguments.get(at).map(String::as_str);
        text.and_then(|text| text.parse().ok()).unwrap_or(else_)
    };
    match arguments.first().map(String::as_str) {
        Some("sites") => block_on(sites(number(1, 0), number(2, 0))),
        Some("bare") => block_on(bare(&arguments, number(3, 0))),
        Some("round") => block_on(round(&arguments, number(3, 0), number(4, 0))),
        _ => compare(number(0, 10_000), number(1, 100)),
    }
}

fn block_on(work: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all().build().unwrap().block_on(work);
}

/// The sites with the way to them.
struct Sites {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    address: String,
    authority: String,
}

fn compare(sources: usize, tarpits: usize) {
    println!("{sources} sources over TLS, one in {ONE_CHANGED_IN} changed");
    let mut figures = Vec::new();
    for (name, mode, hanging) in [
        ("bare loop", "bare", 0),
        ("round", "round", 0),
        ("round, tarpits too", "round", tarpits),
    ] {
        let mut sites = Sites::start(sources, hanging);
        let (count, hanging) = (sources.to_string(), hanging.to_string());
        let me = std::env::current_exe().unwrap();
        let worker = Command::new(me)
            .args([mode, &sites.address, &sites.authority, &count, &hanging])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&worker.stdout).trim().to_owned();
        println!("{name:>20}: {said}");
        println!("{:>20}  {}", "", sites.report());
        let number = |at: usize| -> f64 {
            let mut words = said.split_whitespace();
            words
                .nth(at)
                .and_then(|word| word.parse().ok())
                .unwrap_or(f64::NAN)
        };
        figures.push((number(0), number(3)));
    }
    if let [bare, round, tarpit] = figures.as_slice() {
        println!(
            "CPU of a round: {:.2} times the bare loop's",
            round.0 / bare.0
        );
        println!(
            "time with tarpits: {:.2} times that without",
            tarpit.1 / round.1
        );
    }
}

impl Sites {
    fn start(sources: usize, tarpits: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["sites", &sources.to_string(), &tarpits.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let (address, authority) = line.trim().split_once(' ').unwrap();
        Self {
            address: address.to_owned(),
            authority: authority.to_owned(),
            child,
            input,
            output,
        }
    }

    /// What the sites saw; ends them.
    fn report(&mut self) -> String {
        writeln!(self.input, "report").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        self.child.wait().unwrap();
        line.trim().to_owned()
    }
}

fn host(n: usize) -> String {
    format!("s{n}.test")
}

fn tarpit(n: usize) -> String {
    format!("tarpit{n}.test")
}

/// Serves until it is asked for its report.
async fn sites(sources: usize, tarpits: usize) {
    let net = Internet::start().await;
    for n in 0..sources {
        let page = feed(&host(n));
        let tag = if n % ONE_CHANGED_IN == 0 {
            "\"new\""
        } else {
            "\"same\""
        };
        net.site(&host(n)).page("/feed.xml", page.etag(tag));
    }
    for n in 0..tarpits {
        let never = feed(&tarpit(n)).delay(Duration::from_hours(1));
        net.site(&tarpit(n)).page("/feed.xml", never);
    }
    let authority =
        std::env::temp_dir().join(format!("pressmark-bench-{}.pem", std::process::id()));
    std::fs::write(&authority, net.ca_pem()).unwrap();
    println!("{} {}", net.address(), authority.display());
    let wait = tokio::task::spawn_blocking(|| io::stdin().read_line(&mut String::new()));
    wait.await.unwrap().unwrap();
    let hosts: Vec<String> = (0..sources).map(host).collect();
    let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in net.requests() {
        asked.entry(request.host).or_default().push(request.path);
    }
    let once = hosts
        .iter()
        .filter(|host| asked.get(*host).is_some_and(|paths| paths.len() == 1));
    let requests: usize = asked.values().map(Vec::len).sum();
    println!(
        "{requests} requests, {} of {sources} hosts asked once, at most {} requests to a host",
        once.count(),
        asked.values().map(Vec::len).max().unwrap_or_default(),
    );
    std::fs::remove_file(authority).unwrap();
}

fn feed(host: &str) -> Page {
    let links: Vec<String> = (0..ENTRIES).map(|n| link(host, n)).collect();
    let items: Vec<Item<'_>> = links
        .iter()
        .map(|link| Item {
            title: link,
            link,
            ..Item::default()
        })
        .collect();
    Page::rss(host, &format!("https://{host}/"), &items)
}

fn link(host: &str, n: usize) -> String {
    format!("https://{host}/{n}")
}

fn url(host: &str) -> WebUrl {
    format!("https://{host}/feed.xml").parse().unwrap()
}

#[derive(Debug)]
struct AllTo(SocketAddr);

#[async_trait::async_trait]
impl Resolve for AllTo {
    async fn resolve(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![self.0])
    }
}

/// The system's time.
#[derive(Debug)]
struct Going;

impl Clock for Going {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_micros(i64::try_from(since.unwrap().as_micros()).unwrap())
    }
}

fn fetcher(arguments: &[String]) -> Fetcher {
    let (address, authority) = (arguments.get(1).unwrap(), arguments.get(2).unwrap());
    let config = FetchConfig {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ca_pem: Some(std::fs::read(authority).unwrap()),
        ..FetchConfig::default()
    };
    let resolver = Arc::new(AllTo(address.parse().unwrap()));
    Fetcher::new(config, Arc::new(Going), resolver).unwrap()
}

fn validators() -> Validators {
    Validators {
        etag: Some("\"same\"".to_owned()),
        last_modified: None,
    }
}

/// Seconds of CPU that this process has used, and the most memory it has held, in MiB.
fn used() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks = |at: usize| -> f64 { fields.get(at).unwrap().parse().unwrap() };
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kib: f64 = most.trim().trim_end_matches(" kB").parse().unwrap();
    // The kernel counts in hundredths of a second, on Linux, for whoever asks.
    ((ticks(11) + ticks(12)) / 100.0, kib / 1024.0)
}

async fn bare(arguments: &[String], sources: usize) {
    let fetcher = fetcher(arguments);
    let (before, began) = (used().0, Instant::now());
    let unchanged = futures::stream::iter(0..sources)
        .map(|n| {
            fetcher.fetch(FetchRequest {
                url: url(&host(n)),
                purpose: Purpose::Feed,
                validators: validators(),
                policy: FetchPolicy::default(),
                patience: Duration::ZERO,
            })
        })
        .buffer_unordered(BARE)
        .filter(|outcome| {
            let same = matches!(outcome, FetchOutcome::NotModified(_));
            async move { same }
        })
        .count()
        .await;
    tell(before, began, unchanged);
}

fn tell(before: f64, began: Instant, done: usize) {
    let (cpu, memory) = used();
    println!(
        "{:.2} s CPU, {:.2} s, {memory:.0} MiB at most, {done} unchanged",
        cpu - before,
        began.elapsed().as_secs_f64()
    );
}

async fn round(arguments: &[String], sources: usize, tarpits: usize) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Arc::new(
        SqliteCatalog::open(&folder.path().join("c.sqlite"))
            .await
            .unwrap(),
    );
    let hosts = (0..tarpits).map(tarpit).chain((0..sources).map(host));
    for host in hosts {
        fill(&catalog, &host).await;
    }
    let files = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let archive = Archive::open(Parts {
        catalog,
        fetch: Arc::new(fetcher(arguments)),
        render: None,
        store: Arc::new(files.with_fsync(true)),
        keys: Arc::<MemoryKeys>::default(),
        clock: Arc::new(Going),
        entropy: entropy(7),
        overrides: BTreeMap::new(),
        revisits: Revisits::default(),
        knowledge: pressmark_archive::knowledge::SiteKnowledge::default(),
        callbacks: None,
        media: pressmark_archive::media::MediaRules::default(),
    })
    .await
    .unwrap();
    let (before, began) = (used().0, Instant::now());
    let (done, all_done) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let observer = {
        let (done, all_done) = (Arc::clone(&done), Arc::clone(&all_done));
        Arc::new(move |event: Event| {
            if let Event::Finished { failure: None, .. } = event
                && done.fetch_add(1, Ordering::Relaxed) + 1 == sources
            {
                all_done.notify_one();
            }
        })
    };
    tokio::select! {
        error = archive.watch(observer, Arc::new(Notify::new())) => println!("storing failed: {error}"),
        () = all_done.notified() => {}
    }
    tell(before, began, done.load(Ordering::Relaxed));
}

/// A source as a poll of an hour ago left it, with all its entries known.
async fn fill(catalog: &SqliteCatalog, host: &str) {
    let at = Going.now().minus(Duration::from_hours(1));
    let new = NewSource {
        url: url(host),
        name: None,
        slug: None,
        named_after: url(host),
        state: SourceState::Active,
        now: at,
    };
    let (source, _) = catalog.add_source(&new).await.unwrap();
    let entries = (0..ENTRIES).map(|n| {
        let entry = Entry {
            link: link(host, n).parse().ok(),
            title: link(host, n),
            ..Entry::default()
        };
        ListedEntry {
            key: EntryKey::of(&entry, false),
            entry,
            delta: EntryDelta::New,
            wanted: false,
        }
    });
    let read = FeedRead {
        validators: validators(),
        body_digest: Digest::of(host.as_bytes()),
        format: FeedFormat::Rss,
        title: Some(host.to_owned()),
        home: None,
        language: None,
        issues: Vec::new(),
        rhythm: Rhythm {
            moments: (0..24).map(|n| at.seconds() - (24 - n) * 7200).collect(),
            ..Rhythm::default()
        },
        hub: None,
        captures: Vec::new(),
        complete: true,
        entries: entries.collect(),
    };
    let poll = PollRecord {
        source: source.id,
        at,
        next_poll_at: at.plus(Duration::from_mins(30)),
        moved_to: None,
        origins: Vec::new(),
        new_url: None,
        result: PollResult::Read(Box::new(read)),
    };
    catalog.record_poll(&poll).await.unwrap();
}
