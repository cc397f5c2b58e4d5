//! The catalog on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "they are tests, which fail by panicking"
)]

mod damage;
mod numbers;
mod schema;
mod scrub;

use std::path::Path;
use std::sync::Arc;

use pressmark_archive::ports::catalog::Catalog;
use pressmark_catalog::{PostgresCatalog, SqliteCatalog};
use pressmark_testkit::catalog::{Pair, suite};
use pressmark_testkit::postgres;

async fn sqlite(file: &Path) -> Arc<dyn Catalog> {
    Arc::new(SqliteCatalog::open(file).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_a_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    suite(async || {
        count.set(count.get() + 1);
        let file = folder.path().join(format!("{}.sqlite", count.get()));
        Pair {
            one: sqlite(&file).await,
            other: sqlite(&file).await,
        }
    })
    .await;
    assert!(count.get() > 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_a_catalog() {
    let Some(_server) = postgres::fresh_database() else {
        return;
    };
    let databases = std::cell::RefCell::new(Vec::new());
    suite(async || {
        let database = postgres::fresh_database().unwrap();
        let url = database.url();
        databases.borrow_mut().push(database);
        Pair {
            one: Arc::new(PostgresCatalog::connect(&url).await.unwrap()),
            other: Arc::new(PostgresCatalog::connect(&url).await.unwrap()),
        }
    })
    .await;
}
