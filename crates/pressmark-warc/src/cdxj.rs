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
    /// Credentials in the address are left out.
    pub fn to_line(&self) -> String {
        let mut url = self.url.without_fragment().as_url().clone();
        // These fail for addresses without a host only, which no `WebUrl` is.
        url.set_username("").ok();
        url.set_password(None).ok();
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

/// The address in sort-friendly form (SURT), as the `surt` package and pywb make it: host labels
/// from the right, `www.`, credentials and a default port left out, lower case, nothing escaped
/// that need not be, no empty path segments, query parameters in order.
pub fn sort_key(url: &WebUrl) -> String {
    let url = url.as_url();
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']', '.']);
    let bare = host.strip_prefix("www").and_then(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
            .strip_prefix('.')
    });
    let mut key = bare
        .unwrap_or(host)
        .rsplit('.')
        .collect::<Vec<_>>()
        .join(",");
    if let Some(port) = url.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
    key.push(')');
    let path = unescape(url.path());
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    key.push('/');
    key.push_str(&segments.collect::<Vec<_>>().join("/"));
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        let query = unescape(query).to_ascii_lowercase();
        let mut parameters: Vec<&str> = query.split('&').collect();
        parameters.sort_unstable();
        key.push('?');
        key.push_str(&parameters.join("&"));
    }
    key.make_ascii_lowercase();
    key
}

/// The text with the escapes of visible ASCII characters undone, those of `#` and `%` excepted.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let digits = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let plain_byte = digits.filter(|byte| byte.is_ascii_graphic() && !b"#%".contains(byte));
        plain.push(plain_byte.map_or('%', char::from));
        rest = if plain_byte.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    plain.push_str(rest);
    plain
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
            ("http://127.0.0.1/x", "1,0,0,127)/x"),
            ("http://[2001:db8::1]/x", "2001:db8::1)/x"),
            ("https://www.test/?", "test)/"),
            ("https://www2.example.com/a//b/?", "com,example)/a/b"),
            ("https://wwwnews.example.com/", "com,example,wwwnews)/"),
            (
                "https://user:pw@example.com/a%20B/%7Euser%25",
                "com,example)/a%20b/~user%25",
            ),
            (
                "https://新闻.example/文章?题=1&q=%22",
                "example,xn--efvy88h)/%e6%96%87%e7%ab%a0?%e9%a2%98=1&q=\"",
            ),
            (
                "https://example.com/?b=2&a=1&a=0&a",
                "com,example)/?a&a=0&a=1&b=2",
            ),
        ] {
            assert_eq!(sort_key(&url.parse().unwrap()), key);
        }
    }

    #[test]
    fn a_line_is_what_replay_tools_read() {
        let url: WebUrl = "https://user:secret@a.test/x?q=\"#part".parse().unwrap();
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
            "test,a)/x?q=\" 20231220124501 {\"url\":\"https://a.test/x?q=%22\",\
             \"mime\":\"text/html\",\"status\":\"200\",\"digest\":\"sha256:\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\
             \"length\":\"7\",\"offset\":\"1234\",\"filename\":\"seg ment.warc.gz\"}\n"
        );
    }
}
