//! Writing the files anew is done when nobody reads them as they were.

use pressmark_archive::ports::catalog::Catalog as _;
use pressmark_archive::ports::redactions::Redactions as _;
use pressmark_catalog::SqliteCatalog;
use sqlx::{Connection as _, SqliteConnection};

#[tokio::test]
async fn a_reader_keeps_it_from_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let catalog = SqliteCatalog::open(&file).await.unwrap();
    assert!(catalog.scrub().await.unwrap());

    let url = format!("sqlite://{}", file.display());
    let mut reader = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM source")
        .execute(&mut reader)
        .await
        .unwrap();
    assert!(!catalog.scrub().await.unwrap());
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    assert!(catalog.scrub().await.unwrap());
    assert_eq!(catalog.counts().await.unwrap().leaves, 0);
}
