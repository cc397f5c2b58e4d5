//! From a captured page to a text that may become a version.

use pressmark_extract::{EXTRACTOR, Extraction, Hints, Page};
use pressmark_model::{Article, Digest, Entry, Timestamp, WebUrl};

use crate::commit::Draft;
use crate::decide::Signs;
use crate::entropy::Entropy;
use crate::failure::Failure;
use crate::version::VersionKind;

/// The key of what is derived today: only texts with the same key are compared.
pub const DERIVATION: &str = EXTRACTOR;

/// What was read from a page.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    pub(crate) article: Article,
    pub(crate) signs: Signs,
    pub(crate) canonical: Option<WebUrl>,
    pub(crate) amp: Option<WebUrl>,
}

/// Reads the article of a page. What the feed's entry says helps to find it.
pub(crate) fn derive(
    body: &[u8],
    content_type: Option<&str>,
    url: &WebUrl,
    at: Timestamp,
    entry: &Entry,
) -> Derived {
    let page = Page { bytes: body, content_type, url: Some(url), captured_at: at };
    let found = pressmark_extract::extract(&page, &hints(entry));
    let Extraction { mut article, canonical, amp, wall, .. } = found;
    complete(&mut article, entry);
    let signs = Signs {
        wall: wall.as_ref().is_some_and(|wall| !wall.is_error_page()),
        error_page: wall.as_ref().is_some_and(pressmark_extract::Wall::is_error_page),
        shared_text: false,
    };
    Derived { article, signs, canonical, amp }
}

/// What the page did not say, the feed may have said.
fn complete(article: &mut Article, entry: &Entry) {
    if article.title.is_empty() {
        article.title.clone_from(&entry.title);
    }
    if article.authors.is_empty() {
        article.authors = entry.authors.iter().map(|person| person.name.clone()).collect();
    }
    article.published = article.published.or(entry.published);
    article.updated = article.updated.or(entry.updated);
    if article.language.is_none() {
        article.language.clone_from(&entry.language);
    }
    if article.image.is_none() {
        article.image.clone_from(&entry.image);
    }
}

fn hints(entry: &Entry) -> Hints<'_> {
    Hints {
        title: Some(entry.title.as_str()).filter(|title| !title.is_empty()),
        summary: entry.summary.as_deref(),
        content: entry.content.as_deref(),
        published: entry.published,
        language: entry.language.as_deref(),
        ..Hints::default()
    }
}

impl Derived {
    /// The text as a draft, first seen at this time.
    pub(crate) fn draft(self, at: Timestamp, entropy: &Entropy) -> Result<(Draft, Signs), Failure> {
        if self.article.text.trim().is_empty() {
            let reason = if self.signs.wall {
                "the page shows a wall in its place"
            } else {
                "the page has no text that reads like one"
            };
            return Err(Failure::NoArticle { reason: reason.to_owned() });
        }
        let draft = Draft {
            digest: self.article.digest(),
            text_digest: Digest::of(self.article.text.as_bytes()),
            derivation: DERIVATION.to_owned(),
            kind: VersionKind::First,
            partial: self.signs.wall,
            captured_at: at,
            nonce: entropy.bytes(),
            article: self.article,
        };
        Ok((draft, self.signs))
    }
}

/// Whether an answer is a page of text, by its type and else by its first bytes.
pub(crate) fn is_page(content_type: Option<&str>, body: &[u8]) -> Result<(), Failure> {
    let declared = content_type
        .and_then(|value| value.split(';').next())
        .map(|media_type| media_type.trim().to_ascii_lowercase())
        .filter(|media_type| !media_type.is_empty() && media_type != "application/octet-stream");
    if body.is_empty() {
        return Err(Failure::NotAPage { found: "an empty answer".to_owned() });
    }
    let looks_like_text = !body.iter().take(512).any(|byte| *byte == 0);
    match declared.as_deref() {
        Some("text/html" | "application/xhtml+xml" | "application/xml" | "text/xml") => Ok(()),
        None if looks_like_text => Ok(()),
        None => Err(Failure::NotAPage { found: "binary data".to_owned() }),
        Some(other) => Err(Failure::NotAPage { found: format!("`{other}`") }),
    }
}
