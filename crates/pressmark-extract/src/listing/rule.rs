//! Rules of a person for a page that lists articles: what its entries are, and where in them their
//! parts stand.

use pressmark_html::{Attr, Css, LookupError, NodeId, Tree, XPath};
use pressmark_model::{Entry, Person, WebUrl};

use super::escaped;
use crate::date::Reading;

/// What names the entries of a page, in place of their structure: a selector or an expression, and
/// behind semicolons, where wanted, an `XPath` expression for a part, seen from the entry:
/// `//li ; title=.//h2 ; link=.//a/@href ; date=.//time/@datetime`. Parts are `title`, `link`,
/// `date`, `teaser`, `author` and `image`; those that are not named are found by structure.
#[derive(Debug, Clone)]
pub struct ListingRule {
    entries: Entries,
    parts: Vec<(Part, XPath)>,
}

#[derive(Debug, Clone)]
enum Entries {
    Css(Css),
    XPath(XPath),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    Link,
    Date,
    Teaser,
    Author,
    Image,
}

const PARTS: [(&str, Part); 6] = [
    ("title", Part::Title),
    ("link", Part::Link),
    ("date", Part::Date),
    ("teaser", Part::Teaser),
    ("author", Part::Author),
    ("image", Part::Image),
];

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingRuleError {
    /// A selector or expression that is none.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// An expression that gives a text or a number.
    #[error("it gives no elements")]
    NoElements,
    /// A part that entries do not have.
    #[error("`{0}` names no part of an entry")]
    Part(String),
}

impl ListingRule {
    /// A CSS selector of the entries, or of their links, and parts.
    ///
    /// # Errors
    ///
    /// Says what of it cannot be used.
    pub fn css(rule: &str) -> Result<Self, ListingRuleError> {
        let mut pieces = pieces(rule).into_iter();
        let entries = Entries::Css(Css::new(pieces.next().unwrap_or_default())?);
        Self::of(entries, pieces)
    }

    /// An `XPath` expression of the same, and parts.
    ///
    /// # Errors
    ///
    /// Says what of it cannot be used.
    pub fn xpath(rule: &str) -> Result<Self, ListingRuleError> {
        let mut pieces = pieces(rule).into_iter();
        let path = XPath::new(pieces.next().unwrap_or_default())?;
        if !path.gives_nodes() {
            return Err(ListingRuleError::NoElements);
        }
        Self::of(Entries::XPath(path), pieces)
    }

    fn of<'r>(
        entries: Entries,
        pieces: impl Iterator<Item = &'r str>,
    ) -> Result<Self, ListingRuleError> {
        let mut parts = Vec::new();
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            let wrong = || ListingRuleError::Part(piece.to_owned());
            let (name, path) = piece.split_once('=').ok_or_else(wrong)?;
            let known = PARTS.iter().find(|(known, _)| *known == name.trim());
            let (_, part) = known.ok_or_else(wrong)?;
            parts.push((*part, XPath::new(path.trim())?));
        }
        Ok(Self { entries, parts })
    }

    /// The entries of a page. An expression that asks for too much work names none.
    pub(super) fn named(&self, tree: &Tree<'_>) -> Vec<NodeId> {
        match &self.entries {
            Entries::Css(css) => css.select(tree, NodeId::ROOT),
            Entries::XPath(path) => path.select(tree, NodeId::ROOT).unwrap_or_default(),
        }
    }

    fn part(&self, part: Part) -> Option<&XPath> {
        let found = self.parts.iter().find(|(known, _)| *known == part);
        found.map(|(_, path)| path)
    }

    fn text(&self, part: Part, tree: &Tree<'_>, node: NodeId) -> Option<String> {
        let text = self.part(part)?.text(tree, node).ok()?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(text).filter(|text| !text.is_empty())
    }

    /// Whether the rule says where entries lead.
    pub(super) fn names_links(&self) -> bool {
        self.part(Part::Link).is_some()
    }

    /// Where the rule says that an entry leads.
    pub(super) fn link(
        &self,
        tree: &Tree<'_>,
        node: NodeId,
        base: Option<&WebUrl>,
    ) -> Option<WebUrl> {
        self.address(Part::Link, tree, node, base)
    }

    /// An address: that of a link or picture, an attribute, or a text.
    fn address(
        &self,
        part: Part,
        tree: &Tree<'_>,
        node: NodeId,
        base: Option<&WebUrl>,
    ) -> Option<WebUrl> {
        let path = self.part(part)?;
        let of_element = path.select(tree, node).ok().and_then(|found| {
            let first = *found.first()?;
            let of = |attribute| tree.attr(first, attribute).map(str::to_owned);
            of(Attr::Href).or_else(|| of(Attr::Src))
        });
        let text = match of_element {
            Some(text) => text,
            None => path.text(tree, node).ok()?,
        };
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        match base {
            Some(base) => base.join(text).ok(),
            None => text.parse().ok(),
        }
    }

    /// Puts what the rule names into an entry.
    pub(super) fn fill(
        &self,
        entry: &mut Entry,
        tree: &Tree<'_>,
        node: NodeId,
        (reading, base): (&Reading, Option<&WebUrl>),
    ) {
        let text = |part| self.text(part, tree, node);
        if let Some(title) = text(Part::Title) {
            entry.title = title;
        }
        if let Some(teaser) = text(Part::Teaser) {
            entry.summary = Some(escaped(&teaser));
        }
        if let Some(name) = text(Part::Author) {
            let author = Person {
                name,
                ..Person::default()
            };
            entry.authors = vec![author];
        }
        let date = text(Part::Date).and_then(|text| reading.read(&text));
        entry.published = date.map(|found| found.at).or(entry.published);
        let image = self.address(Part::Image, tree, node, base);
        entry.image = image.or_else(|| entry.image.take());
    }
}

/// What stands between semicolons that are in no quotes.
fn pieces(rule: &str) -> Vec<&str> {
    let mut quote = None;
    rule.split(|c: char| match (quote, c) {
        (None, ';') => true,
        (None, '\'' | '"') => {
            quote = Some(c);
            false
        }
        (Some(open), c) if open == c => {
            quote = None;
            false
        }
        _ => false,
    })
    .map(str::trim)
    .collect()
}
