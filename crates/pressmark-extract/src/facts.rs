//! What the page says about itself outside of its text: `meta`, `link`, `title` and JSON-LD.

use pressmark_html::{Attr, NodeId, Tag, Tree, fold};
use pressmark_model::WebUrl;

use crate::feeds::{self, FeedLink};
use crate::jsonld::JsonLd;

/// How many `meta` elements are kept: each look-up goes through all of them.
const MOST_METAS: usize = 1_000;

/// What was gathered. Texts are folded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) base: Option<WebUrl>,
    pub(crate) language: Option<String>,
    pub(crate) title_element: Option<String>,
    pub(crate) metas: Vec<(String, String)>,
    pub(crate) canonical: Option<WebUrl>,
    pub(crate) amp: Option<WebUrl>,
    /// Where it stands as it is printed.
    pub(crate) print: Option<WebUrl>,
    pub(crate) next: Option<WebUrl>,
    pub(crate) feeds: Vec<FeedLink>,
    pub(crate) json_ld: JsonLd,
}

impl Facts {
    pub(crate) fn gather(tree: &Tree<'_>, url: Option<&WebUrl>) -> Self {
        let mut facts = Self {
            base: feeds::base_of(tree, url),
            ..Self::default()
        };
        for id in tree.subtree(NodeId::ROOT) {
            match tree.tag(id) {
                Tag::Html => facts.language = attribute(tree, id, Attr::Lang),
                Tag::Title if facts.title_element.is_none() && !tree.is_foreign(id) => {
                    facts.title_element = Some(fold(tree.raw_text(id)));
                }
                Tag::Meta => facts.meta(tree, id),
                Tag::Link => facts.link(tree, id),
                Tag::Script => {
                    let kind = tree.attr(id, Attr::Type).unwrap_or_default();
                    if kind.trim().eq_ignore_ascii_case("application/ld+json") {
                        facts.json_ld.add(tree.raw_text(id));
                    }
                }
                _ => {}
            }
        }
        facts
    }

    fn meta(&mut self, tree: &Tree<'_>, id: NodeId) {
        let name = tree
            .attr(id, Attr::Property)
            .or_else(|| tree.attr(id, Attr::Name))
            .or_else(|| tree.attr(id, Attr::Itemprop))
            .or_else(|| tree.attr(id, Attr::HttpEquiv));
        let (Some(name), Some(content)) = (name, tree.attr(id, Attr::Content)) else {
            return;
        };
        let content = fold(content);
        if !content.is_empty() && self.metas.len() < MOST_METAS {
            self.metas.push((name.trim().to_ascii_lowercase(), content));
        }
    }

    fn link(&mut self, tree: &Tree<'_>, id: NodeId) {
        let rel = tree
            .attr(id, Attr::Rel)
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let slot = match rel.as_str() {
            "canonical" => &mut self.canonical,
            "amphtml" => &mut self.amp,
            "next" => &mut self.next,
            "alternate" if is_for_print(tree, id) => &mut self.print,
            _ => {
                feeds::add(tree, id, self.base.as_ref(), &mut self.feeds);
                return;
            }
        };
        let href = tree.attr(id, Attr::Href).unwrap_or_default();
        let url = match &self.base {
            Some(base) if !href.trim().is_empty() => base.join(href).ok(),
            _ => href.parse().ok(),
        };
        if slot.is_none() {
            *slot = url;
        }
    }

    /// The first `meta` of one of these names, the names in order of preference.
    pub(crate) fn meta_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|wanted| {
            self.metas
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, content)| content.as_str())
        })
    }

    /// Whether the page, at this address, says that it is one article's: by `og:type`, or by an
    /// article object in JSON-LD that is not another page's.
    pub(crate) fn tell_article(&self, url: Option<&WebUrl>) -> bool {
        let told = self.meta_of(&["og:type"]);
        if told.is_some_and(|kind| kind.eq_ignore_ascii_case("article")) {
            return true;
        }
        let path = |url: &WebUrl| url.as_url().path().trim_end_matches('/').to_owned();
        let own: Vec<String> = [url, self.canonical.as_ref()]
            .into_iter()
            .flatten()
            .map(path)
            .collect();
        let is_own = |page: &String| {
            let page = url.map_or_else(|| page.parse(), |url| url.join(page));
            page.is_ok_and(|page| own.contains(&path(&page)))
        };
        match self.json_ld.article_pages.as_slice() {
            [None] => true,
            pages => pages.iter().flatten().any(is_own),
        }
    }

    /// The texts that say in short what the article says: candidates for its lead.
    pub(crate) fn descriptions(&self) -> impl Iterator<Item = &str> {
        self.json_ld.description.as_deref().into_iter().chain(
            [
                "og:description",
                "description",
                "twitter:description",
                "dc.description",
            ]
            .into_iter()
            .filter_map(|name| self.meta_of(&[name])),
        )
    }
}

fn is_for_print(tree: &Tree<'_>, id: NodeId) -> bool {
    let media = tree.attr(id, Attr::Media).unwrap_or_default();
    media.trim().eq_ignore_ascii_case("print")
}

fn attribute(tree: &Tree<'_>, id: NodeId, attr: Attr) -> Option<String> {
    tree.attr(id, attr)
        .map(fold)
        .filter(|value| !value.is_empty())
}
