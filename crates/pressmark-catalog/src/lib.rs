//! The database behind the archive: SQLite or PostgreSQL.
