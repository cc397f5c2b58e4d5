//! Visiting an entry's page: fetched, read, judged against the article's past, stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pressmark_model::{ArticleId, EntryId, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::commit::{Alias, AliasEvidence, Commit, Committed, Decision, Draft};
use crate::decide::{CONFIRM_AFTER, Signs, Verdict, drastically_shorter, judge};
use crate::derive::{DERIVATION, Derived, derive, is_page};
use crate::entry::PendingEntry;
use crate::events::Event;
use crate::failure::Failure;
use crate::gather::{Deposit, Raw, RawCapture, Receipt};
use crate::identity;
use crate::ports::fetch::{FetchOutcome, FetchPolicy, FetchRequest, FetchedPage, Purpose};
use crate::schedule::retry_entry;
use crate::source::{Source, SourceSettings};
use crate::version::{ArticleHead, VersionKind};

/// A decision is made anew so often when others commit to the same article meanwhile.
const STALE_TRIES: u32 = 5;

/// One turn of one source.
pub(crate) struct Visit<'a> {
    archive: &'a Archive,
    source: &'a Source,
    settings: SourceSettings,
    scope: String,
    patience: Duration,
    /// Which entry of this turn claims an address that is not its own link.
    claims: Mutex<HashMap<String, EntryId>>,
}

/// A page with what was read from it, on its way to a decision.
struct Found {
    page: FetchedPage,
    derived: Arc<Derived>,
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
            scope: scope(source, &settings),
            settings,
            patience,
            claims: Mutex::new(HashMap::new()),
        }
    }

    /// Captures an entry's page. The world's faults are stored with the entry; only a failing
    /// store or catalog is an error.
    pub(crate) async fn capture(&self, pending: PendingEntry) -> Result<Event, ArchiveError> {
        let Some(link) = pending.entry.link.clone() else {
            return self.fail(&pending, Failure::NoLink).await;
        };
        let head = match pending.article {
            Some(article) => self.archive.catalog.article_head(article).await?,
            None => None,
        };
        let revisit = head.is_some();
        let request = FetchRequest {
            url: link.clone(),
            purpose: if revisit {
                Purpose::Revisit
            } else {
                Purpose::Article
            },
            validators: head
                .as_ref()
                .map(|head| head.validators.clone())
                .unwrap_or_default(),
            policy: self.policy(&link),
            patience: self.patience,
        };
        match self.archive.fetch.fetch(request).await {
            FetchOutcome::Failed(failed) => self.fail(&pending, failed.failure.into()).await,
            FetchOutcome::NotModified(answer) => {
                if let Some(article) = pending.article {
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

    /// How a page is fetched: cookie and headers are the source's site's alone.
    fn policy(&self, link: &WebUrl) -> FetchPolicy {
        let policy = self.settings.fetch_policy();
        if identity::same_site(link, &self.source.url) {
            return policy;
        }
        FetchPolicy {
            cookie: None,
            headers: Vec::new(),
            ..policy
        }
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
        let entry = pending.entry.clone();
        let (page, derived) = tokio::task::spawn_blocking(move || {
            let derived = derive(
                &page.body,
                page.content_type(),
                &page.final_url,
                page.at,
                &entry,
            );
            (page, derived)
        })
        .await?;
        let found = Found {
            page,
            derived: Arc::new(derived),
        };
        for _ in 0..STALE_TRIES {
            match self.decide(pending, link, &found).await? {
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
        let derived = Derived::clone(&found.derived);
        let aliases = self.aliases(pending, link, found);
        let draft = match derived.draft(found.page.at, &self.archive.entropy) {
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
            url: link.without_fragment(),
            scope: self.scope.clone(),
            version: Box::new(draft),
            aliases,
            validators: found.page.validators.clone(),
        };
        let receipt = self
            .store(pending, Some(RawCapture::of_page(&found.page)), decision)
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
        let validators = found.page.validators.clone();
        let mut raw = RawCapture::of_page(&found.page);
        let unchanged = Event::Unchanged {
            source: self.source.slug.clone(),
            url: link.clone(),
        };
        match judge(&head, &draft, signs) {
            Verdict::Unchanged => {
                let payload_digest = Some(raw.payload_digest);
                let same = self
                    .archive
                    .catalog
                    .capture_with_payload(&raw.url, &raw.payload_digest)
                    .await?;
                let revisit = same.map(|same| {
                    if let Raw::Http { same_as, .. } = &mut raw.raw {
                        *same_as = Some(same);
                    }
                    raw
                });
                let decision = Decision::Unchanged {
                    article,
                    payload_digest,
                    aliases,
                    validators,
                };
                self.store(pending, revisit, decision).await?;
                Ok(Settled::Event(unchanged))
            }
            Verdict::Suspect(reason) => {
                let again_at = found.page.at.plus(CONFIRM_AFTER);
                let draft = Box::new(draft);
                let decision = Decision::Suspect {
                    article,
                    reason,
                    draft,
                    again_at,
                };
                self.store(pending, Some(raw), decision).await?;
                Ok(Settled::Event(unchanged))
            }
            Verdict::Version(kind, seen_at) => {
                draft.kind = kind;
                draft.captured_at = seen_at;
                let title = draft.article.title.clone();
                let decision = Decision::Next {
                    article,
                    after: head.last.number,
                    version: Box::new(draft),
                    aliases,
                    validators,
                };
                let receipt = self.store(pending, Some(raw), decision).await?;
                Ok(self.archived(&receipt, link, title, kind))
            }
        }
    }

    /// The addresses that may name the page's article. One that another entry of this turn claims
    /// names none of them.
    fn aliases(&self, pending: &PendingEntry, link: &WebUrl, found: &Found) -> Vec<Alias> {
        let Derived { canonical, amp, .. } = &*found.derived;
        let mut aliases = identity::aliases(
            link,
            &found.page.final_url,
            canonical.as_ref(),
            amp.as_ref(),
        );
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        aliases.retain(|alias| {
            alias.evidence == AliasEvidence::Link
                || *claims.entry(alias.key.clone()).or_insert(pending.id) == pending.id
        });
        aliases
    }

    /// The article that a text belongs to, and the aliases that are free or its own.
    async fn identify(
        &self,
        pending: &PendingEntry,
        mut aliases: Vec<Alias>,
        draft: &Draft,
    ) -> Result<(Option<ArticleHead>, Vec<Alias>), ArchiveError> {
        let catalog = &self.archive.catalog;
        let keys: Vec<String> = aliases.iter().map(|alias| alias.key.clone()).collect();
        let known: HashMap<String, ArticleId> = catalog
            .articles_by_alias(&self.scope, &keys)
            .await?
            .into_iter()
            .collect();

        let mut head = match pending.article {
            Some(article) => catalog.article_head(article).await?,
            None => None,
        };
        for alias in &aliases {
            let (None, Some(article)) = (&head, known.get(&alias.key)) else {
                continue;
            };
            let Some(candidate) = catalog.article_head(*article).await? else {
                continue;
            };
            let last = &candidate.last.article;
            let new = &draft.article;
            if alias.evidence == AliasEvidence::Link
                || identity::agree((&last.title, &last.text), (&new.title, &new.text))
            {
                head = Some(candidate);
            }
        }
        let own = head.as_ref().map(|head| head.id);
        aliases.retain(|alias| {
            known
                .get(&alias.key)
                .is_none_or(|article| Some(*article) == own)
        });
        Ok((head, aliases))
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

/// What is fetched with credentials is kept apart from what everybody may read.
fn scope(source: &Source, settings: &SourceSettings) -> String {
    let secret = |line: &String| line.to_ascii_lowercase().starts_with("authorization:");
    let url = source.url.as_url();
    if settings.cookie.is_some()
        || settings.headers.iter().any(secret)
        || !url.username().is_empty()
        || url.password().is_some()
    {
        format!("source:{}", source.id)
    } else {
        identity::PUBLIC.to_owned()
    }
}
