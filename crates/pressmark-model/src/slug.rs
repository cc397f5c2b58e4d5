//! The short name of a source in addresses, file names and commands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::WebUrl;

/// Names that mean something else where a slug may stand.
const RESERVED: [&str; 4] = ["changes", "all", "search", "alarms"];
const MAX_BYTES: usize = 100;

/// A source's short name: letters, digits, `.`, `-` and `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

/// A text that cannot be a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseSlugError {
    /// One of the reserved names.
    #[error("`{0}` is a reserved name")]
    Reserved(String),
    /// A character or length that a slug does not have.
    #[error(
        "`{0}` is no slug: use lower-case letters, digits, `.`, `-` and `_`, at most 100, the first a letter or digit"
    )]
    Form(String),
}

impl Slug {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The slugs to try for a source at this address, in order: the host without `www.`, then the
    /// same with `-2`, `-3` and so on.
    pub fn candidates(url: &WebUrl) -> impl Iterator<Item = Self> + use<> {
        let host = url.host().trim_matches(['[', ']', '.']).replace(':', "-");
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let stem: String = host.chars().take(MAX_BYTES - 8).collect();
        (1_u32..).filter_map(move |n| {
            let text = if n == 1 {
                stem.clone()
            } else {
                format!("{stem}-{n}")
            };
            text.parse().ok()
        })
    }
}

impl FromStr for Slug {
    type Err = ParseSlugError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if RESERVED.contains(&text) {
            return Err(ParseSlugError::Reserved(text.to_owned()));
        }
        let good = text.len() <= MAX_BYTES
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.chars().all(|c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_')
            });
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseSlugError::Form(text.to_owned()))
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_the_host_then_numbered() {
        let url = "https://www.RFI.fr/cn/".parse().unwrap();
        let slugs: Vec<_> = Slug::candidates(&url)
            .take(3)
            .map(|s| s.to_string())
            .collect();
        assert_eq!(slugs, ["rfi.fr", "rfi.fr-2", "rfi.fr-3"]);
    }

    #[test]
    fn a_reserved_host_is_numbered_at_once() {
        let url = "http://changes/".parse().unwrap();
        assert_eq!(Slug::candidates(&url).next().unwrap().as_str(), "changes-2");
        let v6 = "http://[2001:db8::1]/".parse().unwrap();
        assert_eq!(
            Slug::candidates(&v6).next().unwrap().as_str(),
            "2001-db8--1"
        );
    }

    #[test]
    fn paths_and_reserved_names_are_refused() {
        for wrong in [
            "all", "search", "changes", "", "../x", "a/b", "Ä", ".hidden", "A",
        ] {
            assert!(wrong.parse::<Slug>().is_err(), "{wrong}");
        }
    }
}
