//! Visiting an entry's page: fetched, read, judged against the article's past, stored.

use std::time::Duration;

use bytes::Bytes;
use pressmark_model::{Digest, OffsetTimestamp, Timestamp, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::commit::{Alias, Commit, Committed, Decision, Draft};
use crate::decide::{Signs, Verdict, drastically_shorter, judge};
use crate::derive::{DERIVATION, Derived, derive, derive_entry, is_page};
use crate::entry::PendingEntry;
use crate::events::Event;
use crate::failure::Failure;
use crate::gather::{Deposit, Raw, RawCapture, Receipt};
use crate::ports::fetch::{FetchOutcome, FetchRequest, FetchedPage, Purpose, Validators};
use crate::recognise::{self, Claims};
use crate::schedule::retry_entry;
use crate::source::{Source, SourceSettings};
use crate::version::{ArticleHead, SuspectReason, VersionKind};

/// A decision is made anew so often when others commit to the same article meanwhile.
const STALE_TRIES: u32 = 5;
/// A text that is still doubted after so many visits is not asked for any more.
const TRIES_OF_DOUBTED_TEXTS: u32 = 4;

/// One turn of one source.
pub(crate) struct Visit<'a> {
    pub(crate) archive: &'a Archive,
    pub(crate) source: &'a Source,
    pub(crate) settings: SourceSettings,
    pub(crate) scope: String,
    patience: Duration,
    /// Which entry of this turn claims an address that is not its own link.
    pub(crate) claims: Claims,
}

/// A page with what was read from it, on its way to a decision.
struct Found {
    raw: RawCapture,
    validators: Validators,
    derived: Derived,
}

/// What a turn at a decision came to.
enum Settled {
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
        let revisit = head.is_some();
        let request = FetchRequest {
            url: link.clone(),
            purpose: if revisit {
                Purpose::Revisit
            } else {
                Purpose::Article
            },
            validators: validators(&pending, head),
            policy: self.policy(&link),
            patience: self.patience,
        };
        match self.archive.fetch.fetch(request).await {
            FetchOutcome::Failed(failed) => self.fail(&pending, failed.failure.into()).await,
            FetchOutcome::NotModified(answer) => {
                if let (true, Some(article)) = (revisit, pending.article) {
                    let decision = Decision::Unchanged {
                        article,
                        payload_digest: None,
                        aliases: Vec::new(),
                        validators: answer.validators,
                    };
                    self.store(&pending, None, decision).await?;
                    Ok(Event::Unchanged {
                        source: self.source.slug.clone(),
                        url: link,
                    })
                } else {
                    let found = "304 to a request without validators".to_owned();
                    self.fail(&pending, Failure::NotAPage { found }).await
                }
            }
            FetchOutcome::Page(page) => self.settle(&pending, &link, page).await,
        }
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
        let found = Found {
            raw: RawCapture {
                url: link.clone(),
                final_url: link.clone(),
                at: self.archive.clock.now(),
                status: 0,
                content_type: Some("text/html".to_owned()),
                payload_digest: Digest::of(&file),
                raw: Raw::File(file),
            },
            validators: Validators::default(),
            derived: derive_entry(entry, html, &self.source.url),
        };
        self.settle_found(pending, &link, &found).await
    }

    async fn settle(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        page: FetchedPage,
    ) -> Result<Event, ArchiveError> {
        if let Err(failure) = is_page(page.content_type(), &page.body) {
            return self.fail(pending, failure).await;
        }
        let (entry, to) = (pending.entry.clone(), link.clone());
        let read = move || Found {
            derived: derive(&page, &to, &entry),
            raw: RawCapture::of_page(&page),
            validators: page.validators,
        };
        let found = match self.archive.compute(read).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(url = %link, %error, "the extractor failed on a page");
                let reason = "reading the page failed".to_owned();
                return self.fail(pending, Failure::NoArticle { reason }).await;
            }
        };
        self.settle_found(pending, link, &found).await
    }

    async fn settle_found(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Found,
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
        found: &Found,
    ) -> Result<Settled, ArchiveError> {
        let aliases = match &pending.entry.link {
            Some(_) => self.aliases(pending, link, &found.raw.final_url, &found.derived),
            None => Vec::new(),
        };
        let draft = match found
            .derived
            .clone()
            .draft(found.raw.at, &self.archive.entropy)
        {
            Ok(draft) => draft,
            Err(failure) => return self.fail(pending, failure).await.map(Settled::Event),
        };
        let (head, aliases) = self.identify(pending, aliases, &draft.0).await?;
        match head {
            Some(head) => {
                self.further(pending, link, found, aliases, head, draft)
                    .await
            }
            None => self.first(pending, link, found, aliases, draft).await,
        }
    }

    async fn first(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Found,
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
        let decision = Decision::First {
            url: address(pending, link),
            scope: self.scope.clone(),
            version: Box::new(draft),
            aliases,
            validators: found.validators.clone(),
        };
        let receipt = self
            .store(pending, Some(found.raw.clone()), decision)
            .await?;
        Ok(self.archived(&receipt, link, title, VersionKind::First))
    }

    async fn further(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Found,
        aliases: Vec<Alias>,
        mut head: ArticleHead,
        (mut draft, mut signs): (Draft, Signs),
    ) -> Result<Settled, ArchiveError> {
        let article = head.id;
        self.derive_last_again(&mut head).await?;
        if drastically_shorter(&draft.article.text, &head.last.article.text) {
            let others = self
                .archive
                .catalog
                .others_with_text(article, &draft.text_digest)
                .await?;
            signs.shared_text = others > 0;
        }
        let validators = found.validators.clone();
        let unchanged = Settled::Event(Event::Unchanged {
            source: self.source.slug.clone(),
            url: link.without_fragment(),
        });
        match judge(&head, &draft, signs, self.archive.revisits.confirm_after) {
            Verdict::Unchanged => {
                let decision = Decision::Unchanged {
                    article,
                    payload_digest: Some(found.raw.payload_digest),
                    aliases,
                    validators,
                };
                // Without a body to refer to, the sighting alone is kept.
                let seen = self.seen_before(&found.raw).await?;
                self.store(pending, seen, decision).await?;
                Ok(unchanged)
            }
            Verdict::Suspect(reason) => {
                let confirm_after = self.archive.revisits.confirm_after;
                let doubted_for = head
                    .suspects
                    .iter()
                    .find(|suspect| suspect.digest == draft.digest)
                    .map_or(Duration::ZERO, |suspect| {
                        found.raw.at.since(suspect.first_seen_at)
                    });
                let again_at = again(reason, pending.attempts, doubted_for, confirm_after)
                    .then(|| found.raw.at.plus(confirm_after));
                let decision = Decision::Suspect {
                    article,
                    reason,
                    draft: Box::new(draft),
                    again_at,
                };
                let seen = self.seen_before(&found.raw).await?;
                let raw = seen.unwrap_or_else(|| found.raw.clone());
                self.store(pending, Some(raw), decision).await?;
                Ok(unchanged)
            }
            Verdict::Version(kind, seen_at) => {
                draft.kind = kind;
                draft.captured_at = seen_at;
                draft.partial = signs.wall && head.last.partial;
                let title = draft.article.title.clone();
                let decision = Decision::Next {
                    article,
                    after: head.last.number,
                    version: Box::new(draft),
                    aliases,
                    validators,
                };
                let receipt = self
                    .store(pending, Some(found.raw.clone()), decision)
                    .await?;
                Ok(self.archived(&receipt, link, title, kind))
            }
        }
    }

    /// The capture as a reference to one with the same payload, if the catalog has that.
    async fn seen_before(&self, raw: &RawCapture) -> Result<Option<RawCapture>, ArchiveError> {
        let catalog = &self.archive.catalog;
        let same = catalog
            .capture_with_payload(&raw.url, &raw.payload_digest)
            .await?;
        Ok(same.map(|same| {
            let mut raw = raw.clone();
            if let Raw::Http { same_as, .. } = &mut raw.raw {
                *same_as = Some(same);
            }
            raw
        }))
    }

    /// Reads the last version's capture with today's extractor, if another one read it: only texts
    /// that were derived alike are compared.
    async fn derive_last_again(&self, head: &mut ArticleHead) -> Result<(), ArchiveError> {
        if head.last.derivation == DERIVATION || head.last.kind == VersionKind::Imported {
            return Ok(());
        }
        if let Some(article) = self.archive.derive_again(&head.last).await? {
            head.last.digest = article.digest();
            head.last.article = article;
        }
        Ok(())
    }

    async fn fail(&self, pending: &PendingEntry, failure: Failure) -> Result<Event, ArchiveError> {
        let now = self.archive.clock.now();
        let chance = self.archive.chance();
        let retry_at = retry_entry(&failure, pending.attempts + 1, now, chance);
        let event = Event::EntryFailed {
            source: self.source.slug.clone(),
            url: pending.entry.link.clone(),
            failure: failure.clone(),
            again: retry_at.is_some(),
        };
        self.store(pending, None, Decision::Failed { failure, retry_at })
            .await?;
        Ok(event)
    }

    async fn store(
        &self,
        pending: &PendingEntry,
        raw: Option<RawCapture>,
        decision: Decision,
    ) -> Result<Receipt, ArchiveError> {
        let commit = Commit {
            source: self.source.id,
            entry: Some(pending.id),
            at: self.archive.clock.now(),
            capture: None,
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
        pending.entry.link.as_ref()?;
        let dated = match decision {
            Decision::First { version, .. } => Some(dated(version)),
            Decision::Next { version, .. } => pending.dated.or_else(|| Some(dated(version))),
            Decision::Suspect {
                again_at: Some(_), ..
            }
            | Decision::Failed {
                retry_at: Some(_), ..
            } => None,
            Decision::Suspect { draft, .. } => pending.dated.or_else(|| Some(dated(draft))),
            Decision::Unchanged { .. } => pending.dated.or_else(|| Some(self.archive.clock.now())),
            Decision::Failed { .. } => pending.dated,
        };
        let chance = self.archive.chance();
        let now = self.archive.clock.now();
        self.archive.revisits.next(dated?, now, chance)
    }

    fn archived(
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
            }) => Settled::Event(Event::Archived {
                source,
                article,
                version,
                kind,
                url: url.without_fragment(),
                title,
            }),
            Some(Committed::Stale) => Settled::Stale,
            Some(Committed::Noted) | None => Settled::Event(Event::Unchanged {
                source,
                url: url.clone(),
            }),
        }
    }
}

/// What to send back. An entry that brings a text of its own is read whole: the page may well be
/// the same while that has changed.
fn validators(pending: &PendingEntry, head: Option<ArticleHead>) -> Validators {
    match head {
        Some(head) if pending.entry.content.is_none() => head.validators,
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

/// Whether a doubted text is looked at again on its own: what stands before a text may go away at
/// any time, and is seen when the entry changes or the article's next visit is due.
fn again(
    reason: SuspectReason,
    attempts: u32,
    doubted_for: Duration,
    confirm_after: Duration,
) -> bool {
    matches!(reason, SuspectReason::Shorter | SuspectReason::EarlierText)
        && attempts < TRIES_OF_DOUBTED_TEXTS
        && doubted_for <= confirm_after * TRIES_OF_DOUBTED_TEXTS
}
