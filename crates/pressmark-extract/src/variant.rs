//! The same article in another form: as it is printed, or as an AMP page.

use pressmark_html::{Attr, NodeId, Tag, Tree};
use pressmark_model::WebUrl;

use crate::facts::Facts;

/// Where the page says, or links to, that its article stands in another form. What is printed comes
/// first: it is the whole article, on one page. Links to AMP pages are in the head only.
pub(crate) fn find(tree: &Tree<'_>, facts: &Facts, url: Option<&WebUrl>) -> Option<WebUrl> {
    let url = url.or(facts.canonical.as_ref())?;
    let told = facts.print.clone().or_else(|| linked(tree, facts, url));
    [told, facts.amp.clone()]
        .into_iter()
        .flatten()
        .map(|variant| variant.without_fragment())
        .find(|variant| variant.as_url() != url.without_fragment().as_url())
}

fn linked(tree: &Tree<'_>, facts: &Facts, url: &WebUrl) -> Option<WebUrl> {
    let links = tree
        .subtree(NodeId::ROOT)
        .filter(|id| tree.tag(*id) == Tag::A);
    links
        .filter_map(|id| tree.attr(id, Attr::Href))
        .filter(|href| href.contains("print"))
        .filter_map(|href| facts.base.as_ref().unwrap_or(url).join(href).ok())
        .find(|link| prints(url, link))
}

/// Whether the second address is the first one, but for what asks for it to be printed.
fn prints(url: &WebUrl, link: &WebUrl) -> bool {
    const FIELDS: [(&str, &str); 8] = [
        ("print", "1"),
        ("print", "true"),
        ("print", "yes"),
        ("print", "y"),
        ("print", "print"),
        ("view", "print"),
        ("format", "print"),
        ("mode", "print"),
    ];
    let of = |url: &WebUrl| url.as_url().path().trim_end_matches('/').to_owned();
    let (own, other) = (of(url), of(link));
    if url.host() != link.host() || own.is_empty() {
        return false;
    }
    let mut fields = link.as_url().query_pairs();
    let asked = fields.any(|field| FIELDS.contains(&(&*field.0, &*field.1)));
    let around = [other.strip_suffix("/print"), other.strip_prefix("/print")];
    asked && other == own || around.contains(&Some(&own))
}

#[cfg(test)]
mod tests {
    #[test]
    fn pages_to_print_are_known_by_their_addresses() {
        let prints = |url: &str, link: &str| {
            let parse = |path: &str| format!("https://a.example{path}").parse();
            match (parse(url), parse(link)) {
                (Ok(url), Ok(link)) => super::prints(&url, &link),
                _ => false,
            }
        };
        for link in [
            "/a/b?print=1",
            "/a/b/?x=2&view=print",
            "/a/b/print",
            "/print/a/b",
        ] {
            assert!(prints("/a/b", link), "{link}");
        }
        for link in [
            "/a/c?print=1",
            "/a/b?print=0",
            "/print",
            "/a/blueprint",
            "/a/b",
        ] {
            assert!(!prints("/a/b", link), "{link}");
        }
    }
}
