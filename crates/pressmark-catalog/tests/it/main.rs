//! The catalog on both databases.

use pressmark_catalog::SqliteCatalog;

#[tokio::test]
async fn sqlite_opens() {
    let folder = tempfile::tempdir().unwrap();
    use pressmark_archive::ports::catalog::Catalog as _;
    let catalog = SqliteCatalog::open(&folder.path().join("catalog.sqlite")).await.unwrap();
    assert_eq!(catalog.counts().await.unwrap().articles, 0);
}
