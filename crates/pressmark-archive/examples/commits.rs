//! Durable commits a second, beside a bare loop that writes the same bytes with the same fsyncs in
//! the same batches: `cargo xtask bench commits [FOLDER]`, the folder on the disk to be measured.
//!
//! Both sides do for a batch what makes it durable: a segment of the same bytes is written under a
//! passing name in one of 256 folders, fsynced, named, and its folder fsynced; then one transaction
//! in a database in WAL mode with `synchronous=FULL`. Ours stores first versions of articles that
//! wait in a feed: rows in ten tables, with their indices, checked against their keys.
//!
//! There are two bare loops. The one inserts, in statements of many rows, the very rows that ours
//! has stored into a database with the same tables and indices: it writes the same bytes, but
//! hashes, compresses, looks up, checks and updates nothing. The other inserts a row of noise an
//! article into one table without an index, as long as what an article adds to our catalog: no
//! archive that can be searched could do with so few pages.
//!
//! The sides take turns, so that another's load on the disk meets all. Said are the medians of
//! the turns, and, where `strace` is installed, how often a side called fsync and what it wrote.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a tool for the developer, who reads what it prints"
)]

#[path = "commits/rows.rs"]
mod rows;

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use pressmark_archive::commit::{Commit, Decision};
use pressmark_archive::segment::Segments;
use pressmark_catalog::SqliteCatalog;
use pressmark_model::{Digest, EntryId, SourceId, Timestamp};
use pressmark_proof::ArchiveId;
use pressmark_testkit::catalog::{Samples, first_commit};
use pressmark_testkit::entropy;
use pressmark_warc::RecordId;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use rows::Rows;

/// Articles in a batch (single captures, four pages of a source at a time, several sources
/// together), and batches in a turn.
const BATCHES: [(usize, usize); 4] = [(1, 64), (4, 48), (16, 24), (64, 8)];
const TURNS: usize = 15;
/// So many articles are stored before anything is measured.
const BEFORE: usize = 512;
/// So many batches are counted.
const COUNTED: usize = 50;
/// A page's records, compressed: they do not compress any more.
const SEGMENT: usize = 12_000;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure(Path::new(".")).await,
        [place] => measure(Path::new(place)).await,
        ["counted", folder, batch, row] => {
            counted(Path::new(folder), batch.parse().unwrap(), row).await;
        }
        _ => println!("usage: cargo xtask bench commits [FOLDER]"),
    }
}

async fn measure(place: &Path) {
    println!("durable commits a second (medians of {TURNS} turns)");
    for (batch, batches) in BATCHES {
        let folder = tempfile::tempdir_in(place).unwrap();
        let mut ours = Ours::open(&folder.path().join("ours")).await;
        let row = ours.fill(batch).await;
        let mut rows = Rows::open(&folder.path().join("rows"), &ours.file).await;
        let mut bare = Bare::open(&folder.path().join("bare"), row).await;
        let mut turns = [const { Vec::new() }; 5];
        for _ in 0..TURNS {
            let took = [
                ours.turn(batch, batches).await.as_secs_f64(),
                rows.turn(batch, batches).await.as_secs_f64(),
                bare.turn(batch, batches).await.as_secs_f64(),
            ];
            let stored = (batch * batches) as f64;
            for (side, seconds) in took.into_iter().enumerate() {
                turns[side].push(stored / seconds);
            }
            turns[3].push(took[1] / took[0]);
            turns[4].push(took[2] / took[0]);
        }
        let [ours, rows, bare, of_rows, of_bare] = turns.map(median);
        println!(
            "batch of {batch:>2}: {ours:>6.0}; the same rows by hand {rows:>6.0}: {of_rows:.2}; \
             a row of noise {bare:>6.0}: {of_bare:.2}"
        );
        let counts = |row: &str| {
            let folder = tempfile::tempdir_in(place).unwrap();
            Counts::of(folder.path(), batch, row)
        };
        match (counts("ours"), counts(&row.to_string())) {
            (Some(ours), Some(bare)) => println!("    ours:  {ours}\n    noise: {bare}"),
            _ => println!("    (without `strace` nothing is counted)"),
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The path that ingest takes: a segment, then a commit of everything that refers to it.
struct Ours {
    file: PathBuf,
    samples: Samples,
    segments: Segments,
    /// The entries that wait for their captures.
    waiting: VecDeque<EntryId>,
    done: usize,
}

impl Ours {
    async fn open(folder: &Path) -> Self {
        make_folders(folder);
        let file = folder.join("catalog.sqlite");
        let catalog = Arc::new(SqliteCatalog::open(&file).await.unwrap());
        let store = LocalFileSystem::new_with_prefix(folder).unwrap();
        Self {
            file,
            samples: Samples::new(catalog).await,
            segments: Segments::new(Arc::new(store.with_fsync(true))),
            waiting: VecDeque::new(),
            done: 0,
        }
    }

    /// Stores the first articles. Returns the bytes that one adds to the catalog.
    async fn fill(&mut self, batch: usize) -> usize {
        self.list(BEFORE).await;
        let empty = catalog_bytes(&self.file).await;
        self.turn(batch, BEFORE / batch).await;
        (catalog_bytes(&self.file).await - empty) / self.done
    }

    /// Lists articles in the feed, so that as many wait.
    async fn list(&mut self, count: usize) {
        let next = self.done + self.waiting.len();
        let names: Vec<String> = (next..self.done + count).map(story).collect();
        if !names.is_empty() {
            self.waiting.extend(self.samples.all_waiting(&names).await);
        }
    }

    async fn turn(&mut self, batch: usize, batches: usize) -> Duration {
        self.list(batch * batches).await;
        let turn: Vec<_> = (0..batches).map(|_| self.next(batch)).collect();
        let began = Instant::now();
        for (bytes, commits) in turn {
            self.segments.put(bytes).await.unwrap();
            let archive = ArchiveId([1; 16]);
            let stored = self.samples.catalog.commit(archive, &commits).await;
            assert_eq!(stored.unwrap().len(), batch);
        }
        began.elapsed()
    }

    fn next(&mut self, batch: usize) -> (Bytes, Vec<Commit>) {
        let bytes = noise(self.done, SEGMENT * batch);
        let segment = Digest::of(&bytes);
        let source = self.samples.source.id;
        let waiting = self.waiting.drain(..batch).zip(self.done..);
        let commits = waiting.map(|(entry, n)| commit(source, entry, n, segment));
        let commits = commits.collect();
        self.done += batch;
        (bytes, commits)
    }
}

/// The first version of the n-th article, as its capture would give it.
fn commit(source: SourceId, entry: EntryId, n: usize, segment: Digest) -> Commit {
    let text = prose(n);
    let mut commit = first_commit(source, &story(n), &text, 0);
    commit.entry = Some(entry);
    let at = Timestamp::from_micros(commit.at.micros() + i64::try_from(n).unwrap() * 1000);
    commit.next_visit_at = Some(at);
    if let Decision::First { version, .. } = &mut commit.decision {
        version.article.title = format!("The story of {n}");
    }
    let chance = entropy(n as u64);
    for record in &mut commit.capture.as_mut().unwrap().records {
        record.id = RecordId::from_time(at, chance.bytes()).to_string();
        record.segment = segment;
    }
    commit
}

/// A text of usual length, which compresses as a text does: to less than half.
fn prose(n: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ta", "ri", "en", "so", "mel", "da", "vu", "kan", "o", "pre", "sti", "al", "ge", "un",
        "fi", "row",
    ];
    let word = |pair: &[u8]| {
        // Small numbers, and so the same words, are the more frequent ones.
        let number = usize::from(pair[0]) * usize::from(pair[1]) / 40;
        [number % 16, number / 16 % 16, number / 256]
            .map(|digit| SYLLABLES[digit])
            .concat()
    };
    let words: Vec<String> = noise(n, 900).chunks_exact(2).map(word).collect();
    words.join(" ")
}

fn story(n: usize) -> String {
    format!("2026/11/23/the-story-of-{n}")
}

/// Bytes that do not compress, the same for the same number.
fn noise(n: usize, length: usize) -> Bytes {
    let chance = entropy(n as u64);
    let pieces = std::iter::repeat_with(|| chance.bytes::<32>()).flatten();
    pieces.take(length).collect::<Vec<u8>>().into()
}

async fn catalog_bytes(file: &Path) -> usize {
    let copy = file.with_extension("copy");
    pressmark_catalog::snapshot(file, &copy).await.unwrap();
    let bytes = copy.metadata().unwrap().len();
    std::fs::remove_file(&copy).unwrap();
    usize::try_from(bytes).unwrap()
}

/// The folders of segments, so that neither side makes any while it is measured.
fn make_folders(folder: &Path) {
    for shard in 0..=255_u8 {
        std::fs::create_dir_all(folder.join(format!("segments/{shard:02x}"))).unwrap();
    }
    assert!(Command::new("sync").status().unwrap().success());
}

/// The same by hand: a file with its fsyncs, then a transaction of rows with as many bytes.
struct Bare {
    folder: PathBuf,
    db: SqliteConnection,
    row: usize,
    done: usize,
}

impl Bare {
    async fn open(folder: &Path, row: usize) -> Self {
        make_folders(folder);
        let mut db = connect(&folder.join("catalog.sqlite")).await;
        sqlx::query("CREATE TABLE article (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
            .execute(&mut db)
            .await
            .unwrap();
        let mut bare = Self {
            folder: folder.to_owned(),
            db,
            row,
            done: 0,
        };
        bare.turn(1, BEFORE).await;
        bare
    }

    async fn turn(&mut self, batch: usize, batches: usize) -> Duration {
        let turn: Vec<_> = (0..batches).map(|_| self.next(batch)).collect();
        let began = Instant::now();
        for (file, bytes, bodies) in turn {
            write(&file, &bytes);
            insert(&mut self.db, &bodies).await;
        }
        began.elapsed()
    }

    fn next(&mut self, batch: usize) -> (PathBuf, Bytes, Vec<Bytes>) {
        let bytes = noise(self.done, SEGMENT * batch);
        let file = format!("segments/{:02x}/{}.warc.gz", bytes[0], self.done);
        let bodies = (self.done..self.done + batch).map(|n| noise(n, self.row));
        let bodies = bodies.collect();
        self.done += batch;
        (self.folder.join(file), bytes, bodies)
    }
}

/// A database that keeps what it commits, and checks no keys of other tables.
async fn connect(file: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await
        .unwrap()
}

fn write(path: &Path, bytes: &[u8]) {
    let unfinished = path.with_extension("part");
    let mut file = File::create(&unfinished).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
    std::fs::rename(&unfinished, path).unwrap();
    File::open(path.parent().unwrap())
        .unwrap()
        .sync_all()
        .unwrap();
}

async fn insert(db: &mut SqliteConnection, bodies: &[Bytes]) {
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await.unwrap();
    for body in bodies {
        sqlx::query("INSERT INTO article (body) VALUES ($1)")
            .bind(&body[..])
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Stores some batches for [`Counts::of`], which is told by what is said when they begin and end.
async fn counted(folder: &Path, batch: usize, row: &str) {
    if let Ok(row) = row.parse() {
        let mut bare = Bare::open(folder, row).await;
        println!("counting");
        bare.turn(batch, COUNTED).await;
    } else {
        let mut ours = Ours::open(folder).await;
        ours.fill(batch).await;
        ours.list(batch * COUNTED).await;
        println!("counting");
        ours.turn(batch, COUNTED).await;
    }
    println!("counted");
}

/// What one side does, as the system sees it.
#[derive(Default)]
struct Counts {
    batch: usize,
    fsyncs: usize,
    segments: usize,
    log: usize,
    database: usize,
}

impl Counts {
    /// Runs a side once more under `strace`; `None` without one.
    fn of(folder: &Path, batch: usize, row: &str) -> Option<Self> {
        let trace = folder.join("trace");
        let done = Command::new("strace")
            .args([
                "-f",
                "-qq",
                "-y",
                "-e",
                "trace=fsync,fdatasync,write,pwrite64",
            ])
            .args(["-e", "signal=none", "-s", "16", "-o"])
            .arg(&trace)
            .arg(std::env::current_exe().unwrap())
            .arg("counted")
            .arg(folder)
            .args([&batch.to_string(), row])
            .output()
            .ok()?;
        assert!(done.status.success());
        let trace = std::fs::read_to_string(trace).unwrap();
        let begun = trace
            .lines()
            .skip_while(|line| !line.contains("\"counting"));
        let counted = begun.take_while(|line| !line.contains("\"counted"));
        let mut counts = Self {
            batch,
            ..Self::default()
        };
        for line in counted {
            counts.add(line);
        }
        Some(counts)
    }

    fn add(&mut self, line: &str) {
        if line.contains("sync(") {
            self.fsyncs += 1;
            return;
        }
        // What follows the bytes themselves: their length, and where they go.
        let length = line.rsplit('"').next().unwrap_or_default();
        let length = length.trim_start_matches(|c: char| !c.is_ascii_digit());
        let length = length.split(|c: char| !c.is_ascii_digit()).next();
        let written: usize = length.unwrap_or_default().parse().unwrap_or(0);
        if line.contains("/segments/") {
            self.segments += written;
        } else if line.contains("sqlite-wal>") {
            self.log += written;
        } else if line.contains("sqlite>") {
            self.database += written;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = |count: usize| count / (COUNTED * self.batch);
        write!(
            f,
            "{:.2} fsyncs a batch; bytes an article: {} in segments, {} in the log, {} in the database",
            self.fsyncs as f64 / COUNTED as f64,
            each(self.segments),
            each(self.log),
            each(self.database),
        )
    }
}
