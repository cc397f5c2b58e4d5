//! The database behind the archive: SQLite, in a file of its own, or PostgreSQL.
//!
//! Both are one implementation of the port [`Catalog`]: the modules under `portable` hold plain
//! SQL that both databases read, and are compiled once a driver; `sqlite` and `postgres` set what
//! differs, whole statements and never parts of one. Every method is one transaction.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use pressmark_archive::ports::catalog::Catalog as _;
//! use pressmark_catalog::SqliteCatalog;
//!
//! let folder = tempfile::tempdir()?;
//! let catalog = SqliteCatalog::open(&folder.path().join("catalog.sqlite")).await?;
//! assert_eq!(catalog.counts().await?.articles, 0);
//! # Ok(())
//! # })
//! # }
//! ```
#![expect(
    clippy::duplicate_mod,
    reason = "`portable` is compiled once for each driver, that is its purpose"
)]

mod codec;
mod copy;
mod fault;
mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use pressmark_archive::ports::catalog::{Catalog, Result};

pub use copy::{restore_postgres, snapshot_postgres};
pub use postgres::PostgresCatalog;
pub use sqlite::{SqliteCatalog, archive_in, snapshot};

/// Opens the catalog that `place` names: a `postgres://` or `postgresql://` address, or else the
/// path of an SQLite file, which is made if it is not there. The schema is brought up to date.
pub async fn open(place: &str) -> Result<Arc<dyn Catalog>> {
    if place.starts_with("postgres://") || place.starts_with("postgresql://") {
        Ok(Arc::new(PostgresCatalog::connect(place).await?))
    } else {
        Ok(Arc::new(SqliteCatalog::open(Path::new(place)).await?))
    }
}
