//! Who may change something through the pages.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use pressmark_archive::Archive;
use pressmark_model::{Digest, Timestamp};
use ring::hmac;
use tokio::sync::Notify;

use crate::site::{Site, is_nobodys_name};

/// How long the token need not be said again.
pub(crate) const TICKET: Duration = Duration::from_mins(30);
/// The cookie that holds a ticket.
pub(crate) const TICKET_NAME: &str = "pressmark_add";

/// The word of the administrator: never shown, and compared in a time that tells nothing of it.
#[derive(Clone)]
pub struct Token(Digest);

impl Token {
    /// A token of this text.
    pub fn new(text: &str) -> Self {
        Self(Digest::of(text.as_bytes()))
    }

    /// Whether a text is the token. The digests are compared: how much of the text was right does
    /// not show in the time that it takes.
    fn is(&self, text: &str) -> bool {
        self.0 == Digest::of(text.as_bytes())
    }

    /// What stands for the token for a while: when it ends, and a keyed hash of that. The token
    /// itself cannot be had from it.
    pub(crate) fn ticket(&self, now: Timestamp) -> String {
        let end = now.plus(TICKET).seconds();
        let tag = self.sign(end);
        let digits = tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        let digits: String = digits.collect();
        format!("{end}.{digits}")
    }

    /// Whether a request has a ticket that is good still.
    pub(crate) fn is_held(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let cookies = headers.get_all(COOKIE).iter();
        let mut pairs = cookies
            .filter_map(|field| field.to_str().ok())
            .flat_map(|field| field.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| {
            let end = value.split_once('.').and_then(|(end, _)| end.parse().ok());
            let good = |end: i64| {
                let left = end.saturating_sub(now.seconds());
                let long = i64::try_from(TICKET.as_secs()).unwrap_or(i64::MAX);
                left > 0 && left <= long && self.made(end, value)
            };
            name == TICKET_NAME && end.is_some_and(good)
        })
    }

    /// Whether this ticket was made for that end. The digests are compared: how much of it is
    /// right does not show.
    fn made(&self, end: i64, ticket: &str) -> bool {
        let begin = Timestamp::from_seconds(
            end.saturating_sub(i64::try_from(TICKET.as_secs()).unwrap_or(i64::MAX)),
        );
        Digest::of(self.ticket(begin).as_bytes()) == Digest::of(ticket.as_bytes())
    }

    fn sign(&self, end: i64) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        hmac::sign(&key, format!("add a source until {end}").as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// What the pages change things with.
#[derive(Debug, Clone)]
pub struct Writer {
    /// Where sources are added.
    pub archive: Archive,
    /// What the administrator says to change something.
    pub token: Option<Token>,
    /// Told when there is something new to watch.
    pub wake: Arc<Notify>,
}

impl Writer {
    /// Whether a request need not say the token.
    pub(crate) fn knows(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let token = self.token.as_ref();
        token.is_none_or(|token| token.is_held(headers, now))
    }
}

/// Why nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request was not made by one of these pages.
    Elsewhere,
    /// The token is missing or wrong.
    Token,
    /// There is no token, and the request is not from this machine.
    Closed,
}

/// Who can reach this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Door {
    /// It listens on loopback.
    local: bool,
    /// It has a public address: a server in front hands requests on.
    public: bool,
}

impl Door {
    pub(crate) fn of(site: &Site) -> Self {
        Self {
            local: site.local,
            public: site.base_url.is_some(),
        }
    }
}

/// Decides on a request that changes something. It has to come from one of these pages, and from
/// this machine or with the token. A server in front makes remote requests look local: then a
/// public address is set, or the request says for whom it was forwarded.
pub(crate) fn admit(
    door: Door,
    token: Option<&Token>,
    headers: &HeaderMap,
    said: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST.as_str()).unwrap_or_default();
    let ours = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)),
        (None, None) => false,
    };
    if !ours {
        return Err(Refusal::Elsewhere);
    }
    match token {
        Some(token) if token.is(said) || token.is_held(headers, now) => Ok(()),
        Some(_) => Err(Refusal::Token),
        None => {
            let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "via"]
                .iter()
                .any(|name| headers.contains_key(*name));
            let here = door.local && !door.public && is_nobodys_name(host);
            if here && !forwarded {
                Ok(())
            } else {
                Err(Refusal::Closed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        pairs.iter().map(pair).collect()
    }

    const HERE: Door = Door {
        local: true,
        public: false,
    };
    const OPEN: Door = Door {
        local: false,
        public: false,
    };
    const LOCAL: (&str, &str) = ("host", "127.0.0.1:7777");
    const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

    #[test]
    fn only_these_pages_change_something() {
        let admit = |pairs: &[_]| admit(HERE, None, &headers(pairs), "", Timestamp::EPOCH);
        assert_eq!(admit(&[LOCAL, SAME]), Ok(()));
        assert_eq!(admit(&[LOCAL, ("origin", "http://127.0.0.1:7777")]), Ok(()));
        for foreign in [
            &[LOCAL][..],
            &[LOCAL, ("sec-fetch-site", "cross-site")],
            &[
                LOCAL,
                ("sec-fetch-site", "same-site"),
                ("origin", "http://127.0.0.1:7777"),
            ],
            &[LOCAL, ("sec-fetch-site", "none")],
            &[LOCAL, ("origin", "http://evil.example")],
            &[LOCAL, ("origin", "http://127.0.0.1:8000")],
            &[LOCAL, ("origin", "null")],
        ] {
            assert_eq!(admit(foreign), Err(Refusal::Elsewhere), "{foreign:?}");
        }
    }

    #[test]
    fn without_a_token_only_this_machine_may() {
        let admit = |door, pairs: &[_]| admit(door, None, &headers(pairs), "", Timestamp::EPOCH);
        let public = Door {
            public: true,
            ..HERE
        };
        assert_eq!(admit(OPEN, &[LOCAL, SAME]), Err(Refusal::Closed));
        assert_eq!(admit(public, &[LOCAL, SAME]), Err(Refusal::Closed));
        for forwarded in ["x-forwarded-for", "forwarded", "via"] {
            let pairs = [LOCAL, SAME, (forwarded, "192.0.2.1")];
            assert_eq!(admit(HERE, &pairs), Err(Refusal::Closed), "{forwarded}");
        }
        let named = [("host", "rebound.example"), SAME];
        assert_eq!(admit(HERE, &named), Err(Refusal::Closed));
    }

    #[test]
    fn the_token_is_asked_for_where_there_is_one() {
        let token = Token::new("0123456789abcdef");
        let headers = headers(&[("host", "news.example"), SAME]);
        let say = |said| admit(OPEN, Some(&token), &headers, said, Timestamp::EPOCH);
        assert_eq!(say("0123456789abcdef"), Ok(()));
        assert_eq!(say("0123456789abcdeF"), Err(Refusal::Token));
        assert_eq!(say(""), Err(Refusal::Token));
        assert_eq!(format!("{token:?}"), "Token(***)");
    }

    #[test]
    fn a_ticket_stands_for_its_token_for_a_while() {
        let token = Token::new("0123456789abcdef");
        let now = Timestamp::from_seconds(1000);
        let ticket = token.ticket(now);
        let held = |value: &str, at| {
            let cookie = format!("a=b; {TICKET_NAME}={value}; c=d");
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            token.is_held(&headers, Timestamp::from_seconds(at))
        };
        assert!(held(&ticket, 1000) && held(&ticket, 2799));
        assert!(!held(&ticket, 2800), "it is over");
        assert!(!held(&ticket, 0), "it was made later");
        let longer = ticket.replace("2800.", "2801.");
        for wrong in ["", "2800.", "2800", &longer, &ticket.to_uppercase()] {
            assert!(!held(wrong, 1000), "{wrong}");
        }
        assert!(!Token::new("another").is_held(&HeaderMap::new(), now));
        assert!(!ticket.contains("0123456789abcdef"));
    }
}
