//! What is computed from versions and captures, for those who compute it again.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use pressmark_archive::StoredDerivation;
use pressmark_archive::change::ChangeRow;
use pressmark_archive::ports::catalog::Result;
use pressmark_archive::ports::derived::{DerivationKey, Derived};
use pressmark_model::LeafIndex;
use sqlx::Connection as _;

use super::super::dialect::BEGIN_WRITE;
use super::{Store, changes, derivations};

#[async_trait]
impl Derived for Store {
    async fn change_rows(&self, from: LeafIndex, limit: u32) -> Result<Vec<ChangeRow>> {
        look!(self, "read changes", |conn| changes::from_leaf(
            conn, from, limit
        ))
    }

    async fn replace_changes(
        &self,
        leaves: RangeInclusive<LeafIndex>,
        rows: &[ChangeRow],
    ) -> Result<()> {
        write!(self, "store changes", |conn| changes::replace(
            conn, &leaves, rows
        ))
    }

    async fn derivations(
        &self,
        after: Option<&DerivationKey>,
        limit: u32,
    ) -> Result<Vec<StoredDerivation>> {
        look!(self, "read what was read again", |conn| derivations::list(
            conn, after, limit
        ))
    }
}
