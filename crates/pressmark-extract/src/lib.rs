//! From the bytes of a page to its article: title, authors, times, language, lead and body, with a
//! trace of what became of every block and why.
//!
//! It is pure: bytes go in, values come out. It opens no file and no connection and asks no clock;
//! the time of the capture is handed in, and so is whatever else is known ([`Hints`],
//! [`Knowledge`]). It never fails: a page without an article gives an empty text.
//!
//! | you have | you call | you get |
//! |---|---|---|
//! | a page | [`extract`] | an [`Extraction`]: the article, how sure it is, the trace |
//! | a page, and rules for its site | [`extract_with`] | the same, the rules first |
//! | other pages of its site | [`Profile::learn`] | a [`Profile`] for `extract_with`: what repeats |
//! | a page that is read in a strange way | [`explain()`] | the page in colours, each block with its reason |
//! | content that is an article's already | [`body_of`] | a [`Body`] without share boxes and service footers |
//! | a page that lists articles | [`listing()`] | its entries |
//!
//! The article's `html` is sanitised, its addresses absolute; its `text` has one line a block,
//! captions left out; `pressmark_html::to_markdown` makes Markdown of the HTML.
//!
//! ```
//! use pressmark_extract::{Hints, Page, extract};
//! use pressmark_model::Timestamp;
//!
//! let html = "<html lang=en><title>Rain stops play | The Daily</title><nav><a href=/>Home</a></nav>
//!     <article><h1>Rain stops play</h1><p>Play was stopped by heavy rain on the third day of the
//!     test, with the visitors eleven runs behind and four wickets in hand.</p><p>It will begin
//!     again at noon, the umpires said, if the ground dries in time for the toss.</p></article>";
//! let page = Page {
//!     bytes: html.as_bytes(),
//!     content_type: Some("text/html; charset=utf-8"),
//!     url: None,
//!     captured_at: Timestamp::from_micros(1_700_000_000_000_000),
//! };
//! let found = extract(&page, &Hints::default());
//! assert_eq!(found.article.title, "Rain stops play");
//! assert_eq!(found.article.text.lines().count(), 2);
//! assert!(found.article.html.starts_with("<p>Play was stopped"));
//! ```

mod blocks;
mod body;
mod byline;
mod candidate;
mod clock;
mod date;
mod elements;
mod embedded;
mod explain;
mod facts;
mod features;
mod feeds;
mod forest;
mod headline;
mod jsonld;
mod lead;
mod lines;
mod listing;
mod marks;
mod measure;
mod next;
mod page;
mod phrases;
mod profile;
mod ruled;
mod rules;
mod title;
mod trace;
mod variant;
mod wall;
mod words;

use pressmark_html::{NodeId, Tree};
use pressmark_model::{Article, OffsetTimestamp, Timestamp, WebUrl};

pub use feeds::{FeedLink, Naming, feeds_in};
pub use listing::{ListingRule, ListingRuleError, listing, listing_by, may_be_article};
pub use profile::{Lesson, Profile, ProfileError};
pub use rules::{RuleIssue, RuleTest, Rules, SiteRules};
pub use trace::Decision;
pub use wall::{Wall, WallKind};

/// The extractor and its version: part of the key of what it derives. It changes whenever the same
/// page can give another text.
pub const EXTRACTOR: &str = "pressmark-extract/3";

/// A page as it was captured.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The body of the answer, content encoding undone.
    pub bytes: &'a [u8],
    /// The answer's `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Where it was found, after redirects; relative addresses are read against it.
    pub url: Option<&'a WebUrl>,
    /// When it was captured: relative times are read against it, and no article is later.
    pub captured_at: Timestamp,
}

/// What is already known of the article, as a rule from its entry in a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// The title, plain text.
    pub title: Option<String>,
    /// The teaser, plain text or HTML.
    pub summary: Option<String>,
    /// The authors' names.
    pub authors: Vec<String>,
    /// When it was published.
    pub published: Option<OffsetTimestamp>,
    /// The language, a BCP 47 tag.
    pub language: Option<String>,
}

/// What was read from a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// The article.
    pub article: Article,
    /// How well the body is expected to fit, from 0 to 1: near the F1, by words, of what is given
    /// against what it should be.
    pub confidence: f32,
    /// What became of every block of the page, in its order.
    pub trace: Vec<Decision>,
    /// `link rel=canonical`, if it is a web address.
    pub canonical: Option<WebUrl>,
    /// `link rel=amphtml`.
    pub amp: Option<WebUrl>,
    /// The next page of the same article.
    pub next: Option<WebUrl>,
    /// Where the whole article stands on one page, by a rule of the user.
    pub single_page: Option<WebUrl>,
    /// Where the page says that the same article stands in another form, as it is printed or as an
    /// AMP page: worth reading where this page holds less than the article.
    pub variant: Option<WebUrl>,
    /// Whether it is an advertisement in an article's form, by a rule of the user.
    pub advertisement: bool,
    /// A sign that this is not, or not all of, the article.
    pub wall: Option<Wall>,
    /// The feeds that the page names.
    pub feeds: Vec<FeedLink>,
    /// Whether the page is an article at all, rather than a listing, a form or an error page.
    pub is_article: bool,
    /// Whether the page says of itself that it is an article's: by `og:type`, or by a JSON-LD object
    /// that is not of another page. Lists of articles do so by mistake.
    pub says_article: bool,
    /// The encoding that the bytes were read in, by its name in the Encoding standard.
    pub encoding: &'static str,
    /// What the page teaches of its site's pages ([`Profile::learn`]); none where it is no article,
    /// or the user's rules name the body.
    pub lesson: Option<Lesson>,
}

/// What is known of a page's site beyond the page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Knowledge<'a> {
    /// The user's rules for the site: [`Rules::of`].
    pub rules: Option<&'a SiteRules>,
    /// What the site's own pages taught.
    pub profile: Option<&'a Profile>,
}

impl Knowledge<'_> {
    /// The key of what is derived with this knowledge: [`EXTRACTOR`], and the digest of whatever
    /// else decides. Only texts with the same key may be compared.
    pub fn derivation(&self) -> String {
        let mut key = EXTRACTOR.to_owned();
        if let Some(rules) = self.rules.filter(|rules| !rules.is_empty()) {
            key.push_str("+rules:");
            key.extend(rules.digest().hex().chars().take(16));
        }
        if let Some(profile) = self.profile.filter(|profile| !profile.is_void()) {
            key.push_str("+profile:");
            key.push_str(&profile.name());
        }
        key
    }
}

/// Reads the article of a page. Never fails. A page that is something else, a product, a thread or a
/// listing, gives what it is about; an empty one an empty text and a confidence of 0.
pub fn extract(page: &Page<'_>, hints: &Hints) -> Extraction {
    extract_with(page, hints, &Knowledge::default())
}

/// Reads the article of a page of which more is known: what the user's rules say is taken first,
/// then what other pages of the site taught; what they do not say is found as [`extract`] finds it.
pub fn extract_with(page: &Page<'_>, hints: &Hints, knowledge: &Knowledge<'_>) -> Extraction {
    let decoded = pressmark_html::decode(page.bytes, page.content_type);
    let replaced = knowledge
        .rules
        .and_then(|rules| rules.replace(&decoded.text));
    let tree = Tree::parse(replaced.as_deref().unwrap_or(&decoded.text));
    read(&tree, decoded.encoding, page, hints, *knowledge).extraction
}

/// An extraction, and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What [`extract_with`] gives.
    pub extraction: Extraction,
    /// The page as one HTML file that loads nothing and has no scripts: each block coloured by what
    /// became of it, with the list of all decisions beside it.
    pub html: String,
}

/// Reads the article of a page as [`extract_with`] does, and shows on the page itself what was kept
/// and what was not.
///
/// ```
/// # use pressmark_extract::{Hints, Knowledge, Page, explain};
/// # use pressmark_model::Timestamp;
/// let page = Page {
///     bytes: b"<article><h1>Tides</h1><p>High water is at noon.</p></article><nav>Home</nav>",
///     content_type: None,
///     url: None,
///     captured_at: Timestamp::from_micros(1_700_000_000_000_000),
/// };
/// let explained = explain(&page, &Hints::default(), &Knowledge::default());
/// assert!(explained.extraction.trace.iter().any(|decision| !decision.kept));
/// assert!(explained.html.starts_with("<!doctype html>"));
/// ```
pub fn explain(page: &Page<'_>, hints: &Hints, knowledge: &Knowledge<'_>) -> Explanation {
    let decoded = pressmark_html::decode(page.bytes, page.content_type);
    let replaced = knowledge
        .rules
        .and_then(|rules| rules.replace(&decoded.text));
    let tree = Tree::parse(replaced.as_deref().unwrap_or(&decoded.text));
    let found = read(&tree, decoded.encoding, page, hints, *knowledge);
    let shown = found.changed.as_ref().unwrap_or(&tree);
    let html = explain::page(shown, &found.extraction, &found.nodes);
    Explanation {
        extraction: found.extraction,
        html,
    }
}

/// What was read of a tree.
struct Read<'s> {
    extraction: Extraction,
    /// The node that each decision of the trace is on, where it is one of the tree that was read.
    nodes: Vec<Option<NodeId>>,
    /// The tree that was read instead, where the user's rules changed it.
    changed: Option<Tree<'s>>,
}

fn read<'s>(
    tree: &Tree<'s>,
    encoding: &'static str,
    page: &Page<'_>,
    hints: &Hints,
    knowledge: Knowledge<'_>,
) -> Read<'s> {
    let mut facts = facts::Facts::gather(tree, page.url);
    let measures = measure::Measures::of(tree);
    let (article, body, applied) = match knowledge.rules {
        None => {
            let profile = knowledge.profile;
            let body = body::find(tree, &measures, &facts, hints, page, profile);
            let article = title::article(tree, &measures, &facts, hints, page, &body);
            (article, body, rules::Applied::default())
        }
        Some(rules) => {
            if rules.skips_json_ld() {
                facts.json_ld = jsonld::JsonLd::default();
            }
            let known = (rules, knowledge.profile);
            ruled::read(tree, &measures, &facts, hints, page, known)
        }
    };
    let wall = wall::find(tree, &facts, &article);
    let is_article = body.is_article
        && body.confidence > 0.3
        && wall.as_ref().is_none_or(|wall| wall.kind.is_partial());
    let next = applied.next.or_else(|| next::find(tree, &facts, page.url));
    let variant = variant::find(tree, &facts, page.url);
    let (nodes, trace) = body.trace.into_iter().unzip();
    let says_article = facts.tell_article(page.url);
    let extraction = Extraction {
        article,
        confidence: body.confidence,
        trace,
        canonical: facts.canonical,
        amp: facts.amp,
        next,
        single_page: applied.single_page,
        variant,
        advertisement: applied.advertisement,
        wall,
        feeds: facts.feeds,
        is_article,
        says_article,
        encoding,
        lesson: body.lesson,
    };
    Read {
        extraction,
        nodes,
        changed: applied.body.or(applied.changed),
    }
}

/// A body without a page around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// Sanitised semantic HTML, addresses absolute.
    pub html: String,
    /// Plain text, one line a block, captions left out.
    pub text: String,
    /// What became of every block.
    pub trace: Vec<Decision>,
}

/// Cleans content that is already an article's (a feed entry's content, an imported record): share
/// boxes, service footers and empty elements go, all else stays. `title` is not repeated.
pub fn body_of(html: &str, base: Option<&WebUrl>, title: &str) -> Body {
    let tree = Tree::parse(html);
    let measures = measure::Measures::of(&tree);
    body::whole(&tree, &measures, base, title)
}

/// What the table for pages that are not articles is learned from: the text and the numbers of each
/// of the page's lines.
#[doc(hidden)]
pub fn rows_of(page: &Page<'_>) -> Vec<(String, Vec<f32>)> {
    let decoded = pressmark_html::decode(page.bytes, page.content_type);
    let tree = Tree::parse(&decoded.text);
    let facts = facts::Facts::gather(&tree, page.url);
    let measures = measure::Measures::of(&tree);
    body::rows(&tree, &measures, &facts, page.captured_at)
}
