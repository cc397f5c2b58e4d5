//! Pages of rows by their keys, in which damaged rows do not hide the others; and gaps.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::ports::catalog::CatalogError;

use super::Check;

/// So many keys are looked at in a piece.
const PAGE: u32 = 500;

/// The rows of a range of keys.
pub(super) struct Page<T> {
    rows: BTreeMap<i64, Result<T, String>>,
    /// No row stands between the end of the range and this key.
    pub(super) next: i64,
}

/// What stands at a key.
pub(super) enum Place<T> {
    Row(T),
    /// There may be a row; what was said when it was read.
    Unreadable(String),
    Empty,
}

impl<T> Page<T> {
    /// What stands at this key.
    pub(super) fn take(&mut self, key: i64) -> Place<T> {
        match self.rows.remove(&key) {
            Some(Ok(row)) => Place::Row(row),
            Some(Err(problem)) => Place::Unreadable(problem),
            None => Place::Empty,
        }
    }

    /// The rows that could be read.
    pub(super) fn readable(&self) -> impl Iterator<Item = &T> {
        self.rows.values().flatten()
    }
}

/// The keys of the page that begins here, of a table that is looked at up to `end`.
pub(super) fn keys(start: i64, end: i64) -> Range<i64> {
    start..end.min(start.saturating_add(i64::from(PAGE)))
}

/// Reads the rows with these keys, at most a page of them. `rows` reads so many from a key on.
pub(super) async fn read<T, F>(
    keys: Range<i64>,
    key: fn(&T) -> i64,
    rows: impl Fn(i64, u32) -> F,
) -> Result<Page<T>, CatalogError>
where
    F: Future<Output = Result<Vec<T>, CatalogError>>,
{
    let mut page = Page {
        rows: BTreeMap::new(),
        next: keys.end,
    };
    match rows(keys.start, PAGE).await {
        Err(CatalogError::Damaged(_)) => {
            for at in keys {
                match rows(at, 1).await {
                    Ok(found) => {
                        let row = found.into_iter().find(|row| key(row) == at);
                        page.rows.extend(row.map(|row| (at, Ok(row))));
                    }
                    Err(CatalogError::Damaged(problem)) => {
                        page.rows.insert(at, Err(problem));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        found => {
            let found = found?;
            let beyond = found.iter().map(key).find(|at| *at >= keys.end);
            if let Some(next) = beyond {
                page.next = next;
            } else if u32::try_from(found.len()).is_ok_and(|count| count < PAGE) {
                page.next = i64::MAX;
            }
            let within = found.into_iter().filter(|row| keys.contains(&key(row)));
            page.rows.extend(within.map(|row| (key(&row), Ok(row))));
        }
    }
    Ok(page)
}

/// Rows that are missing or cannot be read. Neighbours with the same fault make one finding.
pub(super) struct Gaps {
    table: &'static str,
    one: &'static str,
    many: &'static str,
    open: Option<(Range<i64>, Option<String>)>,
}

impl Gaps {
    pub(super) fn new(table: &'static str, one: &'static str, many: &'static str) -> Self {
        Self {
            table,
            one,
            many,
            open: None,
        }
    }

    /// Takes the row at a key; without one, notes why.
    pub(super) fn row<T>(&mut self, check: &mut Check<'_>, at: i64, place: Place<T>) -> Option<T> {
        let problem = match place {
            Place::Row(row) => {
                self.close(check);
                return Some(row);
            }
            Place::Unreadable(problem) => Some(problem),
            Place::Empty => None,
        };
        self.lost(check, at..at + 1, problem);
        None
    }

    /// There is nothing at these keys.
    pub(super) fn empty(&mut self, check: &mut Check<'_>, keys: Range<i64>) {
        if !keys.is_empty() {
            self.lost(check, keys, None);
        }
    }

    fn lost(&mut self, check: &mut Check<'_>, keys: Range<i64>, problem: Option<String>) {
        match &mut self.open {
            Some((open, same)) if *same == problem => open.end = keys.end,
            _ => {
                self.close(check);
                self.open = Some((keys, problem));
            }
        }
    }

    fn close(&mut self, check: &mut Check<'_>) {
        let Some((keys, problem)) = self.open.take() else {
            return;
        };
        let (first, last) = (keys.start, keys.end - 1);
        let what = if first == last {
            format!("{} {first}", self.one)
        } else {
            format!("{} {first} to {last}", self.many)
        };
        let problem = problem.map_or_else(
            || format!("missing from the {}", self.table),
            |problem| format!("cannot be read: {problem}"),
        );
        check.find(what, problem);
    }

    /// The last key has been looked at; there should be `counted` rows.
    pub(super) fn end(mut self, check: &mut Check<'_>, counted: u64) {
        match self.open.take() {
            Some((keys, None)) => {
                let missing = keys.end - keys.start;
                let problem = format!(
                    "{missing} of {counted} {} are missing at its end",
                    self.many
                );
                check.find(self.table, problem);
            }
            open => {
                self.open = open;
                self.close(check);
            }
        }
    }
}
