//! Durable commits a second, beside a bare loop that writes the same bytes with the same fsyncs in
//! the same batches: `cargo xtask bench commits [FOLDER]`, the folder on the disk to be measured.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a tool for the developer, who reads what it prints"
)]

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use pressmark_archive::commit::Commit;
use pressmark_archive::ports::catalog::Catalog as _;
use pressmark_archive::segment::Segments;
use pressmark_catalog::SqliteCatalog;
use pressmark_model::SourceId;
use pressmark_proof::ArchiveId;
use pressmark_testkit::catalog::{first_commit, new_source};
use pressmark_testkit::entropy;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

/// What ingest makes: single captures, four pages of a source at a time, several sources together.
const BATCHES: [usize; 4] = [1, 4, 16, 64];
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
/// A page's records, compressed: they do not compress any more.
const SEGMENT: usize = 12_000;

#[tokio::main]
async fn main() {
    let place = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    println!("durable commits a second (best of {ROUNDS} rounds of {ROUND:?})");
    for batch in BATCHES {
        let (mut ours, mut bare) = (0.0, 0.0);
        for _ in 0..ROUNDS {
            let folder = tempfile::tempdir_in(&place).unwrap();
            let (speed, row) = archive(folder.path(), batch).await;
            ours = f64::max(ours, speed);
            let folder = tempfile::tempdir_in(&place).unwrap();
            bare = f64::max(bare, loop_of(folder.path(), batch, row).await);
        }
        println!(
            "batch of {batch:>2}: {ours:>6.0}, bare loop {bare:>6.0}: {:.2}",
            ours / bare
        );
    }
}

/// The path that ingest takes: a segment, then a commit of everything that refers to it. Returns
/// the commits a second, and the bytes that one left in the catalog.
async fn archive(folder: &Path, batch: usize) -> (f64, usize) {
    let file = folder.join("catalog.sqlite");
    let catalog = SqliteCatalog::open(&file).await.unwrap();
    let source = catalog.add_source(&new_source("news.test")).await.unwrap();
    let store = LocalFileSystem::new_with_prefix(folder).unwrap();
    let segments = Segments::new(Arc::new(store.with_fsync(true)));
    let empty = catalog_bytes(&file).await;
    let (mut done, mut spent) = (0, Duration::ZERO);
    while spent < ROUND {
        let commits: Vec<Commit> = (done..done + batch)
            .map(|n| commit(source.0.id, n))
            .collect();
        let bytes = noise(done, SEGMENT * batch);
        let began = Instant::now();
        segments.put(bytes).await.unwrap();
        catalog.commit(ArchiveId([1; 16]), &commits).await.unwrap();
        spent += began.elapsed();
        done += batch;
    }
    let grown = catalog_bytes(&file).await - empty;
    (done as f64 / spent.as_secs_f64(), grown / done)
}

/// A first version with a text of usual length.
fn commit(source: SourceId, n: usize) -> Commit {
    let words = noise(n, 1_500);
    let text: String = words
        .iter()
        .map(|byte| char::from(b"etaoinshrdlu cmfwyp"[usize::from(byte % 19)]))
        .collect();
    first_commit(source, &format!("story/{n}"), &text, 0)
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

/// The same by hand: a file with its fsyncs, then a transaction of rows with as many bytes.
async fn loop_of(folder: &Path, batch: usize, row: usize) -> f64 {
    let mut db = SqliteConnectOptions::new()
        .filename(folder.join("bare.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await
        .unwrap();
    sqlx::query("CREATE TABLE article (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        .execute(&mut db)
        .await
        .unwrap();
    let (mut done, mut spent) = (0, Duration::ZERO);
    while spent < ROUND {
        let bodies: Vec<Bytes> = (done..done + batch).map(|n| noise(n, row)).collect();
        let bytes = noise(done, SEGMENT * batch);
        let began = Instant::now();
        write(&folder.join(format!("{done}.warc.gz")), &bytes);
        insert(&mut db, &bodies).await;
        spent += began.elapsed();
        done += batch;
    }
    done as f64 / spent.as_secs_f64()
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
