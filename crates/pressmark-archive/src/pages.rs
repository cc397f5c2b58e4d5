//! Articles on several pages: all are captured, and read as one.

use bytes::Bytes;
use pressmark_extract::{Extraction, Hints, Knowledge, Page, extract_with};
use pressmark_model::WebUrl;

use crate::decide::length;
use crate::derive::{Derived, derive, is_page};
use crate::entry::PendingEntry;
use crate::failure::Failure;
use crate::gather::{Raw, RawCapture};
use crate::identity;
use crate::ports::fetch::{Fetch, FetchOutcome, FetchRequest, FetchedPage, Purpose, Validators};
use crate::visit::Visit;

/// No article is read from more pages than these.
const MOST_PAGES: usize = 10;

/// A page of an article beside its first one.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    pub(crate) url: WebUrl,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

/// Reads a page, and those of the others that it leads to. Gives besides where it leads to beyond
/// them.
pub(crate) fn read(
    page: &Page<'_>,
    others: &[Sheet],
    hints: &Hints,
    knowledge: Knowledge<'_>,
) -> (Extraction, Option<WebUrl>) {
    let mut found = extract_with(page, hints, &knowledge);
    let of = |url: &WebUrl| {
        let sheet = others.iter().find(|sheet| sheet.url == *url)?;
        let page = Page {
            bytes: &sheet.body,
            content_type: sheet.content_type.as_deref(),
            url: Some(&sheet.url),
            captured_at: page.captured_at,
        };
        Some(extract_with(&page, hints, &knowledge))
    };
    if let Some(whole) = found.single_page.clone() {
        let Some(other) = of(&whole) else {
            return (found, Some(whole));
        };
        if length(&other.article.text) >= length(&found.article.text) {
            found.article.html = other.article.html;
            found.article.text = other.article.text;
            found.is_article |= other.is_article;
            found.next = other.next;
        }
    }
    if found.single_page.is_none()
        && is_poor(&found)
        && let Some(variant) = found.variant.clone()
    {
        let Some(other) = of(&variant) else {
            return (found, Some(variant));
        };
        if is_better(&found, &other, page.url) {
            found.article.html = other.article.html;
            found.article.text = other.article.text;
            found.article.lead = found.article.lead.or(other.article.lead);
            found.confidence = other.confidence;
            found.is_article = other.is_article;
            found.wall = other.wall;
            found.next = other.next;
        }
    }
    let mut seen: Vec<WebUrl> = page.url.cloned().into_iter().collect();
    let mut next = found.next.clone();
    while let Some(url) = next.filter(|url| !seen.contains(url)) {
        let Some(other) = of(&url) else {
            return (found, Some(url));
        };
        seen.push(url);
        // A page without a text of its own, or with the same, is not the article's next one.
        let text = &other.article.text;
        if text.is_empty() || found.article.text.contains(text.as_str()) {
            break;
        }
        found.article.text.push('\n');
        found.article.text.push_str(text);
        found.article.html.push_str(&other.article.html);
        next = other.next;
    }
    (found, None)
}

/// Below so many letters a page holds too little to be the article.
const POOR: usize = 200;
/// Below so many, it does if a wall stands on it.
const POOR_BEHIND_A_WALL: usize = 1_500;

/// Whether a page holds so little that another form of its article is worth a request.
fn is_poor(found: &Extraction) -> bool {
    let walled = found
        .wall
        .as_ref()
        .is_some_and(|wall| wall.kind.is_partial());
    let least = if walled { POOR_BEHIND_A_WALL } else { POOR };
    length(&found.article.text) < least
}

/// Whether another form is of the same article, and holds clearly more of it.
fn is_better(found: &Extraction, other: &Extraction, url: Option<&WebUrl>) -> bool {
    let (own, its) = (&found.article, &other.article);
    let same = other.canonical.is_some() && other.canonical.as_ref() == url
        || identity::agree((&own.title, &own.text), (&its.title, &its.text));
    same && other.is_article && length(&its.text) * 2 > length(&own.text) * 3
}

/// A page with all that was captured for it, and what was read from them.
pub(crate) struct Captured {
    pub(crate) raw: RawCapture,
    pub(crate) validators: Validators,
    pub(crate) derived: Derived,
    /// What it was read from: the first page, or what that showed.
    pub(crate) sheet: Sheet,
}

impl Visit<'_> {
    /// Reads a page; where its article goes on elsewhere on its site, what stands there is fetched
    /// and read with it.
    pub(crate) async fn read_plain(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        first: FetchedPage,
    ) -> Result<Captured, Failure> {
        let mut others: Vec<FetchedPage> = Vec::new();
        loop {
            let derived = self.derive(pending, link, &first, &others).await?;
            let Some(url) = wanted(derived.leads_to.as_ref(), &first, others.len()) else {
                return Ok(captured(first, &others, derived));
            };
            let request = FetchRequest {
                url: url.clone(),
                purpose: Purpose::Article,
                validators: Validators::default(),
                policy: self.policy(url),
                patience: self.patience,
            };
            match fetch_further(&*self.archive.fetch, request).await? {
                Some(page) => others.push(page),
                None => return Ok(captured(first, &others, derived)),
            }
        }
    }

    pub(crate) async fn derive(
        &self,
        pending: &PendingEntry,
        link: &WebUrl,
        first: &FetchedPage,
        others: &[FetchedPage],
    ) -> Result<Derived, Failure> {
        let (entry, to, first) = (pending.entry.clone(), link.clone(), first.clone());
        let others: Vec<Sheet> = others.iter().map(sheet).collect();
        let known = self.known(&first.final_url).await.unwrap_or_else(|error| {
            tracing::error!(url = %link, %error, "what its site taught cannot be read");
            self.archive.known(None)
        });
        let read = move || derive(&first, &others, &to, &entry, &known);
        self.archive.compute(read).await.map_err(|error| {
            tracing::error!(url = %link, %error, "the extractor failed on a page");
            let reason = "reading the page failed".to_owned();
            Failure::NoArticle { reason }
        })
    }
}

/// Reads a page as archiving does, with what stands elsewhere on its site, and keeps nothing. What
/// further pages are asked for with is up to the caller.
///
/// # Errors
///
/// A further page could not be fetched, and may come yet.
pub async fn read_whole(
    fetch: &dyn Fetch,
    first: &FetchedPage,
    knowledge: Knowledge<'_>,
    request: impl Fn(&WebUrl) -> FetchRequest,
) -> Result<Extraction, Failure> {
    let page = Page {
        bytes: &first.body,
        content_type: first.content_type(),
        url: Some(&first.final_url),
        captured_at: first.at,
    };
    let mut others: Vec<Sheet> = Vec::new();
    loop {
        let (found, leads_to) = read(&page, &others, &Hints::default(), knowledge);
        let Some(url) = wanted(leads_to.as_ref(), first, others.len()) else {
            return Ok(found);
        };
        match fetch_further(fetch, request(url)).await? {
            Some(further) => others.push(sheet(&further)),
            None => return Ok(found),
        }
    }
}

/// Where an article goes on, if that may be fetched, too.
fn wanted<'a>(
    leads_to: Option<&'a WebUrl>,
    first: &FetchedPage,
    others: usize,
) -> Option<&'a WebUrl> {
    leads_to.filter(|url| others + 1 < MOST_PAGES && identity::same_site(url, &first.final_url))
}

/// A further page; none if it is not there for good. What may come yet is waited for: an article
/// that lacks pages would be an edit when they come.
async fn fetch_further(
    fetch: &dyn Fetch,
    request: FetchRequest,
) -> Result<Option<FetchedPage>, Failure> {
    let url = request.url.clone();
    match fetch.fetch(request).await {
        FetchOutcome::Page(page) => {
            let usable = page.final_url.without_fragment() == url
                && is_page(page.content_type(), &page.body).is_ok();
            Ok(usable.then_some(page))
        }
        FetchOutcome::Failed(failed) if failed.failure.is_transient() => Err(failed.failure.into()),
        FetchOutcome::Failed(_) | FetchOutcome::NotModified(_) => Ok(None),
    }
}

pub(crate) fn sheet(page: &FetchedPage) -> Sheet {
    Sheet {
        url: page.final_url.without_fragment(),
        content_type: page.content_type().map(str::to_owned),
        body: page.body.clone(),
    }
}

/// The capture of a page with the others' exchanges before its own: its record is the last one.
fn captured(first: FetchedPage, others: &[FetchedPage], derived: Derived) -> Captured {
    let mut raw = RawCapture::of_page(&first);
    if let Raw::Http { exchanges, .. } = &mut raw.raw {
        let further = others
            .iter()
            .flat_map(|page| page.exchanges.iter().cloned());
        exchanges.splice(0..0, further);
    }
    Captured {
        sheet: sheet(&first),
        raw,
        validators: first.validators,
        derived,
    }
}
