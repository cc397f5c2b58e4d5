//! Which article a page is: its address decides, other addresses join in on evidence.

use pressmark_model::WebUrl;

use crate::commit::{Alias, AliasEvidence};

/// The scope of everything that is fetched without credentials.
pub const PUBLIC: &str = "public";

/// Host labels under which a site shows the same pages again.
const MIRROR_LABELS: [&str; 4] = ["www.", "m.", "mobile.", "amp."];

/// The key under which an address is looked up: no fragment, no tracking parameters, no
/// credentials. The scheme is dropped too: a site that moves to https keeps its articles.
pub fn key(url: &WebUrl) -> String {
    let url = url.clone().without_tracking();
    let url = url.as_url();
    let mut key = String::with_capacity(url.as_str().len());
    key.push_str(url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
    key.push_str(url.path());
    let pairs = url.query().unwrap_or_default().split('&');
    for (at, pair) in pairs.filter(|pair| !pair.is_empty()).enumerate() {
        key.push(if at == 0 { '?' } else { '&' });
        key.push_str(pair);
    }
    key
}

/// The addresses that may name the article of a page, each key once, the strongest first.
///
/// The link may name it whatever it is. The other addresses may only on the same site, and only if
/// they have a path or a query: a front page is nobody's alias.
pub fn aliases(
    link: &WebUrl,
    final_url: &WebUrl,
    canonical: Option<&WebUrl>,
    amp: Option<&WebUrl>,
) -> Vec<Alias> {
    let mut aliases = vec![Alias {
        key: key(link),
        evidence: AliasEvidence::Link,
    }];
    let further = [
        (Some(final_url), AliasEvidence::FinalUrl),
        (canonical, AliasEvidence::Canonical),
        (amp, AliasEvidence::Amp),
    ];
    for (url, evidence) in further {
        let Some(url) = url.filter(|url| names_one_page(url) && same_site(url, final_url)) else {
            continue;
        };
        let key = key(url);
        if aliases.iter().all(|alias| alias.key != key) {
            aliases.push(Alias { key, evidence });
        }
    }
    aliases
}

/// Whether two texts are of one article: the same title, or half of the shorter one's lines.
pub fn agree(one: (&str, &str), other: (&str, &str)) -> bool {
    let bare = |title: &str| {
        title
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    let (title, other_title) = (bare(one.0), bare(other.0));
    if !title.is_empty() && title == other_title {
        return true;
    }
    let (short, long) = if one.1.len() <= other.1.len() {
        (one.1, other.1)
    } else {
        (other.1, one.1)
    };
    let known: std::collections::HashSet<&str> = long.lines().collect();
    let lines = short.lines().count();
    lines > 0 && short.lines().filter(|line| known.contains(line)).count() * 2 >= lines
}

/// Whether an address can be of one article. A front page has no path and no query, or one that
/// says `home`, `index`, or a language.
pub fn names_one_page(url: &WebUrl) -> bool {
    if url.as_url().query().is_some() {
        return true;
    }
    let path = url.as_url().path().trim_matches('/').to_ascii_lowercase();
    let is_language = |path: &str| {
        let (language, region) = path.split_once(['-', '_']).unwrap_or((path, "xx"));
        let is_code = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
        is_code(language) && is_code(region)
    };
    let name = path.split_once('.').map_or(path.as_str(), |(name, _)| name);
    !(path.is_empty() || is_language(&path) || matches!(name, "index" | "home" | "default"))
}

/// Whether an address is of a page that leads back, or says why not: a log-in, a consent, a fault.
pub(crate) fn is_detour(url: &WebUrl) -> bool {
    const NAMES: [&str; 12] = [
        "login",
        "log-in",
        "signin",
        "sign-in",
        "consent",
        "subscribe",
        "register",
        "captcha",
        "challenge",
        "maintenance",
        "error",
        "wartung",
    ];
    let url = url.as_url();
    let host = url.host_str().unwrap_or_default();
    let parts = host.split('.').chain(url.path().split(['/', '.']));
    let mut parts = parts.map(str::to_ascii_lowercase);
    parts.any(|part| NAMES.contains(&part.as_str()))
}

/// Whether two addresses are of one site: one host, or one below the other, mirrors included.
pub fn same_site(one: &WebUrl, other: &WebUrl) -> bool {
    let (one, other) = (bare_host(one), bare_host(other));
    let within = |inner: &str, outer: &str| {
        inner
            .strip_suffix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    within(one, other) || within(other, one)
}

fn bare_host(url: &WebUrl) -> &str {
    let host = url.host();
    MIRROR_LABELS
        .iter()
        .find_map(|label| host.strip_prefix(label).filter(|rest| rest.contains('.')))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> WebUrl {
        text.parse().unwrap()
    }

    #[test]
    fn where_a_reader_came_from_is_no_part_of_the_key() {
        let bare = key(&url("http://a.example/x?id=7"));
        for same in [
            "https://a.example/x?id=7#top",
            "https://a.example/x?utm_source=rss&id=7&fbclid=z",
            "https://user:secret@a.example:443/x?id=7&UTM_Medium=feed",
        ] {
            assert_eq!(key(&url(same)), bare, "{same}");
        }
        assert_ne!(key(&url("https://a.example/x?id=8")), bare);
        assert_ne!(key(&url("https://a.example:8443/x?id=7")), bare);
    }

    #[test]
    fn a_front_page_or_another_site_is_no_alias() {
        let link = url("https://www.a.example/1");
        let found = aliases(
            &link,
            &url("https://www.a.example/1-title"),
            Some(&url("https://a.example/")),
            Some(&url("https://amp.other.example/1")),
        );
        let keys: Vec<_> = found.iter().map(|alias| alias.key.as_str()).collect();
        assert_eq!(keys, ["www.a.example/1", "www.a.example/1-title"]);

        let found = aliases(&link, &link, Some(&url("https://m.a.example/x")), None);
        assert_eq!(found.len(), 2, "the mobile site is the same site");
    }

    #[test]
    fn texts_agree_by_title_or_by_lines() {
        assert!(agree(("A title!", "x"), ("a Title", "y")));
        assert!(agree(("One", "a\nb\nc"), ("Two", "b\nc")));
        assert!(!agree(("One", "a\nb\nc"), ("Two", "d\ne")));
        assert!(!agree(("", ""), ("", "")));
    }
}
