//! The numbers that every process takes from one row.

use std::sync::Arc;
use std::time::Duration;

use pressmark_archive::commit::{Commit, Committed, Decision};
use pressmark_archive::failure::Failure;
use pressmark_catalog::PostgresCatalog;
use pressmark_model::Timestamp;
use pressmark_testkit::catalog::Samples;
use pressmark_testkit::postgres;
use sqlx::{Connection as _, PgConnection};

#[tokio::test]
async fn what_needs_no_number_waits_for_no_one() {
    let Some(database) = postgres::fresh_database() else {
        return;
    };
    let catalog = PostgresCatalog::connect(&database.url()).await.unwrap();
    let samples = Samples::new(Arc::new(catalog)).await;
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    let mut numbering = other.begin().await.unwrap();
    sqlx::query("UPDATE counter SET next_leaf = next_leaf")
        .execute(&mut *numbering)
        .await
        .unwrap();

    let failed = Commit {
        source: samples.source.id,
        entry: None,
        at: Timestamp::from_seconds(1),
        capture: None,
        notice: None,
        next_visit_at: None,
        decision: Decision::Failed {
            failure: Failure::NoLink,
            retry_at: None,
        },
    };
    let committed = tokio::time::timeout(Duration::from_secs(10), samples.commit(failed)).await;
    assert_eq!(committed, Ok(Committed::Noted));
    numbering.rollback().await.unwrap();
}
