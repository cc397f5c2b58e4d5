//! A whole catalog from one database into the other, row by row: a backup of a catalog in
//! PostgreSQL is an SQLite file, and either can be restored from one.
//!
//! The names of tables and columns are those of the schema that this program has made, never of
//! data; every value is bound.

use std::collections::BTreeMap;
use std::path::Path;

use futures::TryStreamExt as _;
use pressmark_archive::ports::catalog::Result;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    ColumnIndex, ConnectOptions as _, Connection as _, Database, Decode, Encode, Executor as _,
    PgConnection, Postgres, QueryBuilder, Row, Sqlite, SqliteConnection, Type,
};

use crate::fault::Fault;
use crate::{PostgresCatalog, SqliteCatalog};

/// So many rows, or so many bytes of values, are written with one statement.
const ROWS: usize = 200;
const BYTES: usize = 4 << 20;

/// Tables in the order in which they were made.
const TABLES: &str = "
    SELECT m.name AS name, c.name AS part
    FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'schema_version'
    ORDER BY m.rowid, c.cid";
const KINDS: &str = "
    SELECT table_name::text AS name, column_name::text AS part, data_type::text AS kind
    FROM information_schema.columns WHERE table_schema = current_schema()";
/// Tables refer to each other in a circle: what they refer to is looked for at the end.
const DEFER: &str = "
    DO $$ DECLARE r record; BEGIN
        FOR r IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
            WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
        LOOP
            EXECUTE 'ALTER TABLE ' || r.place || ' ALTER CONSTRAINT ' || quote_ident(r.conname)
                || ' DEFERRABLE INITIALLY IMMEDIATE';
        END LOOP;
    END $$;
    SET CONSTRAINTS ALL DEFERRED";
/// Ids that the database gives go on behind those that are there.
const GO_ON: &str = "
    DO $$ DECLARE r record; BEGIN
        FOR r IN SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND is_identity = 'YES'
        LOOP
            EXECUTE 'SELECT setval(pg_get_serial_sequence(' || quote_literal(r.table_name) || ', '
                || quote_literal(r.column_name) || '), (SELECT COALESCE(max('
                || quote_ident(r.column_name) || '), 0) + 1 FROM ' || quote_ident(r.table_name)
                || '), false)';
        END LOOP;
    END $$";

/// A table: its name and its columns, each with the kind of its values.
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
}

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Flag,
    Text,
    Bytes,
}

enum Cell {
    Number(Option<i64>),
    Flag(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// Writes the catalog in PostgreSQL at this address, as it is at one moment, into an SQLite file
/// that is not there yet; it may be written to meanwhile.
pub async fn snapshot_postgres(url: &str, to: &Path) -> Result<()> {
    // An older schema is brought up to date first: both sides have the same.
    PostgresCatalog::connect(url).await?.close().await;
    SqliteCatalog::open(to).await?.close().await;
    let copied = async {
        let mut from = PgConnection::connect(url).await?;
        let mut to = file(to).connect().await?;
        let tables = tables(&mut to, &mut from).await?;
        let mut from_then = from
            .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let mut into = to.begin().await?;
        into.execute("PRAGMA defer_foreign_keys = ON").await?;
        for table in &tables {
            erase::<Sqlite>(table).build().execute(&mut *into).await?;
            let mut select = select::<Postgres>(table);
            let mut rows = select.build().fetch(&mut *from_then);
            let mut batch = Batch::default();
            while let Some(row) = rows.try_next().await? {
                if batch.add(cells(&row, table)?) {
                    insert::<Sqlite>(table, &mut batch, "")
                        .build()
                        .execute(&mut *into)
                        .await?;
                }
            }
            if !batch.rows.is_empty() {
                insert::<Sqlite>(table, &mut batch, "")
                    .build()
                    .execute(&mut *into)
                    .await?;
            }
        }
        into.commit().await?;
        from_then.commit().await?;
        // One file, without a log beside it.
        to.execute("PRAGMA journal_mode = DELETE").await?;
        to.close().await
    };
    let copied: sqlx::Result<()> = copied.await;
    copied.map_err(|error| Fault::from(error).during("copy itself"))
}

/// Brings the catalog in an SQLite file into PostgreSQL at this address; false, and nothing is
/// stored, if there is an archive already. The file is brought up to date.
pub async fn restore_postgres(from: &Path, url: &str) -> Result<bool> {
    SqliteCatalog::open(from).await?.close().await;
    PostgresCatalog::connect(url).await?.close().await;
    let copied = async {
        let mut source = file(from).connect().await?;
        let mut to = PgConnection::connect(url).await?;
        let tables = tables(&mut source, &mut to).await?;
        let mut into = to.begin().await?;
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM archive")
            .fetch_one(&mut *into)
            .await?;
        if found > 0 {
            return Ok(false);
        }
        into.execute(DEFER).await?;
        for table in tables.iter().rev() {
            erase::<Postgres>(table).build().execute(&mut *into).await?;
        }
        for table in &tables {
            let mut select = select::<Sqlite>(table);
            let mut rows = select.build().fetch(&mut source);
            let mut batch = Batch::default();
            let over = "OVERRIDING SYSTEM VALUE ";
            while let Some(row) = rows.try_next().await? {
                if batch.add(cells(&row, table)?) {
                    insert::<Postgres>(table, &mut batch, over)
                        .build()
                        .execute(&mut *into)
                        .await?;
                }
            }
            if !batch.rows.is_empty() {
                insert::<Postgres>(table, &mut batch, over)
                    .build()
                    .execute(&mut *into)
                    .await?;
            }
        }
        into.execute(GO_ON).await?;
        into.commit().await?;
        source.close().await?;
        Ok(true)
    };
    let copied: sqlx::Result<bool> = copied.await;
    copied.map_err(|error| Fault::from(error).during("be restored"))
}

fn file(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .disable_statement_logging()
}

async fn tables(
    sqlite: &mut SqliteConnection,
    postgres: &mut PgConnection,
) -> sqlx::Result<Vec<Table>> {
    let mut kinds = BTreeMap::new();
    for row in sqlx::query(KINDS).fetch_all(postgres).await? {
        let place: (String, String) = (row.try_get("name")?, row.try_get("part")?);
        let kind = match row.try_get("kind")? {
            "bigint" => Kind::Number,
            "boolean" => Kind::Flag,
            "bytea" => Kind::Bytes,
            _ => Kind::Text,
        };
        kinds.insert(place, kind);
    }
    let mut tables: Vec<Table> = Vec::new();
    for row in sqlx::query(TABLES).fetch_all(sqlite).await? {
        let place: (String, String) = (row.try_get("name")?, row.try_get("part")?);
        let kind = kinds.get(&place).copied();
        let (name, part) = place;
        let kind = kind.ok_or_else(|| sqlx::Error::ColumnNotFound(part.clone()))?;
        match tables.last_mut() {
            Some(table) if table.name == name => table.columns.push((part, kind)),
            _ => tables.push(Table {
                name,
                columns: vec![(part, kind)],
            }),
        }
    }
    Ok(tables)
}

fn name<DB: Database>(statement: &mut QueryBuilder<DB>, name: &str) {
    statement.push("\"").push(name).push("\"");
}

fn names<DB: Database>(statement: &mut QueryBuilder<DB>, table: &Table) {
    for (place, (column, _)) in table.columns.iter().enumerate() {
        if place > 0 {
            statement.push(", ");
        }
        name(statement, column);
    }
}

fn erase<DB: Database>(table: &Table) -> QueryBuilder<DB> {
    let mut statement = QueryBuilder::new("DELETE FROM ");
    name(&mut statement, &table.name);
    statement
}

fn select<DB: Database>(table: &Table) -> QueryBuilder<DB> {
    let mut statement = QueryBuilder::new("SELECT ");
    names(&mut statement, table);
    statement.push(" FROM ");
    name(&mut statement, &table.name);
    statement
}

#[derive(Default)]
struct Batch {
    rows: Vec<Vec<Cell>>,
    bytes: usize,
}

impl Batch {
    /// Adds a row; whether it is time to write them.
    fn add(&mut self, row: Vec<Cell>) -> bool {
        self.bytes += row.iter().map(Cell::size).sum::<usize>();
        self.rows.push(row);
        self.rows.len() >= ROWS || self.bytes >= BYTES
    }
}

impl Cell {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
            Self::Number(_) | Self::Flag(_) => 8,
        }
    }
}

fn cells<R>(row: &R, table: &Table) -> sqlx::Result<Vec<Cell>>
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    bool: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    let cell = |(place, (_, kind)): (usize, &(String, Kind))| {
        Ok(match kind {
            Kind::Number => Cell::Number(row.try_get(place)?),
            Kind::Flag => Cell::Flag(row.try_get(place)?),
            Kind::Text => Cell::Text(row.try_get(place)?),
            Kind::Bytes => Cell::Bytes(row.try_get(place)?),
        })
    };
    table.columns.iter().enumerate().map(cell).collect()
}

fn insert<DB>(table: &Table, batch: &mut Batch, over: &'static str) -> QueryBuilder<DB>
where
    DB: Database,
    Option<i64>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<bool>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<String>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<Vec<u8>>: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut statement = QueryBuilder::new("INSERT INTO ");
    name(&mut statement, &table.name);
    statement.push(" (");
    names(&mut statement, table);
    statement.push(") ").push(over);
    batch.bytes = 0;
    statement.push_values(batch.rows.drain(..), |mut row, cells| {
        for cell in cells {
            match cell {
                Cell::Number(number) => row.push_bind(number),
                Cell::Flag(flag) => row.push_bind(flag),
                Cell::Text(text) => row.push_bind(text),
                Cell::Bytes(bytes) => row.push_bind(bytes),
            };
        }
    });
    statement
}
