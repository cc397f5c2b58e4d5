//! The settings of a source as people write them: `key` and `value`, each checked before it is
//! stored.

use std::time::Duration;

use crate::filter::{FilterError, Filters};
use crate::origin::{Origin, ParseOriginError, Reader};
use crate::source::{Rendering, Robots, SourceSettings};
use crate::span::{self, ParseSpanError};

const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// Fields that are made for each request.
const OWN_HEADERS: [&str; 8] = [
    "Host",
    "Connection",
    "Content-Length",
    "Transfer-Encoding",
    "TE",
    "Trailer",
    "Upgrade",
    "Accept-Encoding",
];
const PROXIES: [&str; 3] = ["http://", "socks5://", "socks5h://"];

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no such key.
    #[error("a source has no setting `{0}`")]
    Key(String),
    /// No length of time.
    #[error("`{key}`: {source}")]
    Span {
        /// The key.
        key: String,
        /// What is wrong.
        source: ParseSpanError,
    },
    /// An interval under a second.
    #[error("`interval` is under a second")]
    TooOften,
    /// No address of a proxy.
    #[error("`{0}` is no proxy")]
    Proxy(String),
    /// What no header field may hold.
    #[error("`{0}` holds a control character")]
    Control(String),
    /// No header field.
    #[error("`{0}` is no header")]
    Header(String),
    /// A header field that the connection itself needs.
    #[error("the header `{0}` belongs to the connection")]
    OwnHeader(String),
    /// No time at all.
    #[error("`timeout` is nothing")]
    NoTime,
    /// No number of bytes.
    #[error("`{0}` is no number of bytes")]
    Bytes(String),
    /// Not one of the words that the key knows.
    #[error("`{key}` cannot be `{value}`")]
    Word {
        /// The key.
        key: &'static str,
        /// What was written.
        value: String,
    },
    /// No number of entries.
    #[error("`{0}` is no number of entries")]
    Entries(String),
    /// No way to read an address.
    #[error(transparent)]
    Origin(#[from] ParseOriginError),
    /// A filter rule that cannot be used.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl SettingError {
    /// What to write instead.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Key(_) => "`pressmark set --help` lists the keys",
            Self::Span { .. } => "write `30s`, `15m` or `1h`",
            Self::TooOften => "write `interval=5m`",
            Self::Proxy(_) => "write `http://host:port`, `socks5h://host:port` or `direct`",
            Self::Control(_) => "write it on one line",
            Self::Header(_) => "write `Name: value`",
            Self::OwnHeader(_) => "leave it out: it follows from the address and the answer",
            Self::NoTime => "write `timeout=60s`",
            Self::Bytes(_) => "write `max_page_bytes=10485760`",
            Self::Entries(_) => "write `backfill=500` or `backfill=all`",
            Self::Origin(_) => {
                "write `feed`, `listing`, `sitemap`, `css:SELECTOR`, `xpath:EXPRESSION` or \
                 `json:PATH`; in `also` an address follows behind a space"
            }
            Self::Word { key: "robots", .. } => "write `robots=obey` or `robots=ignore`",
            Self::Word { key: "render", .. } => {
                "write `render=never`, `render=auto` or `render=always`"
            }
            Self::Word { .. } => "write `on` or `off` behind the `=`",
            Self::Filter(_) => {
                "write `title=`, `author=`, `text=`, `tag=`, `url=` or `any=` and a regular expression"
            }
        }
    }
}

type Result<T> = std::result::Result<T, SettingError>;

/// Sets one key; an empty value goes back to the configuration. Lists have an item a line, folders
/// `/` between them.
///
/// # Errors
///
/// When there is no such key, or the value cannot be used: then nothing is changed.
pub fn assign(settings: &mut SourceSettings, key: &str, value: &str) -> Result<()> {
    let text = Some(value.to_owned()).filter(|value| !value.is_empty());
    match key {
        "proxy" => settings.proxy = text.map(proxy).transpose()?,
        "user_agent" => settings.user_agent = text.map(|text| sendable(key, text)).transpose()?,
        "cookie" => settings.cookie = text.map(|text| sendable(key, text)).transpose()?,
        "headers" => settings.headers = lines(value).map(header).collect::<Result<_>>()?,
        "interval" => {
            let interval = time(key, value)?;
            if interval.is_some_and(|interval| interval < SHORTEST_INTERVAL) {
                return Err(SettingError::TooOften);
            }
            settings.interval = interval;
        }
        "per_host_gap" => settings.per_host_gap = time(key, value)?,
        "timeout" => match time(key, value)? {
            Some(Duration::ZERO) => return Err(SettingError::NoTime),
            timeout => settings.timeout = timeout,
        },
        "max_page_bytes" => settings.max_page_bytes = text.as_deref().map(bytes).transpose()?,
        "robots" => settings.robots = text.as_deref().map(robots).transpose()?,
        "read" => settings.read = text.as_deref().map(str::parse).transpose()?,
        "also" => {
            settings.also = lines(value)
                .map(str::parse)
                .collect::<std::result::Result<_, _>>()?;
        }
        "backfill" => settings.backfill = text.as_deref().map(entries).transpose()?,
        "full_text" => settings.full_text = switch("full_text", value)?,
        "images" => settings.images = switch("images", value)?,
        "render" => settings.render = text.as_deref().map(rendering).transpose()?,
        "block" => settings.block = rules(value)?,
        "keep" => settings.keep = rules(value)?,
        "folder" => {
            let names = value.split('/').map(str::trim);
            settings.folder = names
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect();
        }
        _ => return Err(SettingError::Key(key.to_owned())),
    }
    Ok(())
}

/// The settings that are set, as [`assign`] takes them. Cookies, headers and the credentials of a
/// proxy are secrets: they are shown as `***`.
pub fn shown(settings: &SourceSettings) -> Vec<(&'static str, String)> {
    let mut all = pairs(settings);
    for (key, value) in &mut all {
        match *key {
            "headers" | "cookie" => "***".clone_into(value),
            "proxy" => *value = without_credentials(value),
            _ => {}
        }
    }
    all
}

/// The settings that are set, secrets included, as [`assign`] takes them.
pub(crate) fn pairs(settings: &SourceSettings) -> Vec<(&'static str, String)> {
    let list = |items: &[String]| Some(items.join("\n")).filter(|text| !text.is_empty());
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    let robots = |robots| match robots {
        Robots::Obey => "obey".to_owned(),
        Robots::Ignore => "ignore".to_owned(),
    };
    let folder = settings.folder.join("/");
    let also: Vec<String> = settings.also.iter().map(Origin::to_string).collect();
    let bytes = settings.max_page_bytes.map(|bytes| bytes.to_string());
    let all = [
        ("interval", settings.interval.map(span::format)),
        ("proxy", settings.proxy.clone()),
        ("user_agent", settings.user_agent.clone()),
        ("headers", list(&settings.headers)),
        ("cookie", settings.cookie.clone()),
        ("robots", settings.robots.map(robots)),
        ("full_text", settings.full_text.map(switch)),
        ("images", settings.images.map(switch)),
        ("render", settings.render.map(written_rendering)),
        ("read", settings.read.as_ref().map(Reader::to_string)),
        ("also", list(&also)),
        ("backfill", settings.backfill.map(written_entries)),
        ("block", list(&settings.block)),
        ("keep", list(&settings.keep)),
        ("folder", Some(folder).filter(|folder| !folder.is_empty())),
        ("per_host_gap", settings.per_host_gap.map(span::format)),
        ("timeout", settings.timeout.map(span::format)),
        ("max_page_bytes", bytes),
    ];
    all.into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

fn without_credentials(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}"),
        None => address.to_owned(),
    }
}

fn lines(value: &str) -> impl Iterator<Item = &str> {
    value
        .split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty())
}

fn time(key: &str, value: &str) -> Result<Option<Duration>> {
    match value {
        "" => Ok(None),
        value => span::parse(value)
            .map(Some)
            .map_err(|source| SettingError::Span {
                key: key.to_owned(),
                source,
            }),
    }
}

fn proxy(text: String) -> Result<String> {
    let known = PROXIES
        .iter()
        .any(|scheme| text.starts_with(scheme) && text.len() > scheme.len());
    if known || text == "direct" {
        return Ok(text);
    }
    Err(SettingError::Proxy(text))
}

fn sendable(key: &str, text: String) -> Result<String> {
    if text.chars().any(char::is_control) {
        return Err(SettingError::Control(key.to_owned()));
    }
    Ok(text)
}

fn header(line: &str) -> Result<String> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let name = line.split_once(':').map_or("", |(name, _)| name);
    if name.is_empty() || !name.chars().all(token) || line.chars().any(char::is_control) {
        return Err(SettingError::Header(line.to_owned()));
    }
    if OWN_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(SettingError::OwnHeader(name.to_owned()));
    }
    Ok(line.to_owned())
}

fn bytes(text: &str) -> Result<u64> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(SettingError::Bytes(text.to_owned())),
    }
}

/// A number of entries, or `all`.
///
/// # Errors
///
/// When it is neither.
pub fn entries(text: &str) -> Result<u64> {
    match text {
        "all" => Ok(u64::MAX),
        text => text
            .parse()
            .map_err(|_| SettingError::Entries(text.to_owned())),
    }
}

fn written_entries(number: u64) -> String {
    match number {
        u64::MAX => "all".to_owned(),
        number => number.to_string(),
    }
}

fn robots(text: &str) -> Result<Robots> {
    match text {
        "obey" => Ok(Robots::Obey),
        "ignore" => Ok(Robots::Ignore),
        _ => Err(SettingError::Word {
            key: "robots",
            value: text.to_owned(),
        }),
    }
}

fn rendering(text: &str) -> Result<Rendering> {
    match text {
        "never" => Ok(Rendering::Never),
        "auto" => Ok(Rendering::Auto),
        "always" => Ok(Rendering::Always),
        _ => Err(SettingError::Word {
            key: "render",
            value: text.to_owned(),
        }),
    }
}

fn written_rendering(rendering: Rendering) -> String {
    match rendering {
        Rendering::Never => "never",
        Rendering::Auto => "auto",
        Rendering::Always => "always",
    }
    .to_owned()
}

fn switch(key: &'static str, text: &str) -> Result<Option<bool>> {
    match text {
        "" => Ok(None),
        "on" | "true" => Ok(Some(true)),
        "off" | "false" => Ok(Some(false)),
        _ => Err(SettingError::Word {
            key,
            value: text.to_owned(),
        }),
    }
}

fn rules(value: &str) -> Result<Vec<String>> {
    let rules: Vec<String> = lines(value).map(str::to_owned).collect();
    let settings = SourceSettings {
        block: rules,
        ..SourceSettings::default()
    };
    Filters::of(&settings)?;
    Ok(settings.block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_used_is_refused() {
        let mut settings = SourceSettings::default();
        for (key, value) in [
            ("proxy", "ftp://x"),
            ("proxy", "socks5://"),
            ("headers", "Bad Name: x"),
            ("headers", "X: a\rInjected: 1"),
            ("headers", "no colon"),
            ("headers", "host: elsewhere.example"),
            ("timeout", "0s"),
            ("cookie", "a\nInjected: 1"),
            ("interval", "0s"),
            ("interval", "soon"),
            ("max_page_bytes", "0"),
            ("robots", "maybe"),
            ("full_text", "perhaps"),
            ("images", "some"),
            ("render", "sometimes"),
            ("block", "title=("),
            ("keep", "advert"),
            ("colour", "red"),
        ] {
            let error = assign(&mut settings, key, value).unwrap_err();
            assert!(!error.hint().is_empty(), "{key}={value}");
        }
        assert_eq!(settings, SourceSettings::default());
    }

    #[test]
    fn what_is_set_is_shown_as_it_is_written_but_for_secrets() {
        let mut settings = SourceSettings::default();
        let values = [
            ("interval", "5s"),
            ("proxy", "socks5h://127.0.0.1:9050"),
            ("robots", "ignore"),
            ("full_text", "off"),
            ("render", "always"),
            ("block", "title=(?i)advert\nurl=/sport/"),
            ("folder", "News/亚洲"),
        ];
        for (key, value) in values {
            assign(&mut settings, key, value).unwrap();
        }
        let again = shown(&settings);
        let again: Vec<(&str, &str)> = again.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(again, values);
        assign(&mut settings, "proxy", "http://me:hush@proxy:1").unwrap();
        assign(&mut settings, "headers", "X-A: hush\nX-B: 2").unwrap();
        assign(&mut settings, "cookie", "sid=hush").unwrap();
        assert_eq!(settings.headers.len(), 2);
        let text = format!("{:?}", shown(&settings));
        assert!(
            !text.contains("hush") && text.contains("***@proxy:1"),
            "{text}"
        );
        assign(&mut settings, "proxy", "").unwrap();
        assert_eq!(settings.proxy, None);
    }
}
