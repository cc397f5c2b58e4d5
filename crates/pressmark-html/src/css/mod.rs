//! CSS selectors over a [`Tree`]: level 3, and of level 4 `:is()`, `:where()`, `:not()` with lists,
//! `:has()` and `i` in attribute conditions. Scrapers' `:contains("…")` and `[a!=b]` are known, too.
//!
//! Each part of a selector is matched against all elements at once, one pass over the tree for
//! each part, so that no selector takes more than linear time.

mod parse;
mod path;
mod sets;

use crate::lookup::LookupError;
use crate::tag::Tag;
use crate::tree::{NodeId, Tree};

/// A compiled list of selectors.
///
/// ```
/// use pressmark_html::{Css, NodeId, Tree};
///
/// let tree = Tree::parse("<ul class=news><li><a href=/1>One</a><li><a href=/2>Two</a></ul>");
/// let links = Css::new("ul.news > li:not(:first-child) a[href]")?;
/// let found = links.select(&tree, NodeId::ROOT);
/// assert_eq!(found.iter().map(|id| tree.text_of(*id)).collect::<Vec<_>>(), ["Two"]);
/// assert_eq!(
///     Css::new("li:hover").unwrap_err().to_string(),
///     "`:hover` means nothing on a stored page at character 3"
/// );
/// # Ok::<(), pressmark_html::LookupError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Css {
    source: Box<str>,
    list: Vec<Complex>,
}

/// Compounds, the rightmost of which is what is found.
#[derive(Debug, Clone)]
struct Complex {
    first: Compound,
    rest: Vec<(Combinator, Compound)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Combinator {
    Descendant,
    Child,
    Next,
    Later,
}

#[derive(Debug, Clone, Default)]
struct Compound {
    tag: Option<(Tag, Box<str>)>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
enum Condition {
    Id(Box<str>),
    Class(Box<str>),
    Attribute {
        name: Box<str>,
        test: Test,
        value: Box<str>,
        any_case: bool,
    },
    Is(Vec<Complex>),
    Not(Vec<Complex>),
    Has(Vec<(Combinator, Complex)>),
    /// The place among its siblings is `step * n + start` for some n from 0.
    Nth {
        step: i64,
        start: i64,
        from_end: bool,
        of_type: bool,
    },
    Empty,
    Root,
    Contains(Box<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Present,
    Equals,
    Differs,
    HasWord,
    HasPrefixWord,
    StartsWith,
    EndsWith,
    Contains,
}

impl Css {
    /// Compiles a selector, or several with commas between them.
    pub fn new(source: &str) -> Result<Self, LookupError> {
        Ok(Self {
            source: source.into(),
            list: parse::parse(source)?,
        })
    }

    /// The selectors as they were written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The elements below this node that match, in document order. What stands around the node
    /// counts in matching.
    pub fn select(&self, tree: &Tree<'_>, within: NodeId) -> Vec<NodeId> {
        let matching = sets::of_list(tree, &self.list);
        tree.subtree(within)
            .skip(1)
            .filter(|id| matching.get(id.index()).copied().unwrap_or(false))
            .collect()
    }
}
