//! The rows that our commits stored, inserted again by hand.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
};

use super::{SEGMENT, connect, make_folders, noise, write};

/// What is there before an article is committed: the feed has listed it.
const LISTED: [&str; 2] = ["entry", "entry_content"];

/// A bare loop into the tables of the catalog.
pub(super) struct Rows {
    folder: PathBuf,
    from: SqliteConnection,
    db: SqliteConnection,
    tables: Vec<Table>,
    done: usize,
}

struct Table {
    name: String,
    /// What new rows have more of.
    order: String,
    seen: i64,
}

#[derive(Clone)]
enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// An `INSERT` up to its rows, and the rows.
struct Inserted {
    listed: bool,
    start: String,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Takes over the schema of a catalog, and the rows that it has.
    pub(super) async fn open(folder: &Path, catalog: &Path) -> Self {
        make_folders(folder);
        let mut from = connect(catalog).await;
        let mut db = connect(&folder.join("catalog.sqlite")).await;
        let schema = "SELECT type, name, sql FROM sqlite_schema
            WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND name NOT LIKE '_sqlx%'
            ORDER BY type = 'index'";
        let mut tables = Vec::new();
        for object in sqlx::query(schema).fetch_all(&mut from).await.unwrap() {
            let (kind, name, sql): (String, String, String) =
                (object.get(0), object.get(1), object.get(2));
            if kind == "table" {
                let columns = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)");
                let columns: Vec<String> = columns.bind(&name).fetch_all(&mut from).await.unwrap();
                let named = |name: &str| columns.iter().any(|column| column == name);
                let order = if sql.contains("WITHOUT ROWID") {
                    ["article_id", "entry_id"]
                        .into_iter()
                        .find(|name| named(name))
                } else {
                    Some("rowid")
                };
                tables.extend(order.map(|order| Table {
                    name,
                    order: order.to_owned(),
                    seen: -1,
                }));
            }
            sqlx::query(AssertSqlSafe(sql))
                .execute(&mut db)
                .await
                .unwrap();
        }
        let folder = folder.to_owned();
        let mut rows = Self {
            folder,
            from,
            db,
            tables,
            done: 0,
        };
        for table in rows.fresh().await {
            rows.insert_in_pieces(&table).await;
        }
        rows
    }

    /// Inserts what ours has stored since, in as many batches.
    pub(super) async fn turn(&mut self, batch: usize, batches: usize) -> Duration {
        let (listed, fresh): (Vec<_>, Vec<_>) = self
            .fresh()
            .await
            .into_iter()
            .partition(|table| table.listed);
        for table in listed {
            self.insert_in_pieces(&table).await;
        }
        let turn: Vec<_> = (0..batches)
            .map(|at| {
                let bytes = noise(self.done + at * batch, SEGMENT * batch);
                let name = format!(
                    "segments/{:02x}/{}.warc.gz",
                    bytes[0],
                    self.done + at * batch
                );
                let rows: Vec<(String, &[Vec<Value>])> = fresh
                    .iter()
                    .filter_map(|table| {
                        let share = table.rows.len().div_ceil(batches);
                        let rows = table.rows.chunks(share).nth(at)?;
                        Some((statement(&table.start, rows), rows))
                    })
                    .collect();
                (self.folder.join(name), bytes, rows)
            })
            .collect();
        self.done += batch * batches;
        let began = Instant::now();
        for (file, bytes, rows) in turn {
            write(&file, &bytes);
            let mut transaction = self.db.begin_with("BEGIN IMMEDIATE").await.unwrap();
            for (statement, rows) in rows {
                insert(&mut transaction, statement, rows).await;
            }
            transaction.commit().await.unwrap();
        }
        began.elapsed()
    }

    /// The rows that came since the last look.
    async fn fresh(&mut self) -> Vec<Inserted> {
        let mut all = Vec::new();
        for table in &mut self.tables {
            let Table { name, order, seen } = table;
            let select =
                format!("SELECT {order}, * FROM {name} WHERE {order} > $1 ORDER BY {order}");
            let found = sqlx::query(AssertSqlSafe(select)).bind(*seen);
            let found = found.fetch_all(&mut self.from).await.unwrap();
            let Some(last) = found.last() else { continue };
            *seen = last.get(0);
            all.push(Inserted {
                listed: LISTED.contains(&name.as_str()),
                start: format!("INSERT INTO {name} VALUES "),
                rows: found.iter().map(values).collect(),
            });
        }
        all
    }

    async fn insert_in_pieces(&mut self, table: &Inserted) {
        for rows in table.rows.chunks(64) {
            insert(&mut self.db, statement(&table.start, rows), rows).await;
        }
    }
}

fn values(row: &SqliteRow) -> Vec<Value> {
    let value = |at: usize| {
        let raw = row.try_get_raw(at).unwrap();
        if raw.is_null() {
            return Value::Null;
        }
        match raw.type_info().name() {
            "INTEGER" => Value::Integer(row.get(at)),
            "REAL" => Value::Real(row.get(at)),
            "TEXT" => Value::Text(row.get(at)),
            _ => Value::Blob(row.get(at)),
        }
    };
    (1..row.len()).map(value).collect()
}

fn statement(start: &str, rows: &[Vec<Value>]) -> String {
    let places = vec!["?"; rows[0].len()].join(",");
    start.to_owned() + &vec![format!("({places})"); rows.len()].join(",")
}

async fn insert(db: &mut SqliteConnection, statement: String, rows: &[Vec<Value>]) {
    let mut insert = sqlx::query(AssertSqlSafe(statement));
    for value in rows.iter().flatten() {
        insert = match value {
            Value::Null => insert.bind(None::<i64>),
            Value::Integer(number) => insert.bind(number),
            Value::Real(number) => insert.bind(number),
            Value::Text(text) => insert.bind(text),
            Value::Blob(bytes) => insert.bind(bytes),
        };
    }
    insert.execute(db).await.unwrap();
}
