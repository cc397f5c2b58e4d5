//! Files and values that are not as they were written.

use std::sync::Arc;

use pressmark_archive::ports::catalog::{Catalog as _, CatalogError};
use pressmark_archive::version::ArticleQuery;
use pressmark_catalog::SqliteCatalog;
use pressmark_model::{LeafIndex, VersionNumber};
use pressmark_testkit::catalog::{Samples, first_commit};
use sqlx::{Connection as _, SqliteConnection};

#[tokio::test]
async fn a_damaged_value_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let catalog = Arc::new(SqliteCatalog::open(&file).await.unwrap());
    let samples = Samples::new(Arc::clone(&catalog) as _).await;
    let id = samples.article("a", "a text", 10).await;
    let url = format!("sqlite://{}", file.display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();

    let all = ArticleQuery {
        limit: 9,
        ..ArticleQuery::default()
    };
    let cases: [(&str, &str, &str); 7] = [
        (
            "UPDATE version SET digest = x'00'",
            "version.digest",
            "has 1 bytes, not 32",
        ),
        (
            "UPDATE version SET digest = zeroblob(32), kind = 'odd'",
            "version.kind",
            "`odd`",
        ),
        (
            "UPDATE version SET kind = 'first', text_zstd = x'01'",
            "version.text_zstd",
            "unpacked",
        ),
        (
            "UPDATE version SET authors = '[1'",
            "version.authors",
            "JSON",
        ),
        (
            "UPDATE article SET url = 'https://u:secret@'",
            "version.url",
            "form",
        ),
        ("UPDATE source SET state = 'off'", "source.state", "`off`"),
        ("UPDATE leaf SET nonce = x'01'", "leaf.nonce", "1 bytes"),
    ];
    for (damage, place, problem) in cases {
        sqlx::query(damage).execute(&mut conn).await.unwrap();
        let error = match place {
            "source.state" => catalog.sources().await.unwrap_err(),
            "leaf.nonce" => catalog.ledger(LeafIndex(0), 9).await.unwrap_err(),
            _ => catalog.version(id, VersionNumber(1)).await.unwrap_err(),
        };
        assert!(matches!(error, CatalogError::Damaged(_)), "{error}");
        let message = error.to_string();
        assert!(
            message.contains(place) && message.contains(problem),
            "{message}"
        );
        assert!(!message.contains("secret"), "{message}");
    }
    assert!(matches!(
        catalog.articles(&all).await,
        Err(CatalogError::Damaged(_))
    ));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    std::fs::write(
        &file,
        "not a database, but long enough to look at".repeat(99),
    )
    .unwrap();
    let error = SqliteCatalog::open(&file).await.unwrap_err();
    let CatalogError::Database { source, .. } = &error else {
        panic!("{error}");
    };
    assert!(source.to_string().contains("not a database"), "{source}");
    assert_eq!(error.to_string(), "the catalog could not open its file");
}

#[tokio::test]
async fn lost_pages_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let catalog = Arc::new(SqliteCatalog::open(&file).await.unwrap());
    let samples = Samples::new(Arc::clone(&catalog) as _).await;
    samples.article("a", "a text", 10).await;
    assert!(catalog.integrity().await.unwrap().is_empty());
    let url = format!("sqlite://{}", file.display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("PRAGMA foreign_keys = OFF; DELETE FROM leaf")
        .execute(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
    let found = catalog.integrity().await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    catalog.close().await;

    let mut bytes = std::fs::read(&file).unwrap();
    let pages = bytes.len() / 4096;
    for page in bytes.chunks_mut(4096).skip(2) {
        page.fill(0xa5);
    }
    assert!(pages > 10);
    std::fs::write(&file, &bytes).unwrap();
    let found = match SqliteCatalog::open(&file).await {
        Ok(catalog) => catalog.integrity().await.unwrap(),
        Err(error) => vec![error.to_string()],
    };
    assert!(!found.is_empty());
}

#[tokio::test]
async fn a_locked_database_says_so_and_keeps_nothing_of_the_batch() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let catalog = Arc::new(SqliteCatalog::open(&file).await.unwrap());
    let samples = Samples::new(Arc::clone(&catalog) as _).await;
    let commit = first_commit(samples.source.id, "a", "a text", 10);
    let url = format!("sqlite://{}", file.display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut conn)
        .await
        .unwrap();
    let archive = pressmark_proof::ArchiveId([1; 16]);
    let refused = catalog
        .commit(archive, std::slice::from_ref(&commit))
        .await
        .unwrap_err();
    let CatalogError::Database { source, .. } = &refused else {
        panic!("{refused}");
    };
    assert!(source.to_string().contains("locked"), "{source}");
    conn.close().await.unwrap();
    assert_eq!(catalog.counts().await.unwrap().leaves, 0);
    catalog.commit(archive, &[commit]).await.unwrap();
    assert_eq!(catalog.counts().await.unwrap().leaves, 1);
}
