//! One flipped byte in any column that a version, a capture or a leaf is read from is named.

use pressmark_archive::{ArchiveError, CheckReport};
use pressmark_testkit::Page;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::damage::segments;
use crate::world::{HOUR, World, feed, story, story_html};

/// A table: a column that tells its rows apart, the row that is tried, and the columns that are left
/// out, which say only when something was done, in which order, or how it is gone about.
struct Table {
    name: &'static str,
    key: &'static str,
    row: &'static str,
    left_out: &'static [&'static str],
}

const fn last(name: &'static str, key: &'static str, left_out: &'static [&'static str]) -> Table {
    Table {
        name,
        key,
        row: "max",
        left_out,
    }
}

/// What versions, captures, leaves, changes and images are read from, and what is taken out. Holds of
/// backups and the state of authorities are of the moment; time stamps need an authority, and are
/// tried with one.
const TABLES: [Table; 19] = [
    last("leaf", "idx", &[]),
    last("version", "leaf", &[]),
    last("capture", "id", &[]),
    last("record", "id", &[]),
    last("tile", "hashes", &[]),
    last("log", "number", &["opened_at", "sealed_at"]),
    last("log_key", "key", &["position"]),
    last("row_sum", "sum", &["name"]),
    last(
        "article",
        "id",
        &[
            "scope",
            "etag",
            "last_modified",
            "last_seen_at",
            "next_visit_at",
            "missing_since",
            "missing_as",
        ],
    ),
    last("change", "leaf", &[]),
    Table {
        row: "min",
        ..last("change", "leaf", &[])
    },
    last("derivation", "sum", &[]),
    last("media", "digest", &[]),
    last("media_set", "leaf", &["referrer"]),
    last(
        "media_item",
        "url",
        &["fetch_url", "attempts", "next_attempt_at", "fetched_at"],
    ),
    last("redaction", "leaf", &["done_at"]),
    last("redacted_key", "hash", &[]),
    last("redacted_print", "print", &[]),
    last("redacted_capture", "capture_id", &["article_id"]),
];

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    /// The values with one other byte, the likeliest to be told apart first.
    fn flipped(&self) -> Vec<Self> {
        match self {
            Self::Int(number) => [1, 2, 4, 64, 1 << 20]
                .into_iter()
                .map(|bit| Self::Int(number ^ bit))
                .collect(),
            Self::Text(text) => (0..text.len())
                .filter(|at| text.as_bytes()[*at].is_ascii_alphanumeric())
                .map(|at| {
                    let mut bytes = text.clone().into_bytes();
                    bytes[at] ^= 1;
                    Self::Text(String::from_utf8(bytes).unwrap())
                })
                .rev()
                .collect(),
            Self::Bytes(bytes) => [bytes.len() / 2, bytes.len() - 1]
                .into_iter()
                .map(|at| {
                    let mut other = bytes.clone();
                    other[at] ^= 0x10;
                    Self::Bytes(other)
                })
                .collect(),
        }
    }
}

/// A statement with one or two values.
async fn run(conn: &mut SqliteConnection, sql: &str, values: &[&Value]) -> i64 {
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()));
    for value in values {
        query = match value {
            Value::Int(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.clone()),
            Value::Bytes(bytes) => query.bind(bytes.clone()),
        };
    }
    let row = query.fetch_optional(conn).await.unwrap();
    row.map_or(0, |row| row.get(0))
}

/// The value of this column in the row that is tried.
async fn value(conn: &mut SqliteConnection, table: &Table, column: &str) -> Option<Value> {
    let Table { name, key, row, .. } = table;
    let sql = format!(
        "SELECT typeof({column}), {column} FROM {name} WHERE {key} = (SELECT {row}({key}) FROM {name})"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .fetch_one(conn)
        .await
        .unwrap();
    match row.get(0) {
        "integer" => Some(Value::Int(row.get(1))),
        "text" => Some(Value::Text(row.get(1))).filter(|text| !text.flipped().is_empty()),
        "blob" => Some(Value::Bytes(row.get(1))),
        _ => None,
    }
}

/// Whether a check has found something.
fn names(report: &Result<CheckReport, ArchiveError>) -> bool {
    report
        .as_ref()
        .is_ok_and(|report| !report.findings.is_empty())
}

#[tokio::test]
async fn one_flipped_byte_in_any_segment_is_named() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    site.page("/one", story("one", "one", 5))
        .page("/two", story("two", "two", 5));
    world.watch("news.test").await;
    world.poll().await;
    let mut tally = (0, 0);
    for file in segments(&world) {
        let sound = std::fs::read(&file).unwrap();
        // A prime, so that no part of a record is passed over.
        for at in (0..sound.len()).step_by(97) {
            let mut other = sound.clone();
            other[at] ^= 1 << (at % 8);
            std::fs::write(&file, &other).unwrap();
            let is_named = names(&world.archive.check_deep(&|_, _| {}).await);
            tally.0 += usize::from(is_named);
            tally.1 += usize::from(!is_named);
        }
        std::fs::write(&file, &sound).unwrap();
    }
    let (passed, failed) = tally;
    println!(
        "flip, segments: N = {}, {passed} passed, {failed} failed",
        passed + failed
    );
    assert!(passed > 20 && failed == 0);
    world.assert_sound().await;
}

/// An archive with something of everything.
async fn eventful() -> World {
    const RULE: (&str, &str) = ("news.test.txt", "strip: //p[contains(., '2th floor')]");
    let mut world = World::new().await;
    let site = world.net.site("news.test");
    let titles = ["redacted", "shown", "edited", "taken"];
    site.page("/feed.xml", feed("news.test", &titles));
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x20\x08\x02\0\0\0".to_vec();
    let html = story_html("shown", "shown", 5);
    let html = html.replacen("</p>", "</p><img src=/picture.png>", 1);
    site.page("/shown", Page::html(html))
        .page("/picture.png", Page::bytes("image/png", picture))
        .page("/edited", story("edited", "ferries", 5))
        .page("/taken", story("taken", "taken", 5))
        .page("/redacted", story("redacted", "redacted", 5));
    world.watch("news.test").await;
    world.archive.rotate_key().await.unwrap();
    world.poll().await;
    // Read by other rules from now on: what was read before is read again.
    world.learn(&[RULE]).await;
    let site = world.net.site("news.test");
    site.page("/edited", story("edited", "trams", 5));
    world.revisit().await;
    site.page("/taken", Page::status(404));
    for _ in 0..3 {
        world.clock.advance(7 * HOUR);
        world.poll().await;
    }
    let versions = world.versions().await;
    let mut versions = versions.iter();
    let redacted = versions.find(|version| version.article.title == "redacted");
    let article = redacted.unwrap().article_id;
    world.archive.redact(article, "order 7").await.unwrap();
    world.archive.end_redaction(article).await.unwrap();
    let run = world.archive.reextract(None, &|_| {}).await.unwrap();
    assert!(run.leaf.is_some());
    world.archive.seal().await.unwrap();
    world.assert_sound().await;
    world
}

#[tokio::test]
async fn one_flipped_byte_in_any_column_is_named() {
    let world = eventful().await;
    let file = world.folder.path().join("catalog.sqlite");
    let url = format!("sqlite://{}", file.display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("PRAGMA foreign_keys = OFF")
        .execute(&mut conn)
        .await
        .unwrap();

    let (mut flips, mut missed, mut shallow) = (0, Vec::new(), 0);
    for tried in &TABLES {
        let Table {
            name: table,
            key,
            row,
            left_out,
        } = tried;
        let columns = sqlx::query("SELECT name FROM pragma_table_info($1)")
            .bind(*table)
            .fetch_all(&mut conn)
            .await
            .unwrap();
        for column in columns.iter().map(|row| row.get::<String, _>(0)) {
            if left_out.contains(&column.as_str()) {
                continue;
            }
            // What is absent cannot be flipped.
            let Some(old) = value(&mut conn, tried, &column).await else {
                continue;
            };
            let count = format!("SELECT count(*) FROM {table} WHERE {column} = $1");
            let mut new = None;
            for other in old.flipped() {
                if run(&mut conn, &count, &[&other]).await == 0 {
                    new = Some(other);
                    break;
                }
            }
            let new = new.unwrap();
            let flip = format!(
                "UPDATE {table} SET {column} = $1 WHERE {key} = (SELECT {row}({key}) FROM {table})"
            );
            run(&mut conn, &flip, &[&new]).await;
            let report = world.archive.check_deep(&|_, _| {}).await;
            flips += 1;
            if !names(&report) {
                missed.push(format!("{table}.{column}: {report:?}"));
            }
            shallow += usize::from(!names(&world.archive.check(&|_, _| {}).await));
            let back = format!("UPDATE {table} SET {column} = $1 WHERE {column} = $2");
            run(&mut conn, &back, &[&old, &new]).await;
        }
    }
    let named = flips - missed.len();
    println!(
        "flip, columns: N = {flips}, {named} passed, {} failed",
        missed.len()
    );
    // The control looks less closely.
    let seen = flips - shallow;
    println!("flip, columns, control: N = {flips}, {seen} passed, {shallow} failed");
    assert_eq!(missed, Vec::<String>::new(), "of {flips}");
    assert!(flips > 100, "{flips}");
    assert!(
        shallow > 0,
        "`check` without `--deep` compares every column"
    );
    let report = world.archive.check_deep(&|_, _| {}).await.unwrap();
    assert_eq!(report.findings, [], "every byte is back");
}
