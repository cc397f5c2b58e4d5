//! The schema: the same on both databases, made once, never older than the program.

use std::collections::BTreeMap;

use pressmark_archive::ports::catalog::CatalogError;
use pressmark_catalog::{PostgresCatalog, SqliteCatalog};
use pressmark_testkit::postgres;
use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection};

/// Columns with whether they may be null, and unique keys.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: Vec<(String, &'static str, bool)>,
    keys: Vec<Vec<String>>,
}

type Schema = BTreeMap<String, Table>;

#[tokio::test]
async fn both_databases_have_the_same_schema() {
    let Some(database) = postgres::fresh_database() else {
        return;
    };
    PostgresCatalog::connect(&database.url()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    SqliteCatalog::open(&file).await.unwrap();

    let sqlite = sqlite_schema(&format!("sqlite://{}", file.display())).await;
    let postgres = postgres_schema(&database.url()).await;
    assert!(sqlite.len() >= 14, "{:?}", sqlite.keys());
    for (name, table) in &sqlite {
        assert_eq!(postgres.get(name), Some(table), "{name}");
    }
    assert_eq!(sqlite.len(), postgres.len());
}

async fn sqlite_schema(url: &str) -> Schema {
    let mut conn = SqliteConnection::connect(url).await.unwrap();
    let mut schema = Schema::new();
    let columns = sqlx::query(
        r#"SELECT t.name AS "table", c.name, c.type, c."notnull"
        FROM pragma_table_list t JOIN pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid"#,
    );
    for row in columns.fetch_all(&mut conn).await.unwrap() {
        let kind = match row.get("type") {
            "INTEGER" | "BIGINT" => "number",
            "TEXT" => "text",
            "BLOB" => "bytes",
            other => panic!("{other}"),
        };
        let column = (row.get("name"), kind, row.get::<i64, _>("notnull") == 0);
        schema
            .entry(row.get("table"))
            .or_default()
            .columns
            .push(column);
    }
    for (name, table) in &mut schema {
        let keys = sqlx::query(
            r#"SELECT (SELECT group_concat(c.name) FROM pragma_index_info(i.name) c) AS key
            FROM pragma_index_list($1) i WHERE i."unique""#,
        );
        for row in keys.bind(name).fetch_all(&mut conn).await.unwrap() {
            table.keys.push(key(row.get("key")));
        }
        // The row id is a key without an index.
        let id =
            sqlx::query("SELECT group_concat(name) AS key FROM pragma_table_info($1) WHERE pk");
        let primary: Option<String> = id.bind(name).fetch_one(&mut conn).await.unwrap().get("key");
        table.keys.extend(primary.as_deref().map(key));
        table.keys.sort();
        table.keys.dedup();
    }
    schema
}

async fn postgres_schema(url: &str) -> Schema {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let mut schema = Schema::new();
    let columns = sqlx::query(
        r#"SELECT table_name::text AS "table", column_name::text AS name, data_type::text AS type,
            is_nullable = 'YES' AS nullable
        FROM information_schema.columns WHERE table_schema = 'public'
        ORDER BY table_name, ordinal_position"#,
    );
    for row in columns.fetch_all(&mut conn).await.unwrap() {
        let kind = match row.get("type") {
            "bigint" | "boolean" => "number",
            "text" => "text",
            "bytea" => "bytes",
            other => panic!("{other}"),
        };
        let column = (row.get("name"), kind, row.get("nullable"));
        schema
            .entry(row.get("table"))
            .or_default()
            .columns
            .push(column);
    }
    let keys = sqlx::query(
        r#"SELECT i.indrelid::regclass::text AS "table", (
            SELECT string_agg(a.attname::text, ',' ORDER BY k.place)
            FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) AS key
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace"#,
    );
    for row in keys.fetch_all(&mut conn).await.unwrap() {
        let table = schema.entry(row.get("table")).or_default();
        table.keys.push(key(row.get("key")));
    }
    for table in schema.values_mut() {
        table.keys.sort();
    }
    schema
}

fn key(columns: &str) -> Vec<String> {
    columns.split(',').map(str::to_owned).collect()
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let url = format!("sqlite://{}", file.display());
    SqliteCatalog::open(&file).await.unwrap().close().await;
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    let known: i64 = sqlx::query_scalar("SELECT max(version) FROM schema_version")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    SqliteCatalog::open(&file).await.unwrap().close().await;
    let versions: i64 = sqlx::query_scalar("SELECT count(*) FROM schema_version")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(versions, known, "every migration once");

    sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
        .bind(known + 1)
        .execute(&mut conn)
        .await
        .unwrap();
    let refused = SqliteCatalog::open(&file).await;
    let expected = (known + 1, known);
    assert!(
        matches!(&refused, Err(CatalogError::NewerSchema { found, known }) if (*found, *known) == expected),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_new_file_may_be_opened_by_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let opened = (0..4).map(|_| {
        let file = file.clone();
        tokio::spawn(async move { SqliteCatalog::open(&file).await })
    });
    for opened in opened.collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
}
