//! CDXJ: one line of index a record, as pywb and other replay tools read it.

use pressmark_model::{Digest, Timestamp, WebUrl};
use serde::Serialize;

/// What a line says of a record. Lines of one index are sorted by their bytes.
#[derive(Debug, Clone)]
pub struct IndexEntry<'a> {
    /// The address that was captured.
    pub url: &'a WebUrl,
    /// When; written to the second.
    pub date: Timestamp,
    /// The media type of the response, `warc/revisit` for a revisit.
    pub mime: &'a str,
    /// The status of the response.
    pub status: u16,
    /// The payload digest.
    pub digest: Option<Digest>,
    /// The length of the gzip member in bytes.
    pub length: u64,
    /// Where the gzip member begins.
    pub offset: u64,
    /// The file that it is in.
    pub filename: &'a str,
}

#[derive(Serialize)]
struct Fields<'a> {
    url: &'a str,
    mime: &'a str,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    length: String,
    offset: String,
    filename: &'a str,
}

impl IndexEntry<'_> {
    /// The line: sort key, 14 digits of time, a JSON object whose values are strings, a line feed.
    pub fn to_line(&self) -> String {
        let url = self.url.without_fragment();
        let fields = Fields {
            url: url.as_str(),
            mime: self.mime,
            status: self.status.to_string(),
            digest: self.digest,
            length: self.length.to_string(),
            offset: self.offset.to_string(),
            filename: self.filename,
        };
        // A struct of strings has nothing that JSON cannot say.
        let json = serde_json::to_string(&fields).unwrap_or_default();
        format!(
            "{} {} {json}\n",
            sort_key(self.url),
            fourteen_digits(self.date)
        )
    }
}

/// `2026-01-31T12:00:00Z` as `20260131120000`.
fn fourteen_digits(date: Timestamp) -> String {
    let second = Timestamp::from_seconds(date.seconds()).to_string();
    second.chars().filter(char::is_ascii_digit).collect()
}

/// The address in sort-friendly form (SURT): host labels from the right, `www.` and a default port
/// left out, lower case, no slash at the end, query parameters in order.
pub fn sort_key(url: &WebUrl) -> String {
    let url = url.as_url();
    let mut key = match url.domain() {
        Some(domain) => {
            let domain = domain.trim_end_matches('.');
            let bare = domain
                .strip_prefix("www.")
                .filter(|rest| rest.contains('.'));
            let labels: Vec<&str> = bare.unwrap_or(domain).rsplit('.').collect();
            labels.join(",")
        }
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    if let Some(port) = url.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
    key.push(')');
    let path = url.path().trim_end_matches('/');
    key.push_str(if path.is_empty() { "/" } else { path });
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        let query = query.to_ascii_lowercase();
        let mut parameters: Vec<&str> = query.split('&').collect();
        parameters.sort_unstable();
        key.push('?');
        key.push_str(&parameters.join("&"));
    }
    key.make_ascii_lowercase();
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_sort_by_host_then_path() {
        for (url, key) in [
            ("http://www.Example.com/", "com,example)/"),
            (
                "https://news.example.co.uk:8443/A/b/?z=1&A=2#f",
                "uk,co,example,news:8443)/a/b?a=2&z=1",
            ),
            ("http://127.0.0.1/x", "127.0.0.1)/x"),
            ("https://www.test/?", "test,www)/"),
        ] {
            assert_eq!(sort_key(&url.parse().unwrap()), key);
        }
    }

    #[test]
    fn a_line_is_what_replay_tools_read() {
        let url: WebUrl = "https://a.test/x?q=\"#part".parse().unwrap();
        let entry = IndexEntry {
            url: &url,
            date: Timestamp::from_micros(1_703_076_301_999_999),
            mime: "text/html",
            status: 200,
            digest: Some(Digest::of(b"")),
            length: 7,
            offset: 1234,
            filename: "seg ment.warc.gz",
        };
        assert_eq!(
            entry.to_line(),
            "test,a)/x?q=%22 20231220124501 {\"url\":\"https://a.test/x?q=%22\",\
             \"mime\":\"text/html\",\"status\":\"200\",\"digest\":\"sha256:\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\
             \"length\":\"7\",\"offset\":\"1234\",\"filename\":\"seg ment.warc.gz\"}\n"
        );
    }
}
