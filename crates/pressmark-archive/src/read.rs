//! Reading a source: its document is fetched, kept if it is new, and compared with what is known.

use std::time::Duration;

use pressmark_extract::{Naming, Page};
use pressmark_model::{Digest, EntryKey, Feed, FeedFormat, Parsed, Timestamp, WebUrl};

use crate::archive::{Archive, ArchiveError};
use crate::derive::is_page;
use crate::entry::{EntryDelta, FeedRead, ListedEntry, PollRecord, PollResult};
use crate::failure::Failure;
use crate::gap;
use crate::gather::{Deposit, RawCapture};
use crate::identity;
use crate::origin::{self, Reader};
use crate::ports::catalog::QuietTurn;
use crate::ports::fetch::{FetchOutcome, FetchRequest, FetchedPage, Purpose, Validators};
use crate::ports::render::RenderFailure;
use crate::recognise;
use crate::rhythm::Rhythm;
use crate::schedule::{Poll, back_off};
use crate::sitemaps::backfill;
use crate::source::{Source, SourceSettings};
use crate::sync;
use crate::wall;
use crate::watch::Reading;
use crate::websub::{HubOffer, Reliance};

/// So many answers in a row must name the same new address before it is believed.
const AGREEING_REDIRECTS: u32 = 3;

/// A page with fewer links to articles is no list of them.
pub(crate) const LEAST_OF_A_LIST: usize = 2;

/// What an answer brought, before it is stored.
pub(crate) struct Answer {
    pub(crate) result: PollResult,
    moved_to: Option<WebUrl>,
    pub(crate) wait: Duration,
    pub(crate) max_age: Option<Duration>,
    pub(crate) failure: Option<Failure>,
    /// The document is a page, and names this feed.
    named_feed: Option<WebUrl>,
    /// None of the entries that were listed before is listed still, and some may be missed.
    pub(crate) gap: bool,
}

impl Answer {
    fn nothing_new(validators: Validators, moved_to: Option<WebUrl>, wait: Duration) -> Self {
        Self {
            result: PollResult::NotModified { validators },
            moved_to,
            wait,
            max_age: None,
            failure: None,
            named_feed: None,
            gap: false,
        }
    }
}

impl Archive {
    /// Asks a source for its document and stores what it says. If that is nothing new and nothing
    /// else of the source `waits`, the turn is stored with others, and the source given back.
    pub(crate) async fn read_source(
        &self,
        source: &Source,
        patience: Duration,
        owner: i64,
        waits: bool,
    ) -> Result<Reading, ArchiveError> {
        let settings = &self.settings(source);
        let began = self.clock.now();
        let ask = |url| {
            self.reading
                .run(move || Box::pin(self.ask(source, settings, url, patience)))
        };
        let mut answer = ask(&source.url).await?;
        // A page that was added while it could not be looked at may name its feed.
        let named = answer
            .named_feed
            .take()
            .filter(|_| source.status.succeeded_at.is_none());
        if let Some(feed) = &named {
            answer = ask(feed).await?;
        }

        let joined = Box::pin(self.join_further(source, settings, answer, patience));
        let (mut answer, origins) = joined.await?;
        if answer.gap {
            self.learn_gap(source, settings, &mut answer);
        }
        let at = self.clock.now();
        if let (PollResult::NotModified { validators }, None, false) =
            (&answer.result, &answer.moved_to, waits)
            && settings.also.is_empty()
        {
            self.quiet
                .store(QuietTurn {
                    source: source.id,
                    owner,
                    at,
                    next_poll_at: at.plus(answer.wait),
                    validators: validators.clone(),
                })
                .await?;
            self.note_poll(source, began, at, false).await?;
            return Ok(Reading {
                given_back: true,
                ..Reading::default()
            });
        }
        let (moved_to, moved) = match answer.failure {
            Some(_) => (source.status.moved_to.clone(), None),
            None => follow(source, settings, answer.moved_to),
        };
        let found = named.filter(|_| answer.failure.is_none());
        let rhythm = match &answer.result {
            PollResult::Read(read) => Some(read.rhythm.clone()),
            PollResult::Failed { .. } | PollResult::NotModified { .. } => None,
        };
        let recorded = self
            .catalog
            .record_poll(&PollRecord {
                source: source.id,
                at,
                next_poll_at: at.plus(answer.wait),
                moved_to,
                new_url: moved.or(found),
                origins,
                result: answer.result,
            })
            .await?;
        if answer.failure.is_none() {
            self.note_poll(source, began, at, recorded.new + recorded.changed > 0)
                .await?;
        }
        Ok(Reading {
            new: recorded.new,
            changed: recorded.changed,
            gap: answer.gap,
            failure: answer.failure,
            rhythm,
            given_back: false,
        })
    }

    /// Notes a poll of a source of which a hub tells what is new.
    async fn note_poll(
        &self,
        source: &Source,
        began: Timestamp,
        ended: Timestamp,
        brought: bool,
    ) -> Result<(), ArchiveError> {
        if source.status.subscription.is_some() {
            self.catalog
                .note_poll(source.id, began, ended, brought)
                .await?;
        }
        Ok(())
    }

    async fn ask(
        &self,
        source: &Source,
        settings: &SourceSettings,
        url: &WebUrl,
        patience: Duration,
    ) -> Result<Answer, ArchiveError> {
        let request = FetchRequest {
            url: url.clone(),
            purpose: Purpose::Feed,
            validators: source.status.validators.clone(),
            policy: settings.fetch_policy(),
            patience,
        };
        match self.fetch.fetch(request).await {
            FetchOutcome::NotModified(answer) => {
                let wait = self.wait_unchanged(source, settings, answer.max_age);
                Ok(Answer::nothing_new(
                    answer.validators,
                    answer.moved_to,
                    wait,
                ))
            }
            FetchOutcome::Page(page) => {
                let page = self.unpacked(page).await;
                self.read_page(source, settings, page, patience).await
            }
            FetchOutcome::Failed(failed) => Ok(self.failed(source, failed.failure.into())),
        }
    }

    async fn read_page(
        &self,
        source: &Source,
        settings: &SourceSettings,
        page: FetchedPage,
        patience: Duration,
    ) -> Result<Answer, ArchiveError> {
        let (page, raw) = match self.as_shown(source, settings, page).await {
            Ok(front) => front,
            Err(failure) => return Ok(self.failed(source, failure.into())),
        };
        let (body_digest, validators) = (Digest::of(&page.body), page.validators.clone());
        let (moved_to, max_age, at) = (page.moved_to.clone(), page.max_age, page.at);
        let first_visit = source.status.succeeded_at.is_none();
        // What an index of sitemaps says stays the same while they change.
        if source.status.body_digest == Some(body_digest) && !origin::is_index(&page.body) {
            let wait = self.wait_unchanged(source, settings, max_age);
            return Ok(Answer::nothing_new(validators, moved_to, wait));
        }
        let parsed = match self.understand(source, settings, page).await {
            Ok(parsed) => parsed,
            Err((failure, named_feed)) => {
                return Ok(Answer {
                    named_feed,
                    ..self.failed(source, failure)
                });
            }
        };
        let (parsed, maps, offer) = parsed;
        let (mut feed, mut issues) = (parsed.value, parsed.issues);
        if let Some(maps) = maps {
            let backfill = backfill(settings, first_visit);
            match Box::pin(self.read_index(maps, backfill, settings, patience)).await {
                Ok(listed) => {
                    feed.entries = listed.entries;
                    issues.extend(listed.issues);
                }
                Err(failure) => return Ok(self.failed(source, failure)),
            }
        }
        let rhythm = source.status.rhythm.said_by(&feed);
        // A document that lists a redacted article is not kept: it has a part of its text.
        let has_redacted = self.strip_redacted(&mut feed.entries);
        let raw = (!has_redacted).then_some(raw);
        let deposit = Deposit { raw, commit: None };
        let capture = self.gatherer.store(deposit).await?.capture;
        let listed = sync::keyed(feed.entries);
        let keys: Vec<EntryKey> = listed.iter().map(|(key, _)| key.clone()).collect();
        let known = self.catalog.known_entries(source.id, &keys).await?;
        let mut read = FeedRead {
            validators,
            body_digest,
            format: feed.format,
            title: Some(feed.title).filter(|title| !title.is_empty()),
            home: feed.home,
            language: feed.language,
            issues,
            rhythm,
            hub: offer,
            captures: capture.into_iter().collect(),
            complete: true,
            entries: sync::compare(listed, &known, first_visit.then(|| limit(settings))),
        };
        let mut gap = !first_visit && known.is_empty() && keys.len() >= gap::LEAST;
        if gap {
            let listed = read.entries.iter().map(|listed| &listed.entry);
            gap = self.known_links(source.id, listed).await?.is_empty();
        }
        if gap {
            let older = self.read_older(source, settings, patience, feed.older, &mut read);
            gap = !older.await?;
        } else {
            read.rhythm.overlapped(known.len(), keys.len());
        }
        read.rhythm
            .note(sync::published(&read.entries, first_visit, at), at);
        let is_new = |listed: &ListedEntry| listed.delta != EntryDelta::Unchanged;
        let hub = self.reliance(source, read.entries.iter().any(is_new));
        Ok(Answer {
            wait: self.wait(settings, &read.rhythm, max_age, hub),
            result: PollResult::Read(Box::new(read)),
            moved_to,
            max_age,
            failure: None,
            named_feed: None,
            gap,
        })
    }

    /// Reads a document of a source away from the sockets.
    async fn understand(
        &self,
        source: &Source,
        settings: &SourceSettings,
        page: FetchedPage,
    ) -> Result<Document, (Failure, Option<WebUrl>)> {
        let reader = settings.read.clone();
        let status = &source.status;
        let may_list = status.succeeded_at.is_none() || status.format == FeedFormat::Listing;
        let read = self.compute(move || read_as(reader.as_ref(), &page, may_list));
        read.await.unwrap_or_else(|error| {
            tracing::error!(source = %source.slug, %error, "the reader failed on a document");
            let found = "a document that the reader failed on".to_owned();
            Err((Failure::NotAFeed { found }, None))
        })
    }

    /// How far a hub takes the place of polls after one that `brought` something or not.
    pub(crate) fn reliance(&self, source: &Source, brought: bool) -> Reliance {
        let subscription = source.status.subscription.as_ref();
        match subscription.filter(|_| self.callbacks.is_some()) {
            Some(subscription) => subscription.reliance(self.clock.now(), brought),
            None => Reliance::None,
        }
    }

    /// How long until the next poll after one that brought nothing.
    fn wait_unchanged(
        &self,
        source: &Source,
        settings: &SourceSettings,
        max_age: Option<Duration>,
    ) -> Duration {
        let hub = self.reliance(source, false);
        self.wait(settings, &source.status.rhythm, max_age, hub)
    }

    /// The page as it is read, rendered where that is wanted, and what is kept of it.
    async fn as_shown(
        &self,
        source: &Source,
        settings: &SourceSettings,
        page: FetchedPage,
    ) -> Result<(FetchedPage, RawCapture), RenderFailure> {
        let raw = RawCapture::of_page(&page);
        let reader = match (&settings.read, source.status.format) {
            (None, FeedFormat::Listing) => Some(&Reader::Listing),
            (reader, _) => reader.as_ref(),
        };
        let (page, rendered) = self.front(reader, settings, page).await?;
        Ok(match rendered {
            Some(rendered) => (page, raw.shown(rendered)),
            None => (page, raw),
        })
    }

    pub(crate) fn wait(
        &self,
        settings: &SourceSettings,
        rhythm: &Rhythm,
        max_age: Option<Duration>,
        hub: Reliance,
    ) -> Duration {
        let poll = Poll {
            now: self.clock.now(),
            interval: settings.interval,
            rhythm,
            max_age,
            hub,
            chance: self.chance(),
        };
        poll.wait()
    }

    fn failed(&self, source: &Source, failure: Failure) -> Answer {
        let gone = matches!(&failure, Failure::Fetch { failure } if failure.is_gone());
        let retry_after = match &failure {
            Failure::Fetch { failure } => failure.retry_after(),
            _ => None,
        };
        Answer {
            result: PollResult::Failed {
                failure: failure.clone(),
                gone,
            },
            moved_to: None,
            wait: back_off(source.status.failures + 1, retry_after, self.chance()),
            max_age: None,
            failure: Some(failure),
            named_feed: None,
            gap: false,
        }
    }
}

/// So many entries are listed at the first visit of a source, or of a further address of it.
pub(crate) fn limit(settings: &SourceSettings) -> usize {
    settings.backfill.map_or(sync::FIRST_VISIT, |number| {
        usize::try_from(number).unwrap_or(usize::MAX)
    })
}

/// A document that was read, the sitemaps that it names if it is an index of them, and the hub that
/// it offers.
type Document = (Parsed<Feed>, Option<Vec<WebUrl>>, Option<HubOffer>);

/// Reads a document as it is to be read. Without a reader a feed is expected; what is a page
/// instead may name one, or else list articles itself.
fn read_as(
    reader: Option<&Reader>,
    page: &FetchedPage,
    may_list: bool,
) -> Result<Document, (Failure, Option<WebUrl>)> {
    let failure = match reader.unwrap_or(&Reader::Feed).read(page) {
        Ok(mut parsed) => {
            let maps = origin::sitemaps_in(page, &parsed.value);
            origin::keep_articles(&mut parsed.value);
            let offer = HubOffer::of(page, &parsed.value);
            return Ok((parsed, maps, offer));
        }
        Err(failure) => failure,
    };
    let named = reader.is_none().then(|| first_feed(page)).flatten();
    if reader.is_none()
        && named.is_none()
        && may_list
        && let Ok(parsed) = Reader::Listing.read(page)
        && parsed.value.entries.len() >= LEAST_OF_A_LIST
    {
        return Ok((parsed, None, None));
    }
    Err((failure, named))
}

/// The first feed that a page names and is sure of.
fn first_feed(page: &FetchedPage) -> Option<WebUrl> {
    is_page(page.content_type(), &page.body).ok()?;
    pressmark_extract::feeds_in(&as_page(page))
        .into_iter()
        .find(|feed| feed.naming == Naming::Declared)
        .map(|feed| feed.url)
}

/// The page as the extractor takes it.
pub(crate) fn as_page(page: &FetchedPage) -> Page<'_> {
    Page {
        bytes: &page.body,
        content_type: page.content_type(),
        url: Some(&page.final_url),
        captured_at: page.at,
    }
}

/// Reads a document as a feed, or says what it is instead.
pub(crate) fn parse(page: &FetchedPage) -> Result<Parsed<Feed>, Failure> {
    if pressmark_feed::looks_like_feed(&page.body, page.content_type()).is_none() {
        let found = match page.content_type() {
            _ if page.body.is_empty() => "an empty answer".to_owned(),
            _ if let Some(wall) = wall::of(page) => return Err(wall),
            Some(kind) => format!("a document of type `{kind}`"),
            None => "a document of no known type".to_owned(),
        };
        return Err(Failure::NotAFeed { found });
    }
    Ok(pressmark_feed::parse(
        &page.body,
        page.content_type(),
        Some(&page.final_url),
    ))
}

/// Counts agreeing permanent redirects; enough of them make the new address the source's. Where
/// the source has credentials, another site never becomes the one that they are sent to.
fn follow(
    source: &Source,
    settings: &SourceSettings,
    moved_to: Option<WebUrl>,
) -> (Option<(WebUrl, u32)>, Option<WebUrl>) {
    let Some(target) = moved_to else {
        return (None, None);
    };
    let before = match &source.status.moved_to {
        Some((known, times)) if *known == target => *times,
        _ => 0,
    };
    let trusted = identity::same_site(&target, &source.url)
        || !recognise::has_credentials(&source.url, settings);
    if before + 1 >= AGREEING_REDIRECTS && trusted {
        (None, Some(target))
    } else {
        (Some((target, before + 1)), None)
    }
}
