//! What is computed from versions and captures, for those who compute it again.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use pressmark_archive::StoredDerivation;
use pressmark_archive::change::ChangeRow;
use pressmark_archive::ports::catalog::Result;
use pressmark_archive::ports::derived::{DerivationKey, Derived};
use pressmark_archive::version::ArticleRow;
use pressmark_model::{ArticleId, LeafIndex, VersionNumber};
use sqlx::Connection as _;

use super::super::dialect::BEGIN_WRITE;
use super::{Conn, Fields, Row, Store, changes, derivations};
use crate::fault::Outcome;

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

    async fn article_rows(&self, after: ArticleId, limit: u32) -> Result<Vec<ArticleRow>> {
        look!(self, "read the rows of articles", |conn| article_rows(
            conn, after, limit
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

async fn article_rows(conn: &mut Conn, after: ArticleId, limit: u32) -> Outcome<Vec<ArticleRow>> {
    let rows = sqlx::query(
        "SELECT a.id, a.versions, a.last_leaf, a.tombstone, a.sort_at, a.first_captured_at,
            a.last_captured_at,
            (SELECT count(*) FROM source_article l
                WHERE l.article_id = a.id AND l.sort_at <> a.sort_at) AS astray,
            (SELECT count(*) FROM source_article l
                WHERE l.article_id = a.id AND l.source_id = a.home_id) AS at_home
        FROM article a WHERE a.id > $1 ORDER BY a.id LIMIT $2",
    )
    .bind(after.0)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let article = |row: &Row| {
        let fields = Fields::of("article", row);
        Ok(ArticleRow {
            id: ArticleId(fields.int("id")?),
            versions: VersionNumber(fields.int("versions")?),
            last_leaf: LeafIndex(fields.int("last_leaf")?),
            tombstone: fields.int_opt("tombstone")?.map(LeafIndex),
            sort_at: fields.time("sort_at")?,
            first_captured_at: fields.time("first_captured_at")?,
            last_captured_at: fields.time("last_captured_at")?,
            is_listed: fields.int("astray")? == 0 && fields.int("at_home")? == 1,
        })
    };
    Ok(rows.iter().map(article).collect::<Result<_>>()?)
}
