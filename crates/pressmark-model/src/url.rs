//! Absolute web addresses, parsed once, as the WHATWG URL standard says.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Query parameters that tell where a reader came from and not what is read, sorted.
const TRACKING: [&str; 27] = [
    "at_campaign",
    "at_medium",
    "cmp",
    "cmpid",
    "dclid",
    "fbclid",
    "ftag",
    "gbraid",
    "gclid",
    "icid",
    "igshid",
    "ito",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ncid",
    "ns_campaign",
    "ns_mchannel",
    "ocid",
    "partner_id",
    "smid",
    "spm",
    "twclid",
    "wbraid",
    "xtor",
    "yclid",
];
/// Beginnings of such parameters.
const TRACKING_PREFIXES: [&str; 3] = ["utm_", "pk_", "mtm_"];

/// An absolute `http` or `https` address with a host. `Display` and `Debug` hide credentials;
/// [`WebUrl::as_str`] does not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebUrl(url::Url);

/// A text that is no web address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseUrlError {
    /// The URL standard does not read it.
    #[error("not a web address: {1}: `{0}`")]
    Syntax(String, url::ParseError),
    /// Another scheme than `http` and `https`.
    #[error("not a web address: the scheme `{0}` is neither http nor https")]
    Scheme(String),
}

impl WebUrl {
    /// The whole address, credentials included.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed address.
    pub fn as_url(&self) -> &url::Url {
        &self.0
    }

    /// The host: a name in ASCII form, or an address literal.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// `scheme://host:port`, the key of politeness and robots.txt.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The address that `reference` means on this page.
    pub fn join(&self, reference: &str) -> Result<Self, ParseUrlError> {
        let joined = self
            .0
            .join(reference.trim())
            .map_err(|error| ParseUrlError::Syntax(reference.to_owned(), error))?;
        Self::try_from(joined)
    }

    /// The address without its fragment.
    #[must_use]
    pub fn without_fragment(&self) -> Self {
        let mut url = self.0.clone();
        url.set_fragment(None);
        Self(url)
    }

    /// The address without the query parameters that tell where a reader came from, such as
    /// `utm_source` and `fbclid`; one that has none stays as it is written.
    #[must_use]
    pub fn without_tracking(mut self) -> Self {
        let query = self.0.query().unwrap_or_default();
        if query.split('&').any(is_tracking) {
            let kept: Vec<&str> = query.split('&').filter(|pair| !is_tracking(pair)).collect();
            let kept = (!kept.is_empty()).then(|| kept.join("&"));
            self.0.set_query(kept.as_deref());
        }
        self
    }
}

/// Whether a `name=value` of a query is one of [`TRACKING`].
fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    TRACKING.binary_search(&name.as_str()).is_ok()
        || TRACKING_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

impl TryFrom<url::Url> for WebUrl {
    type Error = ParseUrlError;

    fn try_from(url: url::Url) -> Result<Self, Self::Error> {
        match url.scheme() {
            "http" | "https" => Ok(Self(url)),
            other => Err(ParseUrlError::Scheme(other.to_owned())),
        }
    }
}

impl FromStr for WebUrl {
    type Err = ParseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = url::Url::parse(text.trim())
            .map_err(|error| ParseUrlError::Syntax(text.to_owned(), error))?;
        Self::try_from(url)
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.username().is_empty() && self.0.password().is_none() {
            return f.write_str(self.0.as_str());
        }
        let mut hidden = self.0.clone();
        if hidden.set_password(None).is_err() || hidden.set_username("***").is_err() {
            return f.write_str("***");
        }
        f.write_str(hidden.as_str())
    }
}

impl fmt::Debug for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for WebUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_an_address() {
        assert!("https://新闻.example/文章".parse::<WebUrl>().is_ok());
        for wrong in [
            "",
            "news",
            "/a",
            "ftp://a/",
            "javascript:alert(1)",
            "https://",
        ] {
            assert!(wrong.parse::<WebUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn tracking_parameters_go_and_nothing_else_changes() {
        assert!(TRACKING.is_sorted());
        for (from, to) in [
            (
                "https://a.example/?UTM_Source=rss&id=7#x",
                "https://a.example/?id=7#x",
            ),
            ("https://a.example/?fbclid=z", "https://a.example/"),
            ("https://a.example/?b=%20&&a", "https://a.example/?b=%20&&a"),
        ] {
            let url: WebUrl = from.parse().unwrap();
            assert_eq!(url.without_tracking().as_str(), to);
        }
    }

    #[test]
    fn a_reference_is_read_on_its_page() {
        let page: WebUrl = "https://a.example/x/y".parse().unwrap();
        assert_eq!(page.join(" ../z ").unwrap().as_str(), "https://a.example/z");
        assert!(page.join("mailto:a@b.example").is_err());
    }
}
