//! From a captured page to a text that may become a version.

use pressmark_extract::{EXTRACTOR, Extraction, Hints, Lesson, Page, Wall, WallKind};
use pressmark_model::{Article, Digest, Entry, Timestamp, WebUrl};

use crate::commit::Draft;
use crate::decide::{Signs, length};
use crate::entropy::Entropy;
use crate::failure::Failure;
use crate::identity;
use crate::pages::{self, Sheet};
use crate::ports::fetch::{FetchFailure, FetchedPage};
use crate::site::Known;
use crate::version::VersionKind;

/// What was read from a page.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    pub(crate) article: Article,
    pub(crate) wall: Option<Wall>,
    /// Whether an article was found in it.
    pub(crate) is_article: bool,
    /// How surely this is the article's text, in percent: the fit that is expected of it, and half
    /// of that where no article was found. `None` where it was not read from the page.
    pub(crate) confidence: Option<u8>,
    /// The link led to the site's front page, which is not what the entry is about.
    pub(crate) front_page: bool,
    pub(crate) canonical: Option<WebUrl>,
    pub(crate) amp: Option<WebUrl>,
    /// Where the article goes on, beyond what was read.
    pub(crate) leads_to: Option<WebUrl>,
    /// The key of what it was read with: only texts with the same key are compared.
    pub(crate) key: String,
    /// What the page teaches of its site.
    pub(crate) lesson: Option<Lesson>,
}

/// Reads the article of a page. What the feed's entry says helps to find it, and stands in for what
/// the page does not say.
pub(crate) fn derive(
    page: &FetchedPage,
    others: &[Sheet],
    link: &WebUrl,
    entry: &Entry,
    known: &Known,
) -> Derived {
    let read = Page {
        bytes: &page.body,
        content_type: page.content_type(),
        url: Some(&page.final_url),
        captured_at: page.at,
    };
    let mut derived = derive_page(&read, others, entry, known);
    derived.front_page = identity::names_one_page(link)
        && !identity::names_one_page(&page.final_url)
        && !identity::agree((&entry.title, ""), (&derived.article.title, ""));
    derived
}

/// The same for a page that may no longer be on the network.
pub(crate) fn derive_page(
    page: &Page<'_>,
    others: &[Sheet],
    entry: &Entry,
    known: &Known,
) -> Derived {
    let knowledge = page.url.map(|url| known.of(url)).unwrap_or_default();
    let (found, leads_to) = pages::read(page, others, &hints(entry), knowledge);
    let url = page.url;
    let Extraction {
        mut article,
        canonical,
        amp,
        wall,
        is_article,
        confidence,
        lesson,
        ..
    } = found;
    let doubtful = !is_article || wall.is_some();
    let fuller = entry.content.as_deref().and_then(|content| {
        let body = pressmark_extract::body_of(content, url, &article.title);
        let longer = length(&body.text) > length(&article.text) * if doubtful { 1 } else { 2 };
        longer.then_some(body)
    });
    // A marker that the entry's own title has is no evidence: the story is about it.
    let title = entry.title.to_lowercase();
    let wall = wall.filter(|wall| fuller.is_none() && !title.contains(&wall.marker));
    let confidence = fuller.is_none().then(|| percent(confidence, is_article));
    let is_article = is_article || fuller.is_some();
    if let Some(body) = fuller {
        article.html = body.html;
        article.text = body.text;
    }
    complete(&mut article, entry);
    article.remove_nul();
    Derived {
        article,
        wall,
        is_article,
        confidence,
        front_page: false,
        canonical,
        amp,
        leads_to,
        key: knowledge.derivation(),
        lesson,
    }
}

fn percent(confidence: f32, is_article: bool) -> u8 {
    let share = if is_article { 1.0 } else { 0.5 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 100"
    )]
    let percent = (confidence.clamp(0.0, 1.0) * share * 100.0).round() as u8;
    percent
}

/// Reads an article that stands in its feed's entry alone.
pub(crate) fn derive_entry(entry: &Entry, html: &str, base: &WebUrl) -> Derived {
    let body = pressmark_extract::body_of(html, Some(base), &entry.title);
    let mut article = Article {
        html: body.html,
        text: body.text,
        ..Article::default()
    };
    complete(&mut article, entry);
    article.remove_nul();
    Derived {
        article,
        wall: None,
        is_article: true,
        confidence: None,
        front_page: false,
        canonical: None,
        amp: None,
        leads_to: None,
        key: EXTRACTOR.to_owned(),
        lesson: None,
    }
}

/// What the page did not say, the feed may have said.
fn complete(article: &mut Article, entry: &Entry) {
    if article.title.is_empty() {
        article.title.clone_from(&entry.title);
    }
    if article.authors.is_empty() {
        article.authors = names(entry);
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

fn hints(entry: &Entry) -> Hints {
    Hints {
        title: Some(entry.title.clone()).filter(|title| !title.is_empty()),
        summary: entry.summary.clone(),
        authors: names(entry),
        published: entry.published,
        language: entry.language.clone(),
    }
}

fn names(entry: &Entry) -> Vec<String> {
    entry
        .authors
        .iter()
        .map(|person| person.name.clone())
        .collect()
}

impl Derived {
    /// What told that the page is an error page, if it is.
    pub(crate) fn error_marker(&self) -> Option<&str> {
        let wall = self.wall.as_ref();
        wall.filter(|wall| wall.kind == WallKind::ErrorPage)
            .map(|wall| wall.marker.as_str())
    }

    /// The text as a draft, first seen at this time.
    pub(crate) fn draft(self, at: Timestamp, entropy: &Entropy) -> Result<(Draft, Signs), Failure> {
        if let Some(Wall {
            kind: WallKind::BotChallenge,
            marker,
        }) = self.wall
        {
            return Err(FetchFailure::BotChallenge {
                by: format!("a page that says `{marker}`"),
            }
            .into());
        }
        let kind = self.wall.as_ref().map(|wall| wall.kind);
        if let Some(wall) = &self.wall
            && wall.kind == WallKind::Login
            && self.article.text.trim().is_empty()
        {
            let sign = format!("`{}`", wall.marker);
            return Err(Failure::LoginWall { sign });
        }
        if self.article.text.trim().is_empty() || kind == Some(WallKind::Consent) {
            let reason = match self.wall {
                Some(wall) => format!("the page shows something else: `{}`", wall.marker),
                None => "the page has no text that reads like one".to_owned(),
            };
            return Err(Failure::NoArticle { reason });
        }
        let signs = Signs {
            wall: kind.is_some_and(WallKind::is_partial),
            error_page: kind == Some(WallKind::ErrorPage) || self.front_page,
            shared_text: false,
            replaced: false,
        };
        let draft = Draft {
            digest: self.article.digest(),
            text_digest: Digest::of(self.article.text.as_bytes()),
            html_digest: Digest::of(self.article.html.as_bytes()),
            derivation: self.key,
            kind: VersionKind::First,
            partial: signs.wall,
            confidence: self.confidence,
            captured_at: at,
            edit: None,
            nonce: entropy.bytes(),
            article: self.article,
        };
        Ok((draft, signs))
    }
}

/// Whether an answer is a page of text, by its type and else by its first bytes.
pub fn is_page(content_type: Option<&str>, body: &[u8]) -> Result<(), Failure> {
    let declared = content_type
        .and_then(|value| value.split(';').next())
        .map(|media_type| media_type.trim().to_ascii_lowercase())
        .filter(|media_type| !media_type.is_empty() && media_type != "application/octet-stream");
    if body.is_empty() {
        return Err(Failure::NotAPage {
            found: "an empty answer".to_owned(),
        });
    }
    let utf_16 = body.starts_with(&[0xfe, 0xff]) || body.starts_with(&[0xff, 0xfe]);
    let looks_like_text = utf_16 || !body.iter().take(512).any(|byte| *byte == 0);
    match declared.as_deref() {
        Some("text/html" | "application/xhtml+xml" | "application/xml" | "text/xml") => Ok(()),
        None if looks_like_text => Ok(()),
        None => Err(Failure::NotAPage {
            found: "binary data".to_owned(),
        }),
        Some(other) => Err(Failure::NotAPage {
            found: format!("`{other}`"),
        }),
    }
}
