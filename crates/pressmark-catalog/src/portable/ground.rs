//! What a batch of decisions stands on, and whether each may still be stored.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use pressmark_archive::commit::{Alias, Commit, Decision};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_model::{ArticleId, CaptureId, LeafIndex, Timestamp, VersionNumber, WebUrl};
use pressmark_proof::Presence;
use sqlx::QueryBuilder;

use super::{Conn, Db, Fields, captures, decide};
use crate::codec::stored_key;
use crate::fault::Outcome;

/// What was there when the transaction began, and what the items of the batch make of it.
pub(super) struct Ground {
    pub(super) heads: HashMap<ArticleId, Head>,
    /// Addresses that name an article, as scope and key.
    taken: HashSet<(String, String)>,
    /// Captures by the id of their first record.
    pub(super) captures: HashMap<String, CaptureId>,
}

/// A known article.
pub(super) struct Head {
    pub(super) scope: Arc<str>,
    pub(super) url: WebUrl,
    pub(super) sort_at: Timestamp,
    /// How many versions it has after the items that were admitted.
    versions: i64,
    /// The leaf of its last version.
    pub(super) last_leaf: LeafIndex,
    /// Whether it is known to be gone.
    deleted: bool,
}

impl Ground {
    pub(super) async fn survey(conn: &mut Conn, batch: &[Commit]) -> Outcome<Self> {
        let mut known = HashSet::new();
        let mut firsts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for commit in batch {
            match &commit.decision {
                Decision::First { scope, aliases, .. } => {
                    let keys = aliases.iter().map(|alias| alias.key.as_str());
                    firsts.entry(scope).or_default().extend(keys);
                }
                Decision::Next { article, .. }
                | Decision::Unchanged { article, .. }
                | Decision::Suspect { article, .. }
                | Decision::Absent { article, .. } => {
                    known.insert(*article);
                }
                Decision::Failed { .. } => {}
            }
        }
        let mut taken = HashSet::new();
        for (scope, keys) in firsts {
            let found = decide::taken_keys(conn, scope, &keys).await?;
            taken.extend(found.into_iter().map(|(key, _)| (scope.to_owned(), key)));
        }
        let batched = batch.iter().filter_map(|commit| commit.capture.as_ref());
        Ok(Self {
            heads: heads(conn, known).await?,
            taken,
            captures: captures::stored(conn, batched).await?,
        })
    }

    /// A known article's address and last leaf.
    pub(super) fn tip(&self, article: ArticleId) -> Result<(WebUrl, LeafIndex), CatalogError> {
        let head = self.heads.get(&article).ok_or(CatalogError::Conflict)?;
        Ok((head.url.clone(), head.last_leaf))
    }

    /// The number of a known article's last version.
    pub(super) fn last(&self, article: ArticleId) -> Result<VersionNumber, CatalogError> {
        let head = self.heads.get(&article).ok_or(CatalogError::Conflict)?;
        Ok(VersionNumber(head.versions))
    }

    /// Notes a known article's new last leaf.
    pub(super) fn advance(&mut self, article: ArticleId, leaf: LeafIndex) {
        if let Some(head) = self.heads.get_mut(&article) {
            head.last_leaf = leaf;
        }
    }

    /// Whether an item may be stored after those before it; if so, it counts for those after it.
    pub(super) fn admits(&mut self, commit: &Commit) -> bool {
        if !self.admits_notice(commit) {
            return false;
        }
        let key =
            |scope: &str, alias: &Alias| (scope.to_owned(), stored_key(&alias.key).into_owned());
        match &commit.decision {
            Decision::First { scope, aliases, .. } => {
                let keys: Vec<_> = aliases.iter().map(|alias| key(scope, alias)).collect();
                if keys.iter().any(|key| self.taken.contains(key)) {
                    return false;
                }
                self.taken.extend(keys);
                true
            }
            Decision::Next {
                article,
                after,
                aliases,
                ..
            } => match self.heads.get_mut(article) {
                Some(head) if head.versions == after.0 => {
                    head.versions += 1;
                    let keys = aliases.iter().map(|alias| key(&head.scope, alias));
                    self.taken.extend(keys);
                    true
                }
                _ => false,
            },
            Decision::Unchanged {
                article, aliases, ..
            } => match self.heads.get(article) {
                Some(head) => {
                    let keys = aliases.iter().map(|alias| key(&head.scope, alias));
                    self.taken.extend(keys);
                    true
                }
                None => false,
            },
            Decision::Suspect { article, .. } | Decision::Absent { article, .. } => {
                self.heads.contains_key(article)
            }
            Decision::Failed { .. } => true,
        }
    }
}

impl Ground {
    /// Whether what an item says of its article's presence goes with what is known: an article is
    /// deleted once, and what is found of a deleted one says that it is back.
    fn admits_notice(&mut self, commit: &Commit) -> bool {
        let (article, found) = match &commit.decision {
            Decision::Next { article, .. } | Decision::Unchanged { article, .. } => (article, true),
            Decision::Absent { article, .. } => (article, false),
            Decision::First { .. } | Decision::Suspect { .. } | Decision::Failed { .. } => {
                return commit.notice.is_none();
            }
        };
        let Some(head) = self.heads.get_mut(article) else {
            return false;
        };
        let noticed = commit.notice.as_ref().map(|notice| notice.state);
        let goes = match noticed {
            Some(Presence::Deleted) => !found && !head.deleted,
            Some(Presence::Returned) => found && head.deleted,
            None => !(found && head.deleted),
        };
        if let (true, Some(state)) = (goes, noticed) {
            head.deleted = state == Presence::Deleted;
        }
        goes
    }
}

async fn heads(conn: &mut Conn, articles: HashSet<ArticleId>) -> Outcome<HashMap<ArticleId, Head>> {
    let mut heads = HashMap::with_capacity(articles.len());
    if articles.is_empty() {
        return Ok(heads);
    }
    let mut query = QueryBuilder::<Db>::new(
        "SELECT id, scope, url, sort_at, versions, last_leaf, tombstone
        FROM article WHERE id IN (",
    );
    let mut list = query.separated(", ");
    for article in articles {
        list.push_bind(article.0);
    }
    query.push(")");
    for row in &query.build().persistent(false).fetch_all(conn).await? {
        let fields = Fields::of("article", row);
        let head = Head {
            scope: fields.text("scope")?.into(),
            url: fields.parsed("url")?,
            sort_at: fields.time("sort_at")?,
            versions: fields.int("versions")?,
            last_leaf: LeafIndex(fields.int("last_leaf")?),
            deleted: fields.int_opt("tombstone")?.is_some(),
        };
        heads.insert(ArticleId(fields.int("id")?), head);
    }
    Ok(heads)
}
