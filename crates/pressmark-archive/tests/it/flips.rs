//! One flipped byte in any column that a version, a capture or a leaf is read from is named.

use pressmark_archive::{ArchiveError, CheckReport};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::damage::segments;
use crate::world::{World, feed, story};

/// The tables with a column that tells their rows apart, and the columns that are left out: what
/// says only when something was done or in which order, and what is not of a version.
const TABLES: [(&str, &str, &[&str]); 9] = [
    ("leaf", "idx", &[]),
    ("version", "leaf", &[]),
    ("capture", "id", &[]),
    ("record", "id", &[]),
    ("tile", "hashes", &[]),
    ("log", "number", &["opened_at", "sealed_at"]),
    ("log_key", "key", &["position"]),
    ("row_sum", "sum", &["name"]),
    (
        "article",
        "id",
        &[
            "scope",
            "etag",
            "last_modified",
            "sort_at",
            "first_captured_at",
            "last_captured_at",
            "last_seen_at",
            "next_visit_at",
            "versions",
            "last_leaf",
        ],
    ),
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

/// The value of this column in the last row.
async fn value(conn: &mut SqliteConnection, table: &str, key: &str, column: &str) -> Option<Value> {
    let sql = format!(
        "SELECT typeof({column}), {column} FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})"
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

#[tokio::test]
async fn one_flipped_byte_in_any_column_is_named() {
    let world = World::new().await;
    let site = world.net.site("news.test");
    site.page("/feed.xml", feed("news.test", &["one", "two"]));
    site.page("/one", story("one", "one", 5))
        .page("/two", story("two", "two", 5));
    world.watch("news.test").await;
    world.archive.rotate_key().await.unwrap();
    world.poll().await;
    world.archive.seal().await.unwrap();
    let file = world.folder.path().join("catalog.sqlite");
    let url = format!("sqlite://{}", file.display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("PRAGMA foreign_keys = OFF")
        .execute(&mut conn)
        .await
        .unwrap();

    let (mut flips, mut missed, mut shallow) = (0, Vec::new(), 0);
    for (table, key, left_out) in TABLES {
        let columns = sqlx::query("SELECT name FROM pragma_table_info($1)")
            .bind(table)
            .fetch_all(&mut conn)
            .await
            .unwrap();
        for column in columns.iter().map(|row| row.get::<String, _>(0)) {
            if left_out.contains(&column.as_str()) {
                continue;
            }
            // What is absent cannot be flipped.
            let Some(old) = value(&mut conn, table, key, &column).await else {
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
                "UPDATE {table} SET {column} = $1 WHERE {key} = (SELECT max({key}) FROM {table})"
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
    assert!(flips > 55, "{flips}");
    assert!(
        shallow > 0,
        "`check` without `--deep` compares every column"
    );
    let report = world.archive.check_deep(&|_, _| {}).await.unwrap();
    assert_eq!(report.findings, [], "every byte is back");
}
