//! The header fields of requests, and what those of answers mean for us.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, REFERER, USER_AGENT,
};
use pressmark_archive::ports::fetch::{FetchFailure, FetchPolicy, Message, Purpose, Validators};
use pressmark_archive::referrer::Referrer;
use pressmark_model::{Timestamp, WebUrl};
use pressmark_warc::coding::Coding;
use url::{Position, Url};

/// Fields that belong to the connection and its framing: a source cannot set them.
const OURS: &[&str] = &[
    "host",
    "connection",
    "keep-alive",
    "content-length",
    "transfer-encoding",
    "accept-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "range",
    "proxy-authorization",
    "proxy-connection",
];

/// Fields in which a browser tells what it is.
const OF_BROWSERS: &[&str] = &[
    "user-agent",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "upgrade-insecure-requests",
];

/// Fields whose values tell nothing about the person: only these are kept in records.
const RECORDED: &[&str] = &[
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "if-none-match",
    "if-modified-since",
    "cache-control",
    "connection",
    "dnt",
    "pragma",
    "referer",
    "sec-gpc",
    "upgrade-insecure-requests",
];

/// What a request says beside its address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) user_agent: &'a str,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) message: Option<&'a Message>,
    pub(crate) validators: &'a Validators,
    /// The source's own fields and cookie; only for the origin that they were set for.
    pub(crate) policy: Option<&'a FetchPolicy>,
    /// The page that shows what is asked for.
    pub(crate) referrer: Option<&'a Referrer>,
}

/// The header fields of a request.
pub(crate) fn request(url: &WebUrl, wanted: &Wanted<'_>) -> Result<HeaderMap, FetchFailure> {
    let mut headers = HeaderMap::with_capacity(12);
    let mut set = |name: HeaderName, text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| unsendable(name.as_str()))?;
        value.set_sensitive(!RECORDED.contains(&name.as_str()));
        headers.insert(name, value);
        Ok(())
    };
    set(
        HOST,
        &url.as_url()[Position::BeforeHost..Position::AfterPort],
    )?;
    set(USER_AGENT, wanted.user_agent)?;
    if let Some(message) = wanted.message {
        set(CONTENT_TYPE, &message.content_type)?;
    }
    set(ACCEPT, accept(wanted))?;
    set(ACCEPT_ENCODING, Coding::ACCEPT)?;
    if let Some(etag) = &wanted.validators.etag {
        set(IF_NONE_MATCH, etag)?;
    }
    if let Some(date) = &wanted.validators.last_modified {
        set(IF_MODIFIED_SINCE, date)?;
    }
    if let Some((user, password)) = credentials(url.as_url()) {
        set(
            AUTHORIZATION,
            &format!("Basic {}", BASE64.encode(format!("{user}:{password}"))),
        )?;
    }
    let referrer = wanted.referrer.and_then(|referrer| referrer.told(url));
    if let Some(referrer) = referrer {
        set(REFERER, &referrer)?;
    }
    if let Some(policy) = wanted.policy {
        for (name, value) in &policy.headers {
            let allowed = !OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours));
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .filter(|_| allowed);
            set(parsed.ok_or_else(|| unsendable(name))?, value)?;
        }
        if let Some(cookie) = &policy.cookie {
            set(COOKIE, cookie)?;
        }
    }
    Ok(headers)
}

/// The header fields of what a page asks for while it is shown: those that the browser gives, and
/// ours in the place of what would tell something else of who asks.
pub(crate) fn for_page(
    url: &WebUrl,
    user_agent: &str,
    policy: Option<&FetchPolicy>,
    given: &[(String, String)],
) -> Result<HeaderMap, FetchFailure> {
    let wanted = Wanted {
        user_agent,
        purpose: None,
        validators: &Validators::default(),
        policy,
        message: None,
        referrer: None,
    };
    let mut headers = request(url, &wanted)?;
    for (name, value) in given {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value))
            && !OURS.contains(&name.as_str())
            && !OF_BROWSERS.contains(&name.as_str())
        {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

fn unsendable(name: &str) -> FetchFailure {
    FetchFailure::Protocol {
        detail: format!("the header field `{name}` cannot be sent"),
    }
}

fn accept(wanted: &Wanted<'_>) -> &'static str {
    if wanted.message.is_some() {
        return "*/*";
    }
    match wanted.purpose {
        Some(Purpose::Feed) => {
            "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, \
             application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.5, */*;q=0.3"
        }
        Some(Purpose::Article | Purpose::Listing | Purpose::Revisit) => {
            "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"
        }
        Some(Purpose::Image) => "image/avif, image/webp, image/*;q=0.9, */*;q=0.5",
        None => "text/plain, */*;q=0.5",
    }
}

/// User name and password of an address, percent-decoded.
pub(crate) fn credentials(url: &Url) -> Option<(String, String)> {
    let (user, password) = (url.username(), url.password().unwrap_or_default());
    (!user.is_empty() || !password.is_empty())
        .then(|| (percent_decoded(user), percent_decoded(password)))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                bytes = ahead;
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

pub(crate) fn hex(digit: Option<u8>) -> Option<u8> {
    let value = char::from(digit?).to_digit(16)?;
    u8::try_from(value).ok()
}

/// The request as it went over the wire, without the fields that may hold a secret, and without
/// what was posted.
pub(crate) fn recorded(sent: &[u8]) -> Bytes {
    let mut kept = Vec::with_capacity(sent.len());
    for (place, line) in sent.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let harmless = RECORDED
            .iter()
            .any(|good| name.eq_ignore_ascii_case(good.as_bytes()));
        if place == 0 || harmless || line.trim_ascii().is_empty() {
            kept.extend_from_slice(line);
        }
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    kept.into()
}

/// The first value of a field.
pub(crate) fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// The validators of an answer (RFC 9110, 8.8).
pub(crate) fn validators(headers: &[(String, String)]) -> Validators {
    let field = |name| {
        value(headers, name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Validators {
        etag: field("etag"),
        last_modified: field("last-modified"),
    }
}

/// How long an answer is fresh: [`max_age`], else `Expires` less `Date` and `Age`; `now` is the date
/// where the server does not say (RFC 9111, 4.2.1 and 5.3). An `Expires` that is no date is past.
pub(crate) fn freshness(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let forbidden = |(name, value): &(String, String)| {
        let value = value.to_ascii_lowercase();
        name.eq_ignore_ascii_case("cache-control")
            && (value.contains("no-store") || value.contains("no-cache"))
    };
    if headers.iter().any(forbidden) {
        return None;
    }
    max_age(headers).or_else(|| {
        let end = at(value(headers, "expires")?).unwrap_or(0);
        let begin = value(headers, "date").and_then(at).unwrap_or(now.seconds());
        let left = end
            .saturating_sub(begin)
            .saturating_sub_unsigned(age(headers));
        Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
    })
}

/// `max-age` less `Age` (RFC 9111, 4.2); none where the answer must not be kept.
pub(crate) fn max_age(headers: &[(String, String)]) -> Option<Duration> {
    let mut max_age = None;
    for (_, value) in headers
        .iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case("cache-control"))
    {
        for directive in value.split(',') {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => return None,
                "max-age" => max_age = argument.trim().trim_matches('"').parse::<u64>().ok(),
                _ => {}
            }
        }
    }
    max_age.map(|seconds| Duration::from_secs(seconds.saturating_sub(age(headers))))
}

/// `Age`, in seconds.
fn age(headers: &[(String, String)]) -> u64 {
    value(headers, "age")
        .and_then(|age| age.trim().parse().ok())
        .unwrap_or(0)
}

/// The seconds since 1970 of an HTTP date.
fn at(date: &str) -> Option<i64> {
    let time = httpdate::parse_http_date(date.trim()).ok()?;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|&(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    }

    #[test]
    fn max_age_is_what_is_left() {
        for (fields, left) in [
            (
                headers(&[("Cache-Control", "public, max-age=600"), ("Age", "100")]),
                Some(500),
            ),
            (
                headers(&[("cache-control", "Max-Age=\"60\""), ("age", "100")]),
                Some(0),
            ),
            (
                headers(&[
                    ("cache-control", "max-age=60"),
                    ("cache-control", "no-cache"),
                ]),
                None,
            ),
            (headers(&[("cache-control", "s-maxage=60")]), None),
            (
                headers(&[
                    ("Expires", "Sun, 06 Nov 1994 09:00:00 GMT"),
                    ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                    ("Age", "3"),
                ]),
                Some(620),
            ),
            (
                headers(&[("expires", "Thu, 01 Jan 1970 00:01:40 GMT")]),
                Some(90),
            ),
            (
                headers(&[
                    ("expires", "Sun, 06 Nov 1994 09:00:00 GMT"),
                    ("cache-control", "max-age=5"),
                ]),
                Some(5),
            ),
            (headers(&[("expires", "0")]), Some(0)),
            (headers(&[("expires", "-1")]), Some(0)),
            (headers(&[]), None),
        ] {
            assert_eq!(
                freshness(&fields, Timestamp::from_seconds(10)),
                left.map(Duration::from_secs),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn secrets_are_sent_but_not_recorded() {
        let url: WebUrl = "https://me:p%40ss@a.example:8443/x?y".parse().unwrap();
        let policy = FetchPolicy {
            headers: vec![
                ("X-Token".to_owned(), "hush".to_owned()),
                ("Accept-Language".to_owned(), "zh".to_owned()),
            ],
            cookie: Some("sid=hush".to_owned()),
            ..FetchPolicy::default()
        };
        let wanted = Wanted {
            user_agent: "Pressmark/1",
            purpose: Some(Purpose::Feed),
            message: None,
            validators: &Validators::default(),
            policy: Some(&policy),
            referrer: None,
        };
        let fields = request(&url, &wanted).unwrap();
        assert_eq!(fields[HOST], "a.example:8443");
        assert_eq!(fields[AUTHORIZATION], "Basic bWU6cEBzcw==");
        assert_eq!(fields[COOKIE], "sid=hush");
        let mut sent = b"GET /x?y HTTP/1.1\r\n".to_vec();
        for (name, value) in &fields {
            sent.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        sent.extend(b"\r\n");
        let text = String::from_utf8(recorded(&sent).to_vec()).unwrap();
        for kept in [
            "GET /x?y",
            "host: a.example",
            "accept-language: zh",
            "\r\n\r\n",
        ] {
            assert!(text.contains(kept), "{kept}");
        }
        for secret in ["hush", "cookie", "authorization", "x-token", "bWU6"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }

    #[test]
    fn a_source_cannot_break_the_framing() {
        let url: WebUrl = "https://a.example/".parse().unwrap();
        for (name, text) in [
            ("Content-Length", "3"),
            ("Host", "b"),
            ("a b", ""),
            ("X", "a\r\nb"),
        ] {
            let policy = FetchPolicy {
                headers: vec![(name.to_owned(), text.to_owned())],
                ..FetchPolicy::default()
            };
            let wanted = Wanted {
                user_agent: "x",
                purpose: None,
                message: None,
                validators: &Validators::default(),
                policy: Some(&policy),
                referrer: None,
            };
            assert!(request(&url, &wanted).is_err(), "{name}");
        }
    }
}
