//! Statements that are sent together.

use sqlx::QueryBuilder;

use super::super::dialect::{KEPT_PREPARED, SENT_TOGETHER};
use super::{Conn, Db};
use crate::fault::Outcome;

/// Statements without an answer, in the order in which they take effect. To send one takes as long
/// as SQLite needs for several: a thread is woken, and wakes the one that waits for it.
pub(super) struct Script<'c> {
    conn: &'c mut Conn,
    waiting: QueryBuilder<Db>,
    /// Whether what waits is one statement of a length that comes again.
    comes_again: bool,
}

/// How many rows one statement inserts: a version takes 25 values, and SQLite 32 766 at most. From
/// so many on the statement is kept prepared, which costs more than to send it by itself.
const LENGTHS: [usize; 4] = [64, 32, 16, 8];

impl<'c> Script<'c> {
    pub(super) fn new(conn: &'c mut Conn) -> Self {
        Self {
            conn,
            waiting: QueryBuilder::default(),
            comes_again: false,
        }
    }

    /// Begins a statement. It ends where the next one begins, and is not sent before [`Self::send`].
    pub(super) async fn begin(&mut self, sql: &'static str) -> Outcome<&mut QueryBuilder<Db>> {
        if self.comes_again || self.length() >= SENT_TOGETHER {
            self.send().await?;
        } else if self.length() > 0 {
            self.waiting.push("; ");
        }
        self.waiting.push(sql);
        Ok(&mut self.waiting)
    }

    /// Begins a statement that inserts a [piece](pieces) of rows.
    pub(super) async fn insert(
        &mut self,
        sql: &'static str,
        rows: usize,
    ) -> Outcome<&mut QueryBuilder<Db>> {
        if LENGTHS.contains(&rows) {
            self.send().await?;
            self.comes_again = true;
            self.waiting.push(sql);
            return Ok(&mut self.waiting);
        }
        self.begin(sql).await
    }

    /// Sends what waits.
    pub(super) async fn send(&mut self) -> Outcome<()> {
        let length = self.length();
        if length > 0 {
            let keep = self.comes_again || length < KEPT_PREPARED;
            let statements = self.waiting.build().persistent(keep);
            statements.execute(&mut *self.conn).await?;
            self.waiting.reset();
            self.comes_again = false;
        }
        Ok(())
    }

    fn length(&self) -> usize {
        self.waiting.sql().as_str().len()
    }
}

/// The rows in pieces of a few lengths, and what is left.
pub(super) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let fits = LENGTHS.into_iter().find(|length| *length <= rows.len());
        let (piece, rest) = rows.split_at_checked(fits.unwrap_or(rows.len()))?;
        rows = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
