//! Brings the schema up to date: every migration once, all of them in one transaction.

use pressmark_archive::ports::catalog::CatalogError;

use super::super::dialect::{LOCK_SCHEMA, MIGRATIONS};
use super::Conn;
use crate::fault::Outcome;

pub(super) async fn to_newest(conn: &mut Conn) -> Outcome<()> {
    sqlx::query(LOCK_SCHEMA).execute(&mut *conn).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(&mut *conn)
        .await?;
    let found: i64 = sqlx::query_scalar("SELECT COALESCE(max(version), 0) FROM schema_version")
        .fetch_one(&mut *conn)
        .await?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(CatalogError::NewerSchema { found, known }.into());
    }
    for (version, migration) in (1_i64..).zip(MIGRATIONS) {
        if version > found {
            sqlx::raw_sql(*migration).execute(&mut *conn).await?;
            sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
                .bind(version)
                .execute(&mut *conn)
                .await?;
        }
    }
    Ok(())
}
