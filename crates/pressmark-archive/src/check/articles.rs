//! What the rows of articles say of their versions and deletions, against the ledger.

use std::collections::{BTreeSet, HashMap};

use pressmark_model::{ArticleId, LeafIndex, OffsetTimestamp, Timestamp, VersionNumber};
use pressmark_proof::{Leaf, LeafKind, Presence, TombstoneRecord, VersionRecord};

use super::Check;
use super::changes::Telling;
use crate::ports::catalog::Result;
use crate::version::{ArticleRow, LedgerRow, Version};

/// So many rows are read at a time.
const PAGE: u32 = 500;

/// What the ledger says of an article.
struct Head {
    number: VersionNumber,
    leaf: LeafIndex,
    sort_at: Timestamp,
    first_captured_at: Timestamp,
    last_captured_at: Timestamp,
    /// The leaf that says that it is gone, since it is.
    tombstone: Option<LeafIndex>,
    /// Whether all of its versions could be read.
    is_whole: bool,
}

/// What the leaves so far say of every article.
#[derive(Default)]
pub(super) struct Heads(HashMap<ArticleId, Head>);

impl Heads {
    /// The last version of an article, and its leaf.
    pub(super) fn last(&self, article: ArticleId) -> Option<(VersionNumber, LeafIndex)> {
        let head = self.0.get(&article)?;
        Some((head.number, head.leaf))
    }

    /// The next version.
    pub(super) fn read(&mut self, version: &Version) {
        let at = version.captured_at;
        let published = version.article.published.map(OffsetTimestamp::at);
        let head = self.0.entry(version.article_id).or_insert(Head {
            number: version.number,
            leaf: version.leaf,
            sort_at: published.map_or(at, |published| published.min(at)),
            first_captured_at: at,
            last_captured_at: at,
            tombstone: None,
            is_whole: version.number.0 == 1,
        });
        (head.number, head.leaf, head.last_captured_at) = (version.number, version.leaf, at);
    }

    /// The next version, which cannot be read.
    pub(super) fn pass_over(&mut self, about: Option<(ArticleId, VersionNumber)>, leaf: LeafIndex) {
        let Some((article, number)) = about else {
            return;
        };
        let head = self.0.entry(article).or_insert(Head {
            number,
            leaf,
            sort_at: Timestamp::EPOCH,
            first_captured_at: Timestamp::EPOCH,
            last_captured_at: Timestamp::EPOCH,
            tombstone: None,
            is_whole: false,
        });
        (head.number, head.leaf, head.is_whole) = (number, leaf, false);
    }

    /// The next deletions and returns.
    pub(super) fn notices(&mut self, telling: &Telling) {
        for (leaf, notice) in telling.notices() {
            if let Some(head) = self.0.get_mut(&notice.article) {
                head.tombstone = (notice.state == Presence::Deleted).then_some(*leaf);
            }
        }
    }
}

impl Check<'_> {
    /// Each article is as its leaves say: so many versions, gone or not, and in its place in lists.
    pub(super) async fn articles(&mut self, heads: Heads) -> Result<()> {
        let Heads(mut heads) = heads;
        for article in self.redacted.articles() {
            heads.remove(&article);
        }
        let mut rows = Vec::new();
        let mut after = ArticleId(0);
        loop {
            let page = self.archive.catalog.article_rows(after, PAGE).await;
            let Some(page) = self.readable("articles", page)? else {
                return Ok(());
            };
            let Some(last) = page.last() else { break };
            after = last.id;
            for row in page {
                let head = heads.get(&row.id).filter(|head| head.is_whole);
                let problem = head.and_then(|head| misfit(&row, head));
                rows.extend(problem.map(|problem| (row.id, problem)));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let later = self.touched_later().await?;
        for (id, problem) in rows.into_iter().filter(|(id, _)| !later.contains(id)) {
            let problem = format!("its {problem} is not what the ledger says");
            self.find(format!("article {id}"), problem);
        }
        Ok(())
    }

    /// The articles that leaves are about which were committed while the check was at work.
    async fn touched_later(&self) -> Result<BTreeSet<ArticleId>> {
        let mut touched = BTreeSet::new();
        let mut from = LeafIndex(self.first_later_leaf());
        loop {
            let rows = self.archive.catalog.ledger(from, PAGE).await?;
            let Some(last) = rows.last() else {
                return Ok(touched);
            };
            from = LeafIndex(last.index.0.saturating_add(1));
            touched.extend(rows.iter().filter_map(about));
        }
    }
}

/// The article that a leaf is about, if it is about one.
fn about(row: &LedgerRow) -> Option<ArticleId> {
    let (leaf, record) = (Leaf::from_bytes(&row.leaf).ok()?, row.record.as_ref()?);
    match leaf.kind {
        LeafKind::Version => Some(VersionRecord::from_bytes(record).ok()?.article),
        LeafKind::Tombstone => Some(TombstoneRecord::from_bytes(record).ok()?.article),
        _ => None,
    }
}

/// What of a row is not as it should be.
fn misfit(row: &ArticleRow, head: &Head) -> Option<&'static str> {
    let comparisons = [
        ("number of versions", row.versions == head.number),
        ("last leaf", row.last_leaf == head.leaf),
        ("tombstone", row.tombstone == head.tombstone),
        (
            "place in lists",
            row.sort_at == head.sort_at && row.is_listed,
        ),
        (
            "first capture",
            row.first_captured_at == head.first_captured_at,
        ),
        (
            "last capture",
            row.last_captured_at == head.last_captured_at,
        ),
    ];
    let mut wrong = comparisons.into_iter().filter(|(_, same)| !same);
    wrong.next().map(|(name, _)| name)
}
