//! Names with prefixes: which vocabulary an element belongs to.

use super::Attributes;

/// A vocabulary that feeds use. RSS in all its namespaces, and Atom, are one: their elements
/// differ in name where they differ in meaning, and in the wild the namespaces are mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Core,
    DublinCore,
    DublinCoreTerms,
    Content,
    Syndication,
    Media,
    Itunes,
    Xhtml,
    /// SVG and `MathML`, which HTML calls foreign.
    Foreign,
    News,
    /// `SitemapImage`: pictures of a page.
    Image,
    Other,
}

/// The namespace declarations in force.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    bound: Vec<(&'a str, Space)>,
}

/// More prefixes than this in force at once no feed has.
const MOST: usize = 128;

impl<'a> Names<'a> {
    /// How many declarations are in force: hand it to [`Names::leave`] behind the element.
    pub(crate) fn mark(&self) -> usize {
        self.bound.len()
    }

    /// Forgets the declarations since the mark.
    pub(crate) fn leave(&mut self, mark: usize) {
        self.bound.truncate(mark);
    }

    /// Takes the declarations among the attributes of a start tag.
    pub(crate) fn declare(&mut self, attributes: &'a str) {
        if memchr::memmem::find(attributes.as_bytes(), b"xmlns").is_none() {
            return;
        }
        for attribute in Attributes::new(attributes) {
            let prefix = match attribute.name.strip_prefix("xmlns") {
                Some("") => "",
                Some(prefix) => match prefix.strip_prefix(':') {
                    Some(prefix) => prefix,
                    None => continue,
                },
                None => continue,
            };
            if self.bound.len() < MOST {
                self.bound.push((prefix, space_of(attribute.value, prefix)));
            }
        }
    }

    /// The vocabulary and the local name of a qualified name.
    pub(crate) fn resolve<'n>(&self, name: &'n str) -> (Space, &'n str) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let bound = self.bound.iter().rev().find(|(known, _)| *known == prefix);
        (
            bound.map_or_else(|| space_by_custom(prefix), |(_, space)| *space),
            local,
        )
    }
}

/// The vocabulary of a namespace name, however misspelt; failing that, what the prefix stands for
/// by custom.
fn space_of(uri: &str, prefix: &str) -> Space {
    let uri = uri.trim().to_ascii_lowercase();
    let uri = uri
        .trim_start_matches("http://")
        .trim_start_matches("https://");
    let uri = uri.trim_start_matches("www.").trim_end_matches(['/', '#']);
    match uri {
        "purl.org/dc/elements/1.1"
        | "purl.org/dc/elements/1.0"
        | "purl.org/metadata/dublin_core" => Space::DublinCore,
        "purl.org/dc/terms" => Space::DublinCoreTerms,
        "purl.org/rss/1.0/modules/content" => Space::Content,
        "purl.org/rss/1.0/modules/syndication" => Space::Syndication,
        "search.yahoo.com/mrss" | "search.yahoo.com/mrss/rss.xml" | "rssnamespace.org/media" => {
            Space::Media
        }
        "itunes.com/dtds/podcast-1.0.dtd" => Space::Itunes,
        "w3.org/1999/xhtml" => Space::Xhtml,
        "w3.org/2000/svg" | "w3.org/1998/math/mathml" => Space::Foreign,
        "google.com/schemas/sitemap-news/0.9" => Space::News,
        "google.com/schemas/sitemap-image/1.1" => Space::Image,
        "" | "w3.org/2005/atom" | "purl.org/atom/ns" | "w3.org/1999/02/22-rdf-syntax-ns" => {
            Space::Core
        }
        _ if uri.contains("sitemap") => Space::Core,
        _ if uri.contains("rss") && !uri.contains("/modules/") => Space::Core,
        _ if uri.contains("purl.org/net/rss") || uri.contains("my.netscape.com") => Space::Core,
        _ if prefix.is_empty() => Space::Core,
        _ => space_by_custom(prefix),
    }
}

fn space_by_custom(prefix: &str) -> Space {
    match prefix {
        "" | "atom" | "atom10" | "a10" | "rss" | "rdf" => Space::Core,
        "dc" => Space::DublinCore,
        "dcterms" => Space::DublinCoreTerms,
        "content" => Space::Content,
        "sy" => Space::Syndication,
        "media" => Space::Media,
        "itunes" => Space::Itunes,
        "xhtml" => Space::Xhtml,
        "news" => Space::News,
        _ => Space::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_namespace_decides_else_the_custom() {
        let mut names = Names::default();
        assert_eq!(names.resolve("dc:creator"), (Space::DublinCore, "creator"));
        assert_eq!(names.resolve("x:creator"), (Space::Other, "creator"));
        let mark = names.mark();
        names.declare(
            r#" xmlns:x="http://purl.org/dc/elements/1.1/" xmlns:dc="urn:mine" xmlns='urn:y'"#,
        );
        assert_eq!(names.resolve("x:creator"), (Space::DublinCore, "creator"));
        assert_eq!(names.resolve("dc:creator"), (Space::DublinCore, "creator"));
        assert_eq!(names.resolve("title"), (Space::Core, "title"));
        names.leave(mark);
        assert_eq!(names.resolve("x:creator"), (Space::Other, "creator"));
    }
}
