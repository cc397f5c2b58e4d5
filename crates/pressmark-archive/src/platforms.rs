//! Where well-known services keep the feeds of their pages, by the pages' addresses.

use pressmark_model::WebUrl;

/// Host, path and feed, one service a line.
const TABLE: &str = include_str!("../data/platforms.txt");

/// The feeds that the page at an address has by the rules of the service that it is of, the
/// likeliest first. Nobody has been asked: they may not exist.
pub(crate) fn feeds_of(url: &WebUrl) -> Vec<WebUrl> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (host, path, feed) = (words.next()?, words.next()?, words.next()?);
            let parts = fits_host(host, url.host())
                .then(|| fit(path, url))
                .flatten()?;
            fill(feed, &parts, url).parse().ok()
        })
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
            (Some(wanted), Some(given)) => match wanted.split_once('{') {
                Some((before, name)) => {
                    let value = given
                        .strip_prefix(before)
                        .filter(|value| !value.is_empty())?;
                    parts.push((name.trim_end_matches('}').to_owned(), value));
                }
                None if wanted == given => {}
                None => return None,
            },
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
        for none in [
            "https://news.example/",
            "https://www.substack.com/",
            "https://github.com/",
        ] {
            assert!(feeds_of(&none.parse().unwrap()).is_empty(), "{none}");
        }
    }
}
