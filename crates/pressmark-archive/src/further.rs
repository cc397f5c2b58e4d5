//! Visits to articles that are known: unchanged, edited, doubted, gone, back.

use std::time::Duration;

use pressmark_model::{ArticleId, Digest, Timestamp, VersionNumber, WebUrl};
use pressmark_proof::Presence;
use pressmark_warc::{final_response, split_head};

use crate::absence::{self, Absence, Judgement, Notice};
use crate::archive::ArchiveError;
use crate::commit::{Alias, Committed, Decision, Draft};
use crate::decide::{Signs, Verdict, drastically_shorter, judge};
use crate::edit::{Edit, is_more_than_counters};
use crate::entry::PendingEntry;
use crate::events::Event;
use crate::gather::{Raw, RawCapture, Receipt};
use crate::pages::Captured;
use crate::ports::fetch::{Failed, Validators};
use crate::reextract::Derivation;
use crate::reread::With;
use crate::version::{ArticleHead, SuspectReason, VersionKind};
use crate::visit::{Settled, Visit};

/// A text that is still doubted after so many visits is not asked for any more.
const TRIES_OF_DOUBTED_TEXTS: u32 = 4;
/// So many versions before the last one are read again when texts are read in another way.
const EARLIER_READ_AGAIN: i64 = 20;

impl Visit<'_> {
    /// The page of a known article could not be fetched: it may be gone.
    pub(crate) async fn without_page(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        head: &ArticleHead,
        failed: Failed,
    ) -> Result<Event, ArchiveError> {
        let at = failed.at;
        let failure = failed.failure.clone().into();
        let mut told = absence::of_failure(&failure);
        // Where a site refuses a whole region, no article of it is gone.
        if told == Some(Absence::Withheld) && !self.answers_otherwise(pending, link, head).await {
            told = None;
        }
        let answer = told.zip(raw_of_failed(link, failed));
        let Some((reason, raw)) = answer else {
            return self.fail(pending, failure).await;
        };
        match self.absent(pending, link, head, reason, raw).await? {
            Settled::Event(Event::Unchanged { source, url }) => Ok(Event::EntryFailed {
                source,
                url: Some(url),
                failure,
                again: absence::judge(head, at, self.archive.revisits.confirm_after)
                    != Judgement::Known,
            }),
            Settled::Event(event) => Ok(event),
            Settled::Stale => self.fail(pending, failure).await,
        }
    }

    /// The page of a known article is as it was.
    pub(crate) async fn not_modified(
        &self,
        pending: &PendingEntry,
        url: WebUrl,
        head: &ArticleHead,
        validators: Validators,
    ) -> Result<Event, ArchiveError> {
        let decision = Decision::Unchanged {
            article: head.id,
            payload_digest: None,
            aliases: Vec::new(),
            validators,
        };
        let back = self.back(head, self.archive.clock.now());
        self.store(pending, None, decision, back).await?;
        Ok(self.unchanged(head, url))
    }

    /// What is told of an article that was found as it was.
    fn unchanged(&self, head: &ArticleHead, url: WebUrl) -> Event {
        let source = self.source.slug.clone();
        match head.deleted {
            Some(_) => Event::Returned {
                source,
                article: head.id,
                url,
            },
            None => Event::Unchanged { source, url },
        }
    }

    /// Settles that the page of a known article is gone: doubted at first, believed when another
    /// visit sees it, too.
    pub(crate) async fn absent(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        head: &ArticleHead,
        reason: Absence,
        raw: RawCapture,
    ) -> Result<Settled, ArchiveError> {
        let judgement = absence::judge(head, raw.at, self.archive.revisits.confirm_after);
        let (again_at, notice) = match judgement {
            Judgement::Again(at) => (Some(at), None),
            Judgement::Deleted(since) => (None, Some(self.tombstone(head, reason, since))),
            Judgement::Known => (None, None),
        };
        let raw = match judgement {
            Judgement::Known => None,
            Judgement::Again(_) | Judgement::Deleted(_) => {
                Some(self.seen_before(&raw).await?.unwrap_or(raw))
            }
        };
        let decision = Decision::Absent {
            article: head.id,
            reason,
            again_at,
        };
        let (source, url) = (self.source.slug.clone(), link.without_fragment());
        let event = match notice {
            Some(_) => Event::Deleted {
                source,
                article: head.id,
                url,
                reason,
            },
            None => Event::Unchanged { source, url },
        };
        let receipt = self.store(pending, raw, decision, notice).await?;
        Ok(receipt.or_stale(Settled::Event(event)))
    }

    fn tombstone(&self, head: &ArticleHead, reason: Absence, since: Timestamp) -> Notice {
        Notice {
            state: Presence::Deleted,
            reason: Some(reason),
            since,
            removed: absence::removed(&head.last.article),
            nonce: self.archive.entropy.bytes(),
        }
    }

    /// That an article that was gone was found at this time.
    fn back(&self, head: &ArticleHead, at: Timestamp) -> Option<Notice> {
        head.deleted.map(|_| Notice {
            state: Presence::Returned,
            reason: None,
            since: at,
            removed: String::new(),
            nonce: self.archive.entropy.bytes(),
        })
    }

    /// What stands between the last version and a text, if it differs.
    async fn compare(
        &self,
        head: &ArticleHead,
        draft: &Draft,
        seen_at: Timestamp,
    ) -> Result<Option<Edit>, ArchiveError> {
        if head.last.digest == draft.digest {
            return Ok(None);
        }
        let (old, new) = (head.last.article.clone(), draft.article.clone());
        let apart = seen_at.since(head.last.captured_at);
        let compared = self
            .archive
            .compute(move || Edit::between(&old, &new, apart));
        Ok(Some(compared.await?))
    }

    /// Whether the body of a page is kept that differs by noise only: if the noise is more than
    /// counters, and the visit since the last version is the first, second, fourth, eighth and so
    /// on. What was taken for noise by mistake is not lost then, and boxes that rotate at every
    /// visit fill no disk.
    async fn keeps_noise(&self, head: &ArticleHead, draft: &Draft) -> Result<bool, ArchiveError> {
        if !head.sightings.saturating_add(1).is_power_of_two() {
            return Ok(false);
        }
        let (old, new) = (head.last.article.clone(), draft.article.clone());
        let more = self
            .archive
            .compute(move || is_more_than_counters(&old, &new));
        Ok(more.await?)
    }

    /// Whether other articles have this text, too.
    async fn others_have_text(
        &self,
        article: ArticleId,
        draft: &Draft,
    ) -> Result<bool, ArchiveError> {
        let catalog = &self.archive.catalog;
        let others = catalog.others_with_text(article, &draft.text_digest);
        Ok(others.await? > 0)
    }

    /// Settles a text of a known article.
    pub(crate) async fn further(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        found: &Captured,
        aliases: Vec<Alias>,
        mut head: ArticleHead,
        (mut draft, mut signs): (Draft, Signs),
    ) -> Result<Settled, ArchiveError> {
        let article = head.id;
        let read_at = &found.raw.final_url;
        let last = self.last_again(&mut head, &draft, read_at).await?;
        let edit = self.compare(&head, &draft, draft.captured_at).await?;
        let is_noise = edit.as_ref().is_some_and(Edit::is_noise);
        draft.edit = edit;
        let back = self.back(&head, found.raw.at);
        if signs.replaced || drastically_shorter(&draft.article.text, &head.last.article.text) {
            signs.shared_text = self.others_have_text(article, &draft).await?;
        }
        let validators = found.validators.clone();
        let unchanged = Settled::Event(self.unchanged(&head, link.without_fragment()));
        let confirm_after = self.archive.revisits.confirm_after;
        let verdict = if is_noise {
            Verdict::Unchanged
        } else {
            judge(&head, &draft, signs, confirm_after)
        };
        match verdict {
            Verdict::Unchanged => {
                let decision = Decision::Unchanged {
                    article,
                    payload_digest: Some(found.raw.payload_digest),
                    aliases,
                    validators,
                };
                // Without a body to refer to, the sighting alone is kept.
                let mut seen = self.seen_before(&found.raw).await?;
                if seen.is_none() && is_noise && self.keeps_noise(&head, &draft).await? {
                    seen = Some(found.raw.clone());
                }
                let receipt = self.store(pending, seen, decision, back).await?;
                Ok(receipt.or_stale(unchanged))
            }
            Verdict::Suspect(reason) => {
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
                self.store(pending, Some(raw), decision, None).await?;
                Ok(unchanged)
            }
            Verdict::Version(kind, seen_at) => {
                Box::pin(self.store_alike(&head, last, read_at)).await?;
                // A text that was doubted is dated at its first sight.
                if seen_at != draft.captured_at {
                    draft.edit = self.compare(&head, &draft, seen_at).await?;
                }
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
                    .store(pending, Some(found.raw.clone()), decision, back)
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
                *same_as = Some(Box::new(same));
            }
            raw
        }))
    }

    /// Reads the last version's capture again, if it was read by another extractor, other rules or
    /// another profile than the new text: only texts that were derived alike are compared. Gives
    /// what was read, for those who compare the two later.
    async fn last_again(
        &self,
        head: &mut ArticleHead,
        draft: &Draft,
        read_at: &WebUrl,
    ) -> Result<Option<Derivation>, ArchiveError> {
        let key = &draft.derivation;
        if head.last.derivation == *key || head.last.kind == VersionKind::Imported {
            return Ok(None);
        }
        let with = self.with(key, read_at).await?;
        let Some(article) = self.archive.derive_again(&head.last, with).await? else {
            return Ok(None);
        };
        head.last.digest = article.digest();
        head.last.article = article.clone();
        Ok(Some(Derivation {
            article_id: head.id,
            number: head.last.number,
            extractor: key.clone(),
            article,
        }))
    }

    /// Stores the last version as it was read again, and those before it read alike: readers compare
    /// any two.
    async fn store_alike(
        &self,
        head: &ArticleHead,
        last: Option<Derivation>,
        read_at: &WebUrl,
    ) -> Result<(), ArchiveError> {
        let Some(last) = last else { return Ok(()) };
        let first = head.last.number.0.saturating_sub(EARLIER_READ_AGAIN).max(1);
        let wanted: Vec<_> = (first..head.last.number.0)
            .map(|number| (head.id, VersionNumber(number)))
            .collect();
        let with = self.with(&last.extractor, read_at).await?;
        let mut alike = Vec::new();
        for version in self.archive.catalog.versions_of(&wanted).await? {
            if version.derivation == last.extractor || version.kind == VersionKind::Imported {
                continue;
            }
            let read = self.archive.derive_again(&version, with.clone()).await?;
            alike.extend(read.map(|article| Derivation {
                article_id: head.id,
                number: version.number,
                extractor: last.extractor.clone(),
                article,
            }));
        }
        alike.push(last);
        Ok(self.archive.catalog.store_derivations(&alike).await?)
    }

    /// The profile that texts of this key were read with.
    async fn with(&self, key: &str, read_at: &WebUrl) -> Result<With, ArchiveError> {
        let profile = self.known(read_at).await?.profile;
        let profile = profile.filter(|profile| key.ends_with(&profile.name()));
        Ok(With::Profile(profile))
    }
}

impl Receipt {
    /// What was settled, unless others were faster.
    fn or_stale(&self, settled: Settled) -> Settled {
        match self.committed {
            Some(Committed::Stale) => Settled::Stale,
            Some(Committed::Version { .. } | Committed::Noted) | None => settled,
        }
    }
}

/// The answer that a failure was: what is kept of a page that is gone.
fn raw_of_failed(link: &WebUrl, failed: Failed) -> Option<RawCapture> {
    let last = failed.exchanges.last()?;
    let (head, body) = split_head(final_response(&last.response));
    let head = String::from_utf8_lossy(head);
    let status = head.split_ascii_whitespace().nth(1)?.parse().ok()?;
    let content_type = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type")
            .then(|| value.trim().to_owned())
    });
    Some(RawCapture {
        url: link.clone(),
        final_url: last.url.clone(),
        at: failed.at,
        status,
        content_type,
        payload_digest: Digest::of(body),
        raw: Raw::Http {
            exchanges: failed.exchanges,
            same_as: None,
            rendered: None,
        },
    })
}

/// Whether a doubted text is looked at again on its own: what stands before a text may go away at
/// any time, and is seen when the entry changes or the article's next visit is due.
fn again(
    reason: SuspectReason,
    attempts: u32,
    doubted_for: Duration,
    confirm_after: Duration,
) -> bool {
    matches!(
        reason,
        SuspectReason::Shorter | SuspectReason::EarlierText | SuspectReason::Replaced
    ) && attempts < TRIES_OF_DOUBTED_TEXTS
        && doubted_for <= confirm_after * TRIES_OF_DOUBTED_TEXTS
}
