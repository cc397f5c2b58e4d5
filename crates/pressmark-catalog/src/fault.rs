//! What goes wrong inside a transaction, before it is said what the transaction was for.

use pressmark_archive::ports::catalog::CatalogError;

/// Why a transaction failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database said no.
    Database(sqlx::Error),
    /// Something else, said already.
    Catalog(CatalogError),
}

/// The result of a step of a transaction.
pub(crate) type Outcome<T> = Result<T, Fault>;

impl Fault {
    /// The error of the method that wanted to do this ("could not …").
    pub(crate) fn during(self, action: &'static str) -> CatalogError {
        match self {
            Self::Database(error) if is_conflict(&error) => CatalogError::Conflict,
            Self::Database(error) if is_unsynced(&error) => CatalogError::Unsynced {
                action,
                source: error.into(),
            },
            Self::Database(error) => CatalogError::Database {
                action,
                source: error.into(),
            },
            Self::Catalog(error) => error,
        }
    }
}

/// Whether two transactions met: PostgreSQL's serialization failure and deadlock, or a row that
/// another transaction has inserted since it was looked for.
fn is_conflict(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.is_unique_violation() || matches!(error.code().as_deref(), Some("40001" | "40P01"))
    })
}

/// SQLite's `SQLITE_IOERR_FSYNC` and `SQLITE_IOERR_DIR_FSYNC`. PostgreSQL ends itself in this case.
fn is_unsynced(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| matches!(error.code().as_deref(), Some("1034" | "1290")))
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<CatalogError> for Fault {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}
