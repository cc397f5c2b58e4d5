//! Visiting an entry's page: fetched, read, judged against the article's past, stored.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use pressmark_model::{ArticleId, Digest, OffsetTimestamp, Timestamp, WebUrl};

use crate::absence::Notice;
use crate::archive::{Archive, ArchiveError};
use crate::commit::{Alias, Commit, Committed, Decision, Draft};
use crate::decide::Signs;
use crate::derive::{derive_entry, is_page};
use crate::entry::PendingEntry;
use crate::events::Event;
use crate::failure::Failure;
use crate::gather::{Deposit, Raw, RawCapture, Receipt};
use crate::identity;
use crate::pages::{Captured, Sheet};
use crate::ports::fetch::{
    FetchOutcome, FetchPolicy, FetchRequest, FetchedPage, Purpose, Validators,
};
use crate::recognise::{self, Claims};
use crate::rendering::Way;
use crate::schedule::retry_entry;
use crate::sibling::Sight;
use crate::site::Sites;
use crate::source::{Source, SourceSettings};
use crate::version::{ArticleHead, VersionKind};

/// A decision is made anew so often when others commit to the same article meanwhile.
const STALE_TRIES: u32 = 5;

/// One turn of one source.
pub(crate) struct Visit<'a> {
    pub(crate) archive: &'a Archive,
    pub(crate) source: &'a Source,
    pub(crate) settings: SourceSettings,
    pub(crate) scope: String,
    pub(crate) patience: Duration,
    /// Which entry of this turn claims an address that is not its own link.
    pub(crate) claims: Claims,
    /// What is known of the sites of its pages, and what they teach.
    pub(crate) sites: Mutex<Sites>,
}

/// What a turn at a decision came to.
pub(crate) enum Settled {
    Event(Event),
    Stale,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(archive: &'a Archive, source: &'a Source, patience: Duration) -> Self {
        let settings = archive.settings(source);
        Self {
            archive,
            source,
            scope: recognise::scope(source, &settings),
            settings,
            patience,
            claims: Claims::default(),
            sites: Mutex::default(),
        }
    }

    /// Captures an entry's page. The world's faults are stored with the entry; only a failing
    /// store or catalog is an error.
    pub(crate) async fn capture(&self, pending: PendingEntry) -> Result<Event, ArchiveError> {
        let link = match pending.entry.link.clone() {
            Some(link) if self.settings.full_text != Some(false) => link,
            _ => return self.capture_entry_itself(&pending).await,
        };
        let head = match pending.article {
            Some(article) => self.archive.catalog.article_head(article).await?,
            None => None,
        };
        let head = head.filter(|head| head.scope == self.scope);
        let way = self.way(head.as_ref());
        let request = self.request(&pending, &link, head.as_ref(), way);
        match (self.archive.fetch.fetch(request).await, head) {
            (FetchOutcome::Failed(failed), Some(head)) => {
                self.without_page(&pending, &link, &head, failed).await
            }
            (FetchOutcome::Failed(failed), None) => {
                self.fail(&pending, failed.failure.into()).await
            }
            (FetchOutcome::NotModified(answer), Some(head)) => {
                self.not_modified(&pending, link, &head, answer.validators)
                    .await
            }
            (FetchOutcome::NotModified(_), None) => {
                let found = "304 to a request without validators".to_owned();
                self.fail(&pending, Failure::NotAPage { found }).await
            }
            (FetchOutcome::Page(page), _) => {
                Box::pin(self.settle(&pending, &link, page, way)).await
            }
        }
    }

    fn request(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        head: Option<&ArticleHead>,
        way: Way,
    ) -> FetchRequest {
        FetchRequest {
            url: link.clone(),
            purpose: match head {
                Some(_) => Purpose::Revisit,
                None => Purpose::Article,
            },
            validators: match way {
                Way::Rendered => Validators::default(),
                _ if self.second_route(head).is_some() => Validators::default(),
                _ => validators(pending, head),
            },
            policy: self.policy_of(link, head),
            patience: self.patience,
        }
    }

    /// How a page of an article is fetched: whether it is gone is asked by another route, if there
    /// is one.
    pub(crate) fn policy_of(&self, link: &WebUrl, head: Option<&ArticleHead>) -> FetchPolicy {
        let mut policy = self.policy(link);
        if let Some(route) = self.second_route(head) {
            policy.proxy = Some(route.clone());
        }
        policy
    }

    fn second_route(&self, head: Option<&ArticleHead>) -> Option<&String> {
        let doubted = |head: &ArticleHead| head.deleted.is_none() && head.doubted_since().is_some();
        let route = self.archive.revisits.second_route.as_ref();
        route.filter(|_| head.is_some_and(doubted))
    }

    /// An entry without a link is an article of its own, if it has a text, and so is every entry
    /// of a source whose full text is off. Without a link, its address is the source's, with the
    /// entry's key for a fragment.
    async fn capture_entry_itself(&self, pending: &PendingEntry) -> Result<Event, ArchiveError> {
        let entry = &pending.entry;
        let Some(html) = entry.content.as_ref().or(entry.summary.as_ref()) else {
            let failure = match entry.link {
                Some(_) => Failure::NoArticle {
                    reason: "the feed gives no text, and `full_text` is off".to_owned(),
                },
                None => Failure::NoLink,
            };
            return self.fail(pending, failure).await;
        };
        let link = if let Some(link) = &entry.link {
            link.clone()
        } else {
            let mut address = self.source.url.as_url().clone();
            address.set_fragment(Some(pending.key.as_str()));
            let Ok(link) = WebUrl::try_from(address) else {
                return self.fail(pending, Failure::NoLink).await;
            };
            link
        };
        let file = Bytes::from(html.clone());
        let found = Captured {
            raw: RawCapture {
                url: link.clone(),
                final_url: link.clone(),
                at: self.archive.clock.now(),
                status: 0,
                content_type: Some("text/html".to_owned()),
                payload_digest: Digest::of(&file),
                raw: Raw::File(file.clone()),
            },
            validators: Validators::default(),
            derived: derive_entry(entry, html, &self.source.url),
            sheet: Sheet {
                url: link.clone(),
                content_type: Some("text/html".to_owned()),
                body: file.clone(),
            },
        };
        self.settle_found(pending, &link, &found).await
    }

    async fn settle(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        page: FetchedPage,
        way: Way,
    ) -> Result<Event, ArchiveError> {
        let read = match is_page(page.content_type(), &page.body) {
            Ok(()) => self.read(pending, link, page, way).await,
            Err(failure) => Err(failure),
        };
        match read {
            Ok(captured) => self.settle_found(pending, link, &captured).await,
            Err(failure) => self.fail(pending, failure).await,
        }
    }

    async fn settle_found(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Captured,
    ) -> Result<Event, ArchiveError> {
        for _ in 0..STALE_TRIES {
            match self.decide(pending, link, found).await? {
                Settled::Event(event) => return Ok(event),
                Settled::Stale => {}
            }
        }
        let reason = "its article kept changing under way".to_owned();
        self.fail(pending, Failure::NoArticle { reason }).await
    }

    async fn decide(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Captured,
    ) -> Result<Settled, ArchiveError> {
        let known = match pending.article {
            Some(article) => self.archive.catalog.article_head(article).await?,
            None => None,
        };
        let known = known.filter(|head| head.scope == self.scope);
        let sight = match &known {
            Some(head) if found.raw.status != 0 => self.sight(pending, link, found, head).await?,
            _ => Sight::Article,
        };
        if let (Some(head), Sight::Gone(reason)) = (&known, sight) {
            let raw = found.raw.clone();
            return self.absent(pending, link, head, reason, raw).await;
        }
        let aliases = match &pending.entry.link {
            Some(_) => self.aliases(pending, link, &found.raw.final_url, &found.derived),
            None => Vec::new(),
        };
        if let Some(redacted) = self.redacted(link, &aliases, found) {
            return self.keep_out(pending, redacted).await.map(Settled::Event);
        }
        let mut draft = match found
            .derived
            .clone()
            .draft(found.raw.at, &self.archive.entropy)
        {
            Ok(draft) => draft,
            Err(failure) => return self.fail(pending, failure).await.map(Settled::Event),
        };
        draft.1.error_page |= sight == Sight::Fault;
        draft.1.replaced = sight == Sight::Replaced;
        let (head, aliases) = self.identify(known, aliases, &draft.0).await?;
        match head {
            Some(head) => {
                self.further(pending, link, found, aliases, head, draft)
                    .await
            }
            None => self.first(pending, link, found, aliases, draft).await,
        }
    }

    /// The redacted article that a page is, by its addresses or by its text.
    fn redacted(&self, link: &WebUrl, aliases: &[Alias], found: &Captured) -> Option<ArticleId> {
        let archive = self.archive;
        let named = aliases.iter().map(|alias| alias.key.clone());
        let mut keys = named.chain([identity::key(link)]);
        let named = keys.find_map(|key| archive.redacted_as(&key));
        named.or_else(|| archive.redacted_text(&found.derived.article.text))
    }

    /// Stores nothing of a page of a redacted article, and takes the entry out that led to it.
    async fn keep_out(
        &self,
        pending: &PendingEntry,
        redacted: ArticleId,
    ) -> Result<Event, ArchiveError> {
        if pending.article.is_some() {
            return self.fail(pending, Failure::Redacted).await;
        }
        self.archive.redact_entry(redacted, pending).await?;
        Ok(Event::EntryFailed {
            source: self.source.slug.clone(),
            url: pending.entry.link.clone(),
            failure: Failure::Redacted,
            again: false,
        })
    }

    async fn first(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Captured,
        aliases: Vec<Alias>,
        (draft, signs): (Draft, Signs),
    ) -> Result<Settled, ArchiveError> {
        if signs.error_page {
            let reason = "the page reads like an error message".to_owned();
            return self
                .fail(pending, Failure::NoArticle { reason })
                .await
                .map(Settled::Event);
        }
        let title = draft.article.title.clone();
        let lesson = found.derived.lesson.clone().filter(|_| !draft.partial);
        let decision = Decision::First {
            url: address(pending, link),
            scope: self.scope.clone(),
            version: Box::new(draft),
            aliases,
            validators: found.validators.clone(),
        };
        let receipt = self
            .store(pending, Some(found.raw.clone()), decision, None)
            .await?;
        if let (Some(Committed::Version { .. }), Some(lesson)) = (receipt.committed, lesson) {
            self.taught(&found.raw.final_url, lesson);
        }
        Ok(self.archived(&receipt, link, title, VersionKind::First))
    }

    pub(crate) async fn fail(
        &self,
        pending: &PendingEntry,
        failure: Failure,
    ) -> Result<Event, ArchiveError> {
        let now = self.archive.clock.now();
        let chance = self.archive.chance();
        let retry_at = retry_entry(&failure, pending.attempts + 1, now, chance);
        let event = Event::EntryFailed {
            source: self.source.slug.clone(),
            url: pending.entry.link.clone(),
            failure: failure.clone(),
            again: retry_at.is_some(),
        };
        let decision = Decision::Failed { failure, retry_at };
        self.store(pending, None, decision, None).await?;
        Ok(event)
    }

    pub(crate) async fn store(
        &self,
        pending: &PendingEntry,
        raw: Option<RawCapture>,
        decision: Decision,
        notice: Option<Notice>,
    ) -> Result<Receipt, ArchiveError> {
        let commit = Commit {
            source: self.source.id,
            entry: Some(pending.id),
            at: self.archive.clock.now(),
            capture: None,
            notice,
            next_visit_at: self.next_visit(pending, &decision),
            decision,
        };
        Ok(self
            .archive
            .gatherer
            .store(Deposit {
                raw,
                commit: Some(commit),
            })
            .await?)
    }

    /// When the article's page is looked at again on its own: not while its entry waits for a visit
    /// anyway, and not where there is no page.
    fn next_visit(&self, pending: &PendingEntry, decision: &Decision) -> Option<Timestamp> {
        if pending.entry.link.is_none() || self.settings.full_text == Some(false) {
            return None;
        }
        let dated = match decision {
            Decision::First { version, .. } => Some(dated(version)),
            Decision::Next { version, .. } => pending.dated.or_else(|| Some(dated(version))),
            Decision::Suspect {
                again_at: Some(_), ..
            }
            | Decision::Absent {
                again_at: Some(_), ..
            }
            | Decision::Failed {
                retry_at: Some(_), ..
            } => None,
            Decision::Suspect { draft, .. } => pending.dated.or_else(|| Some(dated(draft))),
            Decision::Unchanged { .. } => pending.dated.or_else(|| Some(self.archive.clock.now())),
            Decision::Absent { .. } | Decision::Failed { .. } => pending.dated,
        };
        let chance = self.archive.chance();
        let now = self.archive.clock.now();
        self.archive.revisits.next(dated?, now, chance)
    }

    pub(crate) fn archived(
        &self,
        receipt: &Receipt,
        url: &WebUrl,
        title: String,
        kind: VersionKind,
    ) -> Settled {
        let source = self.source.slug.clone();
        match receipt.committed {
            Some(Committed::Version {
                article, version, ..
            }) => {
                self.archive.versions.notify_one();
                Settled::Event(Event::Archived {
                    source,
                    article,
                    version,
                    kind,
                    url: url.without_fragment(),
                    title,
                })
            }
            Some(Committed::Stale) => Settled::Stale,
            Some(Committed::Noted) | None => Settled::Event(Event::Unchanged {
                source,
                url: url.clone(),
            }),
        }
    }
}

/// What to send back. A changed entry that brings a text of its own is read whole: the page may
/// well be the same.
fn validators(pending: &PendingEntry, head: Option<&ArticleHead>) -> Validators {
    match head {
        Some(head) if pending.by_age || pending.entry.content.is_none() => head.validators.clone(),
        _ => Validators::default(),
    }
}

/// What the age of an article with this first text counts from.
fn dated(draft: &Draft) -> Timestamp {
    let published = draft.article.published.map(OffsetTimestamp::at);
    published.map_or(draft.captured_at, |at| at.min(draft.captured_at))
}

/// The address of an entry's article: its link without the fragment, unless the fragment is all
/// that tells it from others.
fn address(pending: &PendingEntry, link: &WebUrl) -> WebUrl {
    match pending.entry.link {
        Some(_) => link.without_fragment(),
        None => link.clone(),
    }
}
