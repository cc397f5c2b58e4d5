//! Rows into values. What is not as this program writes it is named, by table and column.

use std::str::FromStr;

use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{Digest, OffsetTimestamp, Timestamp};
use serde::de::DeserializeOwned;
use sqlx::{Decode, QueryBuilder, Row as _, Type};

use super::{Conn, Db, Row};
use crate::codec;

type Result<T> = std::result::Result<T, CatalogError>;

/// The rows of a statement that lists values. There is one such statement for each number of values:
/// none of them is worth preparing.
pub(super) async fn listed(
    query: &mut QueryBuilder<Db>,
    conn: &mut Conn,
) -> sqlx::Result<Vec<Row>> {
    query.build().persistent(false).fetch_all(conn).await
}

/// A row, and the table that it is of.
#[derive(Clone, Copy)]
pub(super) struct Fields<'r> {
    row: &'r Row,
    table: &'static str,
}

impl<'r> Fields<'r> {
    pub(super) fn of(table: &'static str, row: &'r Row) -> Self {
        Self { row, table }
    }

    /// The error for a column that holds something else than it should.
    pub(super) fn damaged(&self, column: &str, problem: impl std::fmt::Display) -> CatalogError {
        let id = ["id", "idx", "leaf", "article_id", "capture_id"]
            .into_iter()
            .find_map(|name| Some((name, self.row.try_get::<i64, _>(name).ok()?)));
        let table = self.table;
        CatalogError::Damaged(match id {
            Some((name, id)) => format!("`{table}.{column}` {problem}, where `{name}` is {id}"),
            None => format!("`{table}.{column}` {problem}"),
        })
    }

    /// SQLite would give an absent value as zero or as empty.
    fn get<T: Decode<'r, Db> + Type<Db>>(&self, column: &str) -> Result<T> {
        self.get_opt(column)?
            .ok_or_else(|| self.damaged(column, "is null"))
    }

    fn get_opt<T: Decode<'r, Db> + Type<Db>>(&self, column: &str) -> Result<Option<T>> {
        self.row.try_get(column).map_err(|error| {
            let cause = match error {
                sqlx::Error::ColumnDecode { source, .. } => source.to_string(),
                other => other.to_string(),
            };
            self.damaged(column, format_args!("cannot be read: {cause}"))
        })
    }

    pub(super) fn int(&self, column: &str) -> Result<i64> {
        self.get(column)
    }

    pub(super) fn int_opt(&self, column: &str) -> Result<Option<i64>> {
        self.get_opt(column)
    }

    pub(super) fn flag(&self, column: &str) -> Result<bool> {
        self.get(column)
    }

    pub(super) fn flag_opt(&self, column: &str) -> Result<Option<bool>> {
        self.get_opt(column)
    }

    /// A whole number that cannot be negative, or too large for its type.
    pub(super) fn count<T: TryFrom<i64>>(&self, column: &str) -> Result<T> {
        let number = self.int(column)?;
        T::try_from(number)
            .map_err(|_| self.damaged(column, format_args!("is out of range: {number}")))
    }

    pub(super) fn text(&self, column: &str) -> Result<String> {
        self.get(column)
    }

    pub(super) fn text_opt(&self, column: &str) -> Result<Option<String>> {
        self.get_opt(column)
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>> {
        self.get(column)
    }

    pub(super) fn bytes_opt(&self, column: &str) -> Result<Option<Vec<u8>>> {
        self.get_opt(column)
    }

    /// Bytes of a fixed length.
    pub(super) fn array<const N: usize>(&self, column: &str) -> Result<[u8; N]> {
        let bytes: &[u8] = self.get(column)?;
        bytes
            .try_into()
            .map_err(|_| self.damaged(column, format_args!("has {} bytes, not {N}", bytes.len())))
    }

    pub(super) fn array_opt<const N: usize>(&self, column: &str) -> Result<Option<[u8; N]>> {
        match self.get_opt::<&[u8]>(column)? {
            Some(_) => self.array(column).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn digest(&self, column: &str) -> Result<Digest> {
        self.array(column).map(Digest::from_bytes)
    }

    pub(super) fn digest_opt(&self, column: &str) -> Result<Option<Digest>> {
        Ok(self.array_opt(column)?.map(Digest::from_bytes))
    }

    pub(super) fn time(&self, column: &str) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_micros)
    }

    pub(super) fn time_opt(&self, column: &str) -> Result<Option<Timestamp>> {
        Ok(self.int_opt(column)?.map(Timestamp::from_micros))
    }

    /// A time and the offset beside it.
    pub(super) fn offset_time(&self, at: &str, offset: &str) -> Result<Option<OffsetTimestamp>> {
        match (self.time_opt(at)?, self.int_opt(offset)?) {
            (Some(at), Some(seconds)) => match i32::try_from(seconds) {
                Ok(seconds) => Ok(Some(at.with_offset(seconds))),
                Err(_) => Err(self.damaged(offset, "is no offset")),
            },
            (None, None) => Ok(None),
            _ => Err(self.damaged(offset, "does not go with its time")),
        }
    }

    /// A value that is read from a text, such as an address. The text itself stays out of the
    /// error: an address may hold a password.
    pub(super) fn parsed<T: FromStr>(&self, column: &str) -> Result<T> {
        let text: &str = self.get(column)?;
        text.parse()
            .map_err(|_| self.damaged(column, "is not of its form"))
    }

    pub(super) fn parsed_opt<T: FromStr>(&self, column: &str) -> Result<Option<T>> {
        match self.get_opt::<&str>(column)? {
            Some(_) => self.parsed(column).map(Some),
            None => Ok(None),
        }
    }

    /// One of a set of names.
    pub(super) fn named<T>(&self, column: &str, from_name: fn(&str) -> Option<T>) -> Result<T> {
        let name: &str = self.get(column)?;
        from_name(name)
            .ok_or_else(|| self.damaged(column, format_args!("is an unknown name: `{name}`")))
    }

    /// One of a set of names, or none.
    pub(super) fn named_opt<T>(
        &self,
        column: &str,
        from_name: fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.get_opt::<&str>(column)? {
            Some(_) => self.named(column, from_name).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(self.get(column)?)
            .map_err(|error| self.damaged(column, format_args!("is not its JSON: {error}")))
    }

    pub(super) fn json_opt<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>> {
        match self.get_opt::<&str>(column)? {
            Some(_) => self.json(column).map(Some),
            None => Ok(None),
        }
    }

    /// A compressed text.
    pub(super) fn unpacked(&self, column: &str) -> Result<String> {
        codec::unpack(self.get(column)?)
            .map_err(|error| self.damaged(column, format_args!("cannot be unpacked: {error}")))
    }
}
