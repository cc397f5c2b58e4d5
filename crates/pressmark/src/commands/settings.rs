//! The keys of `set`, each checked before it is stored.

use std::time::Duration;

use pressmark_archive::source::{Robots, SourceSettings};
use pressmark_archive::span;

use crate::output::hinted;

const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
const PROXIES: [&str; 3] = ["http://", "socks5://", "socks5h://"];

/// Sets one key; an empty value goes back to the configuration.
pub(super) fn assign(settings: &mut SourceSettings, key: &str, value: &str) -> anyhow::Result<()> {
    let text = Some(value.to_owned()).filter(|value| !value.is_empty());
    match key {
        "proxy" => settings.proxy = text.map(proxy).transpose()?,
        "user_agent" => settings.user_agent = text.map(|text| sendable(key, text)).transpose()?,
        "cookie" => settings.cookie = text.map(|text| sendable(key, text)).transpose()?,
        "headers" => {
            let lines = value
                .split('\n')
                .map(str::trim)
                .filter(|line| !line.is_empty());
            settings.headers = lines.map(header).collect::<anyhow::Result<_>>()?;
        }
        "interval" => {
            let interval = time(key, value)?;
            if interval.is_some_and(|interval| interval < SHORTEST_INTERVAL) {
                return Err(hinted(
                    "`interval` is under a second",
                    "write `interval=5m`",
                ));
            }
            settings.interval = interval;
        }
        "per_host_gap" => settings.per_host_gap = time(key, value)?,
        "timeout" => settings.timeout = time(key, value)?,
        "max_page_bytes" => settings.max_page_bytes = text.as_deref().map(bytes).transpose()?,
        "robots" => settings.robots = text.as_deref().map(robots).transpose()?,
        _ => {
            return Err(hinted(
                format!("a source has no setting `{key}`"),
                "`pressmark set --help` lists the keys",
            ));
        }
    }
    Ok(())
}

fn time(key: &str, value: &str) -> anyhow::Result<Option<Duration>> {
    match value {
        "" => Ok(None),
        value => span::parse(value)
            .map(Some)
            .map_err(|error| hinted(format!("`{key}`: {error}"), "write `30s`, `15m` or `1h`")),
    }
}

fn proxy(text: String) -> anyhow::Result<String> {
    let known = PROXIES
        .iter()
        .any(|scheme| text.starts_with(scheme) && text.len() > scheme.len());
    if known || text == "direct" {
        return Ok(text);
    }
    Err(hinted(
        format!("`{text}` is no proxy"),
        "write `http://host:port`, `socks5h://host:port` or `direct`",
    ))
}

fn sendable(key: &str, text: String) -> anyhow::Result<String> {
    if text.chars().any(char::is_control) {
        return Err(hinted(
            format!("`{key}` holds a control character"),
            "write it on one line",
        ));
    }
    Ok(text)
}

fn header(line: &str) -> anyhow::Result<String> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let name = line.split_once(':').map_or("", |(name, _)| name);
    if name.is_empty() || !name.chars().all(token) || line.chars().any(char::is_control) {
        return Err(hinted(
            format!("`{line}` is no header"),
            "write `Name: value`",
        ));
    }
    Ok(line.to_owned())
}

fn bytes(text: &str) -> anyhow::Result<u64> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(hinted(
            format!("`{text}` is no number of bytes"),
            "write `max_page_bytes=10485760`",
        )),
    }
}

fn robots(text: &str) -> anyhow::Result<Robots> {
    match text {
        "obey" => Ok(Robots::Obey),
        "ignore" => Ok(Robots::Ignore),
        _ => Err(hinted(
            format!("`robots` cannot be `{text}`"),
            "write `robots=obey` or `robots=ignore`",
        )),
    }
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
            ("cookie", "a\nInjected: 1"),
            ("interval", "0s"),
            ("interval", "soon"),
            ("max_page_bytes", "0"),
            ("robots", "maybe"),
            ("colour", "red"),
        ] {
            assert!(assign(&mut settings, key, value).is_err(), "{key}={value}");
        }
        assert_eq!(settings, SourceSettings::default());
        for (key, value) in [
            ("proxy", "socks5h://127.0.0.1:9050"),
            ("proxy", "direct"),
            ("headers", "X-A: 1\nX-B: 2"),
            ("interval", "5s"),
            ("robots", "ignore"),
        ] {
            assign(&mut settings, key, value).unwrap();
        }
        assert_eq!(settings.headers.len(), 2);
        assign(&mut settings, "proxy", "").unwrap();
        assert_eq!(settings.proxy, None);
    }
}
