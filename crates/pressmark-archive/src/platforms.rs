//! Where well-known services keep the feeds of their pages, by the pages' addresses.

use pressmark_model::WebUrl;

/// Host, path and feed, one service a line.
const TABLE: &str = include_str!("../data/platforms.txt");

/// The feeds that the page at an address has by the rules of the service that it is of, the
/// likeliest first. Nobody has been asked: they may not exist.
pub(crate) fn feeds_of(url: &WebUrl) -> Vec<WebUrl> {
    let lines = || {
        TABLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut words = line.split(' ');
                Some((words.next()?, words.next()?, words.next()?))
            })
            .filter(|(host, _, _)| fits_host(host, url.host()))
    };
    // What many services have in common is not asked of one that is known to be another.
    let is_known = lines().any(|(host, _, _)| host != "*");
    lines()
        .filter(|(host, _, _)| !is_known || *host != "*")
        .filter_map(|(_, path, feed)| fill(feed, &fit(path, url)?, url).parse().ok())
        .collect()
}

fn fits_host(pattern: &str, host: &str) -> bool {
    match pattern {
        "*" => true,
        pattern => match pattern.strip_prefix('*') {
            Some(end) => host.ends_with(end) && !host.starts_with("www."),
            None => ["", "www.", "m."]
                .iter()
                .any(|before| host.strip_prefix(before) == Some(pattern)),
        },
    }
}

/// The parts of the path that the pattern names, if the path is of its form.
fn fit<'u>(pattern: &str, url: &'u WebUrl) -> Option<Vec<(String, &'u str)>> {
    let (path, asked) = pattern.split_once('?').unwrap_or((pattern, ""));
    let mut wanted = path.split('/').filter(|part| !part.is_empty());
    let mut given = url
        .as_url()
        .path()
        .split('/')
        .filter(|part| !part.is_empty());
    let mut parts = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => break,
            (Some(wanted), Some(given)) => fit_part(wanted, given, &mut parts)?,
            _ => return None,
        }
    }
    if let Some((key, name)) = asked.split_once('=') {
        let query = url.as_url().query()?;
        let value = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))?;
        parts.push((name.trim_matches(['{', '}']).to_owned(), value));
    }
    Some(parts)
}

/// One part of a path, which may be text, or text before values: `@{name}@{host}`. Within a value
/// stands no `@`.
fn fit_part<'u>(
    mut wanted: &str,
    mut given: &'u str,
    parts: &mut Vec<(String, &'u str)>,
) -> Option<()> {
    while let Some((before, behind)) = wanted.split_once('{') {
        given = given.strip_prefix(before)?;
        let (name, rest) = behind.split_once('}')?;
        let inside = given.get(1..)?.find('@').map_or(given.len(), |at| at + 1);
        let (value, behind) = given.split_at_checked(inside)?;
        parts.push((name.to_owned(), value));
        (wanted, given) = (rest, behind);
    }
    (wanted == given).then_some(())
}

fn fill(feed: &str, parts: &[(String, &str)], url: &WebUrl) -> String {
    let mut filled = feed.replace("{origin}", &url.origin());
    for (name, value) in parts {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_services_have_their_feeds() {
        for (page, feed) in [
            (
                "https://www.youtube.com/channel/UC123",
                "https://www.youtube.com/feeds/videos.xml?channel_id=UC123",
            ),
            (
                "https://www.youtube.com/playlist?a=b&list=PL9",
                "https://www.youtube.com/feeds/videos.xml?playlist_id=PL9",
            ),
            (
                "https://github.com/rust-lang/rust",
                "https://github.com/rust-lang/rust/releases.atom",
            ),
            (
                "https://github.com/rust-lang/rust/commits/master/",
                "https://github.com/rust-lang/rust/commits/master.atom",
            ),
            (
                "https://mastodon.example/@ann",
                "https://mastodon.example/@ann.rss",
            ),
            (
                "https://letters.substack.com/",
                "https://letters.substack.com/feed",
            ),
            (
                "https://www.reddit.com/r/rust/",
                "https://www.reddit.com/r/rust/.rss",
            ),
            ("https://medium.com/@ann", "https://medium.com/feed/@ann"),
            (
                "https://bsky.app/profile/ann.example",
                "https://bsky.app/profile/ann.example/rss",
            ),
            ("https://ann.tumblr.com", "https://ann.tumblr.com/rss"),
            (
                "https://ann.wordpress.com/",
                "https://ann.wordpress.com/feed/",
            ),
            (
                "https://tube.example/c/sea/videos",
                "https://tube.example/feeds/videos.xml?videoChannelName=sea",
            ),
            (
                "https://lemmy.example/c/news",
                "https://lemmy.example/feeds/c/news.xml?sort=New",
            ),
            (
                "https://stackoverflow.com/questions/tagged/rust",
                "https://stackoverflow.com/feeds/tag/rust",
            ),
            (
                "https://talk.example/c/support/5",
                "https://talk.example/c/support/5.rss",
            ),
            (
                "https://gitlab.com/a/b",
                "https://gitlab.com/a/b/-/releases.atom",
            ),
        ] {
            let feeds = feeds_of(&page.parse().unwrap());
            assert_eq!(feeds.first().map(WebUrl::as_str), Some(feed), "{page}");
        }
    }

    #[test]
    fn feeds_stand_elsewhere_or_are_named_by_the_page() {
        for (page, feed) in [
            (
                "https://mastodon.example/@ann@other.example/",
                "https://other.example/@ann.rss",
            ),
            (
                "https://mastodon.example/tags/bees",
                "https://mastodon.example/tags/bees.rss",
            ),
            (
                "https://www.youtube.com/channel/UC123/videos",
                "https://www.youtube.com/feeds/videos.xml?channel_id=UC123",
            ),
        ] {
            let feeds = feeds_of(&page.parse().unwrap());
            assert_eq!(feeds.first().map(WebUrl::as_str), Some(feed), "{page}");
        }
        for none in [
            "https://news.example/",
            "https://www.substack.com/",
            "https://github.com/",
            // Its page names its feed.
            "https://www.youtube.com/@ann",
            "https://news.example/@",
            "https://news.example/@ann@",
        ] {
            assert!(feeds_of(&none.parse().unwrap()).is_empty(), "{none}");
        }
    }
}
