//! Addresses as people write them.

use pressmark_archive::Discovery;
use pressmark_archive::failure::Failure;
use pressmark_archive::ports::fetch::FetchFailure;
use pressmark_model::WebUrl;

use crate::output::hinted;

/// Reads addresses; a bare host is taken for an https one.
pub(super) fn addresses(texts: &[String]) -> anyhow::Result<Vec<WebUrl>> {
    texts.iter().map(|text| address(text)).collect()
}

/// Reads an address; its fragment is dropped.
pub(super) fn address(text: &str) -> anyhow::Result<WebUrl> {
    // Browsers hand feeds over as `feed:https://…` and `feed://…`.
    let text = match text.strip_prefix("feed:") {
        Some(rest) => rest.trim_start_matches("//"),
        None => text,
    };
    if text.starts_with(['/', '.', '~']) {
        return Err(hinted(
            format!("there is no file `{text}`"),
            "give the path of an OPML file, or an address such as `https://news.example/`",
        ));
    }
    let other_scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.chars().all(|c| c.is_ascii_alphabetic())
            && !rest.starts_with(|c: char| c.is_ascii_digit())
    });
    let whole = if text.contains("://") || other_scheme {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    whole
        .parse()
        .map(|url: WebUrl| url.without_fragment())
        .map_err(|error: pressmark_model::ParseUrlError| {
            hinted(
                error.to_string(),
                "give an address such as `https://news.example/`",
            )
        })
}

/// The same address without TLS, where the user named no scheme and there is none to be had.
pub(super) fn without_tls(text: &str, url: &WebUrl, seen: &Discovery) -> Option<WebUrl> {
    let failed = matches!(
        &seen.failure,
        Some(Failure::Fetch {
            failure: FetchFailure::Tls { .. } | FetchFailure::Connect { .. }
        })
    );
    (failed && !text.contains("://"))
        .then(|| url.as_str().replacen("https://", "http://", 1).parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_an_address_bar_is_read() {
        for (text, read) in [
            ("news.example", "https://news.example/"),
            ("news.example:8080/a", "https://news.example:8080/a"),
            ("localhost:8080", "https://localhost:8080/"),
            ("http://news.example/#top", "http://news.example/"),
            ("feed:https://news.example/f", "https://news.example/f"),
            ("feed://news.example/f", "https://news.example/f"),
            (
                "新闻.example/要闻",
                "https://xn--efvy88h.example/%E8%A6%81%E9%97%BB",
            ),
        ] {
            assert_eq!(address(text).unwrap().as_str(), read, "{text}");
        }
        for wrong in [
            "/home/me/list.opml",
            "./list.opml",
            "mailto:x@y.example",
            "ftp://x",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
