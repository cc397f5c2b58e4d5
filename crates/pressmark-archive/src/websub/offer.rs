//! What a document says of hubs: its `Link` fields (RFC 8288), else the feed itself.

use pressmark_model::{Feed, WebUrl};

use crate::ports::fetch::FetchedPage;

/// A hub, and the topic under which it knows a feed (`WebSub`, 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubOffer {
    /// Where to subscribe.
    pub hub: WebUrl,
    /// What to subscribe to: the feed's own address as its publisher writes it.
    pub topic: WebUrl,
}

impl HubOffer {
    /// What a document offers; of several hubs the first one with a secure address. A feed that
    /// does not name itself is its own topic.
    pub(crate) fn of(page: &FetchedPage, feed: &Feed) -> Option<Self> {
        let named = |relation: &str| linked(page, relation);
        let mut hubs = named("hub");
        hubs.extend(feed.hubs.iter().cloned());
        let is_secure = |url: &&WebUrl| url.as_url().scheme() == "https";
        let hub = hubs.iter().find(is_secure).or(hubs.first())?.clone();
        let topic = named("self")
            .into_iter()
            .next()
            .or_else(|| feed.self_url.clone())
            .unwrap_or_else(|| page.final_url.clone());
        Some(Self {
            hub,
            topic: topic.without_fragment(),
        })
    }
}

/// The addresses of this relation in the `Link` fields.
fn linked(page: &FetchedPage, relation: &str) -> Vec<WebUrl> {
    let fields = page
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    fields
        .flat_map(|(_, value)| links(value))
        .filter(|(_, relations)| {
            let mut relations = relations.split_ascii_whitespace();
            relations.any(|word| word.eq_ignore_ascii_case(relation))
        })
        .filter_map(|(target, _)| page.final_url.join(&target).ok())
        .collect()
}

/// The links of a field, each with the value of its `rel`.
fn links(field: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let mut rest = field;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else {
            break;
        };
        let (parameters, next) = until_comma(after);
        links.push((target.trim().to_owned(), relations(parameters)));
        rest = next;
    }
    links
}

/// The parameters of a link, and what follows the comma behind them; commas in quotes are part of
/// a value.
fn until_comma(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    for (place, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                let (parameters, rest) = text.split_at_checked(place).unwrap_or((text, ""));
                return (parameters, rest.strip_prefix(',').unwrap_or(rest));
            }
            _ => {}
        }
    }
    (text, "")
}

fn relations(parameters: &str) -> String {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("rel"))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_fields_are_taken_apart() {
        let field = r#"<https://hub.example/a,b>; rel="hub", </feed>; title="x, <y>"; REL=self,
            <https://other.example/>; rel="next hub""#;
        let read = links(field);
        let read: Vec<(&str, &str)> = read.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(
            read,
            [
                ("https://hub.example/a,b", "hub"),
                ("/feed", "self"),
                ("https://other.example/", "next hub"),
            ]
        );
        for broken in ["", "<", "<a", "no link", "<a>;rel", ",,<>;;=,"] {
            assert!(
                links(broken).iter().all(|(_, rel)| rel.is_empty()),
                "{broken}"
            );
        }
    }
}
