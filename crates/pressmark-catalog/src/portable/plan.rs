//! The numbers and the rows of a batch.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use pressmark_archive::absence::{Notice, NoticePlace};
use pressmark_archive::capture::NewCapture;
use pressmark_archive::change::ChangeRow;
use pressmark_archive::commit::{Alias, Commit, Committed, Decision, Draft, Place};
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::fetch::Validators;
use pressmark_model::{
    ArticleId, CaptureId, LeafIndex, OffsetTimestamp, SourceId, Timestamp, VersionNumber, WebUrl,
};
use pressmark_proof::ArchiveId;

use super::changes::{self, NewNotice};
use super::commit::Planned;
use super::ground::Ground;
use super::insert::{self, Listing, NewAlias, NewArticle, NewVersion};
use super::script::Script;
use super::{Conn, Fields, captures};
use crate::codec::{Packed, stored_key};
use crate::fault::Outcome;

/// The numbers that the admitted items use up, exactly.
#[derive(Default)]
pub(super) struct Numbers {
    leaf: i64,
    article: i64,
    capture: i64,
    /// The number of the next article in its home.
    homes: HashMap<SourceId, i64>,
}

impl Numbers {
    pub(super) async fn take(
        conn: &mut Conn,
        batch: &[Commit],
        live: &[bool],
        stored: &HashMap<String, CaptureId>,
    ) -> Outcome<Self> {
        let (mut leaves, mut versions) = (0_i64, 0_i64);
        let mut captures = 0_i64;
        let mut homes: BTreeMap<SourceId, i64> = BTreeMap::new();
        let mut counted = HashSet::new();
        for (commit, _) in batch.iter().zip(live).filter(|(_, live)| **live) {
            match &commit.decision {
                Decision::First { .. } => {
                    versions += 1;
                    *homes.entry(commit.source).or_default() += 1;
                }
                Decision::Next { .. } => versions += 1,
                Decision::Unchanged { .. }
                | Decision::Suspect { .. }
                | Decision::Absent { .. }
                | Decision::Failed { .. } => {}
            }
            leaves += i64::from(commit.notice.is_some());
            if let Some(capture) = &commit.capture {
                let is_new = captures::first_record(capture)
                    .is_none_or(|id| !stored.contains_key(id) && counted.insert(id));
                captures += i64::from(is_new);
            }
        }
        leaves += versions;
        if leaves + captures == 0 {
            return Ok(Self::default());
        }
        let mut next_in_home = HashMap::with_capacity(homes.len());
        for (source, articles) in &homes {
            next_in_home.insert(*source, next_in_source(conn, *source, *articles).await?);
        }
        // Last: until this transaction ends, every other one that numbers something waits here.
        let row = sqlx::query(
            "UPDATE counter
            SET next_leaf = next_leaf + $1, versions = versions + $4,
                next_article = next_article + $2, next_capture = next_capture + $3
            RETURNING next_leaf - $1 AS leaf, next_article - $2 AS article,
                next_capture - $3 AS capture",
        )
        .bind(leaves)
        .bind(homes.values().sum::<i64>())
        .bind(captures)
        .bind(versions)
        .fetch_one(conn)
        .await?;
        let fields = Fields::of("counter", &row);
        Ok(Self {
            leaf: fields.int("leaf")?,
            article: fields.int("article")?,
            capture: fields.int("capture")?,
            homes: next_in_home,
        })
    }

    fn next_leaf(&mut self) -> LeafIndex {
        self.leaf += 1;
        LeafIndex(self.leaf - 1)
    }

    fn next_article(&mut self) -> ArticleId {
        self.article += 1;
        ArticleId(self.article - 1)
    }

    fn next_capture(&mut self) -> CaptureId {
        self.capture += 1;
        CaptureId(self.capture - 1)
    }

    fn next_in_home(&mut self, source: SourceId) -> Result<i64, CatalogError> {
        let number = self.homes.get_mut(&source).ok_or(CatalogError::Conflict)?;
        *number += 1;
        Ok(*number - 1)
    }
}

async fn next_in_source(conn: &mut Conn, source: SourceId, articles: i64) -> Outcome<i64> {
    let row = sqlx::query(
        "UPDATE source SET articles = articles + $2 WHERE id = $1
        RETURNING articles - $2 + 1 AS number",
    )
    .bind(source.0)
    .bind(articles)
    .fetch_one(conn)
    .await?;
    Ok(Fields::of("source", &row).int("number")?)
}

/// The rows of a batch.
pub(super) struct Rows<'c> {
    archive: ArchiveId,
    ground: Ground,
    numbers: Numbers,
    captures: Vec<(CaptureId, &'c NewCapture)>,
    articles: Vec<NewArticle<'c>>,
    versions: Vec<NewVersion<'c>>,
    first_aliases: Vec<NewAlias<'c>>,
    aliases: Vec<NewAlias<'c>>,
    listings: Vec<Listing>,
    notices: Vec<NewNotice<'c>>,
    changes: Vec<ChangeRow>,
}

/// A version that waits for its leaf.
struct Candidate<'c, 'u> {
    article: ArticleId,
    number: VersionNumber,
    previous: Option<LeafIndex>,
    url: &'u WebUrl,
    draft: &'c Draft,
}

impl<'c> Rows<'c> {
    pub(super) fn new(archive: ArchiveId, ground: Ground, numbers: Numbers) -> Self {
        Self {
            archive,
            ground,
            numbers,
            captures: Vec::new(),
            articles: Vec::new(),
            versions: Vec::new(),
            first_aliases: Vec::new(),
            aliases: Vec::new(),
            listings: Vec::new(),
            notices: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Gives an admitted item its numbers, and notes the rows it needs.
    pub(super) fn plan(
        &mut self,
        commit: &'c Commit,
        packed: Option<Packed>,
    ) -> Result<Planned, CatalogError> {
        let capture = commit.capture.as_ref().map(|new| self.capture_id(new));
        let raw = capture.zip(commit.capture.as_ref()).zip(packed);
        let (committed, article) = match &commit.decision {
            Decision::First {
                url,
                scope,
                version,
                aliases,
                validators,
            } => {
                let article = self.numbers.next_article();
                let candidate = Candidate {
                    article,
                    number: VersionNumber(1),
                    previous: None,
                    url,
                    draft: version,
                };
                let leaf = self.add_version(&candidate, raw)?;
                self.add_article(commit, &candidate, scope, validators, leaf)?;
                self.name(article, scope, aliases);
                (candidate.committed(leaf), Some(article))
            }
            Decision::Next {
                article,
                after,
                version,
                aliases,
                ..
            } => {
                self.relate(commit.source, *article, aliases)?;
                let (url, previous) = self.ground.tip(*article)?;
                let candidate = Candidate {
                    article: *article,
                    number: VersionNumber(after.0 + 1),
                    previous: Some(previous),
                    url: &url,
                    draft: version,
                };
                let leaf = self.add_version(&candidate, raw)?;
                self.ground.advance(*article, leaf);
                (candidate.committed(leaf), Some(*article))
            }
            Decision::Unchanged {
                article, aliases, ..
            } => {
                self.relate(commit.source, *article, aliases)?;
                (Committed::Noted, Some(*article))
            }
            Decision::Suspect { article, .. } | Decision::Absent { article, .. } => {
                self.relate(commit.source, *article, &[])?;
                (Committed::Noted, Some(*article))
            }
            Decision::Failed { .. } => (Committed::Noted, None),
        };
        let notice = match article.zip(commit.notice.as_ref()) {
            Some((article, notice)) => Some(self.add_notice(commit, article, notice)?),
            None => None,
        };
        Ok(Planned {
            committed,
            article,
            capture,
            notice,
        })
    }

    /// The id of a capture: of the same one, if it is stored already.
    fn capture_id(&mut self, capture: &'c NewCapture) -> CaptureId {
        let name = captures::first_record(capture);
        if let Some(id) = name.and_then(|name| self.ground.captures.get(name)) {
            return *id;
        }
        let id = self.numbers.next_capture();
        self.captures.push((id, capture));
        if let Some(name) = name {
            self.ground.captures.insert(name.to_owned(), id);
        }
        id
    }

    fn add_version(
        &mut self,
        candidate: &Candidate<'c, '_>,
        raw: Option<((CaptureId, &NewCapture), Packed)>,
    ) -> Result<LeafIndex, CatalogError> {
        let refuse = |source: Box<dyn std::error::Error + Send + Sync>| CatalogError::Database {
            action: "seal a version",
            source,
        };
        let ((capture, page), packed) =
            raw.ok_or_else(|| refuse("it comes without its capture".into()))?;
        let leaf = self.numbers.next_leaf();
        let place = Place {
            archive: self.archive,
            article: candidate.article,
            version: candidate.number,
            leaf,
            previous: candidate.previous,
        };
        let sealed = candidate
            .draft
            .seal(place, candidate.url, page)
            .map_err(|error| refuse(error.into()))?;
        let named = (candidate.article, candidate.number, leaf);
        self.changes
            .extend(changes::of_version(named, candidate.draft));
        self.versions.push(NewVersion {
            article: candidate.article,
            number: candidate.number,
            leaf,
            capture,
            draft: candidate.draft,
            packed,
            sealed,
        });
        Ok(leaf)
    }

    fn add_notice(
        &mut self,
        commit: &Commit,
        article: ArticleId,
        notice: &'c Notice,
    ) -> Result<LeafIndex, CatalogError> {
        let (url, _) = self.ground.tip(article)?;
        let place = NoticePlace {
            archive: self.archive,
            article,
            url: &url,
            version: self.ground.last(article)?,
            leaf: self.numbers.next_leaf(),
            at: commit.at,
        };
        let sealed = notice.seal(place, commit.capture.as_ref());
        let sealed = sealed.map_err(|error| CatalogError::Database {
            action: "seal a notice",
            source: error.into(),
        })?;
        let new = NewNotice {
            article,
            version: place.version,
            leaf: place.leaf,
            notice,
            sealed,
        };
        self.changes.push(changes::of_notice(&new));
        self.notices.push(new);
        Ok(place.leaf)
    }

    fn add_article(
        &mut self,
        commit: &'c Commit,
        first: &Candidate<'c, 'c>,
        scope: &'c str,
        validators: &'c Validators,
        leaf: LeafIndex,
    ) -> Result<(), CatalogError> {
        let captured_at = first.draft.captured_at;
        let published = first.draft.article.published.map(OffsetTimestamp::at);
        let sort_at = published.map_or(captured_at, |published| published.min(captured_at));
        self.articles.push(NewArticle {
            id: first.article,
            scope,
            url: first.url,
            home: commit.source,
            number_in_source: self.numbers.next_in_home(commit.source)?,
            entry: commit.entry,
            validators,
            sort_at,
            captured_at,
            seen_at: seen_at(commit),
            leaf,
            next_visit_at: commit.next_visit_at,
        });
        self.listings.push(Listing {
            source: commit.source,
            article: first.article,
            sort_at,
        });
        Ok(())
    }

    /// Notes the addresses of a new article, each once.
    fn name(&mut self, article: ArticleId, scope: &str, aliases: &'c [Alias]) {
        let scope: Arc<str> = scope.into();
        let mut named = HashSet::new();
        for alias in aliases {
            if named.insert(stored_key(&alias.key)) {
                self.first_aliases.push(NewAlias {
                    scope: Arc::clone(&scope),
                    article,
                    alias,
                });
            }
        }
    }

    /// Notes that a source lists a known article, and the addresses that name it.
    fn relate(
        &mut self,
        source: SourceId,
        article: ArticleId,
        aliases: &'c [Alias],
    ) -> Result<(), CatalogError> {
        let head = self.ground.heads.get(&article);
        let head = head.ok_or(CatalogError::Conflict)?;
        self.listings.push(Listing {
            source,
            article,
            sort_at: head.sort_at,
        });
        self.aliases.extend(aliases.iter().map(|alias| NewAlias {
            scope: Arc::clone(&head.scope),
            article,
            alias,
        }));
        Ok(())
    }

    /// Inserts the rows, each table after those that it refers to.
    pub(super) async fn write(&self, script: &mut Script<'_>) -> Outcome<()> {
        insert::captures(script, &self.captures).await?;
        insert::articles(script, &self.articles).await?;
        insert::leaves(script, &self.versions).await?;
        insert::versions(script, &self.versions).await?;
        changes::insert_notices(script, &self.notices).await?;
        changes::insert(script, &self.changes).await?;
        insert::aliases(script, &self.first_aliases, true).await?;
        insert::aliases(script, &self.aliases, false).await?;
        insert::listings(script, &self.listings).await
    }
}

impl Candidate<'_, '_> {
    fn committed(&self, leaf: LeafIndex) -> Committed {
        Committed::Version {
            article: self.article,
            version: self.number,
            leaf,
        }
    }
}

/// When the page was looked at.
pub(super) fn seen_at(commit: &Commit) -> Timestamp {
    commit.capture.as_ref().map_or(commit.at, |page| page.at)
}
