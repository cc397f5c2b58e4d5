//! robots.txt (RFC 9309): reading the rules for us, and matching a path against them.

use std::time::Duration;

use url::{Position, Url};

use crate::headers::hex;

/// Our product token.
const TOKEN: &str = "pressmark";
/// How much of a file is read, in bytes; RFC 9309, 2.5 asks for at least 500 KiB.
pub(crate) const READ: usize = 512 << 10;
/// A `Crawl-delay` beyond this is held to be a slip.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// What a robots.txt says to us.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    /// `Crawl-delay`, no part of the RFC but widely meant.
    pub(crate) delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allow: bool,
    /// As written.
    pattern: String,
    /// As compared.
    normal: Vec<u8>,
}

/// For whom the lines stand that are being read.
#[derive(Default)]
struct Group {
    /// Whether user-agent lines are being read, and further ones join the group.
    open: bool,
    ours: bool,
    everyones: bool,
}

impl Rules {
    /// Reads a file: the groups that name us, joined, else those for `*`. What cannot be read is
    /// passed over.
    pub(crate) fn parse(file: &[u8]) -> Self {
        let text = String::from_utf8_lossy(file);
        let mut group = Group::default();
        let (mut ours, mut everyones, mut named) = (Self::default(), Self::default(), false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !group.open {
                    group = Group {
                        open: true,
                        ..Group::default()
                    };
                }
                group.ours |= is_ours(value);
                group.everyones |= value == "*";
                named |= is_ours(value);
                continue;
            }
            if !matches!(key.as_str(), "allow" | "disallow" | "crawl-delay") {
                continue;
            }
            group.open = false;
            if group.ours {
                ours.add(&key, value);
            }
            if group.everyones {
                everyones.add(&key, value);
            }
        }
        if named { ours } else { everyones }
    }

    fn add(&mut self, key: &str, value: &str) {
        if key == "crawl-delay" {
            let seconds = value
                .parse::<f64>()
                .ok()
                .filter(|s| s.is_finite() && *s >= 0.0);
            let delay = seconds.map(|s| LONGEST_DELAY.min(Duration::from_secs_f64(s.min(1e6))));
            self.delay = delay.or(self.delay);
        } else if !value.is_empty() {
            let normal = normalised(value.as_bytes());
            self.rules.push(Rule {
                allow: key == "allow",
                pattern: value.to_owned(),
                normal,
            });
        }
    }

    /// The rule that disallows this address, if one does: of those that match the longest decides,
    /// and of two as long the one that allows.
    pub(crate) fn denies(&self, url: &Url) -> Option<String> {
        let path = &url[Position::BeforePath..Position::AfterQuery];
        if path == "/robots.txt" {
            return None;
        }
        let path = normalised(path.as_bytes());
        let matching = self
            .rules
            .iter()
            .filter(|rule| matches(&rule.normal, &path));
        let decisive = matching.max_by_key(|rule| (rule.normal.len(), rule.allow))?;
        (!decisive.allow).then(|| format!("Disallow: {}", decisive.pattern))
    }
}

/// The product token is what stands before the version.
fn is_ours(value: &str) -> bool {
    let end = value
        .find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'))
        .unwrap_or(value.len());
    value
        .get(..end)
        .is_some_and(|token| token.eq_ignore_ascii_case(TOKEN))
}

/// Percent-encodes what is not ASCII and decodes what need not be encoded (RFC 9309, 2.2.2), so
/// that both sides are compared in one form.
fn normalised(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.iter().copied();
    let mut normal = Vec::with_capacity(text.len());
    let encode = |normal: &mut Vec<u8>, byte: u8| {
        normal.extend(format!("%{byte:02X}").as_bytes());
    };
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes = ahead;
                match high << 4 | low {
                    plain if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => {
                        normal.push(plain);
                    }
                    other => encode(&mut normal, other),
                }
            }
            (byte, ..) if byte.is_ascii_graphic() => normal.push(byte),
            (byte, ..) => encode(&mut normal, byte),
        }
    }
    normal
}

/// Whether the pattern matches the beginning of the path; `*` is any bytes, a last `$` the end.
/// The first fit of each piece is as good as any other, so no way back is needed.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, to_the_end) = match pattern.split_last() {
        Some((b'$', rest)) => (rest, true),
        _ => (pattern, false),
    };
    let mut pieces = pattern.split(|&byte| byte == b'*');
    let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return !to_the_end || rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if to_the_end && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let found = if piece.is_empty() {
            Some(0)
        } else {
            rest.windows(piece.len()).position(|window| window == piece)
        };
        let Some(after) = found.and_then(|at| rest.get(at + piece.len()..)) else {
            return false;
        };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(file: &str, path: &str) -> bool {
        let url = Url::parse("https://a.example").unwrap().join(path).unwrap();
        Rules::parse(file.as_bytes()).denies(&url).is_some()
    }

    #[test]
    fn the_longest_rule_decides_and_allow_wins_ties() {
        for (rules, path, expected) in [
            ("Disallow: /", "/a", true),
            ("Disallow:", "/a", false),
            ("Disallow: /a", "/abc", true),
            ("Disallow: /a", "/b/a", false),
            ("Disallow: /a\nAllow: /a/b", "/a/b/c", false),
            ("Allow: /a\nDisallow: /a", "/a", false),
            ("Allow: /a\nDisallow: /a/", "/a/b", true),
            ("Disallow: /*.gif$", "/x/y.gif", true),
            ("Disallow: /*.gif$", "/x/y.gif?z", false),
            ("Disallow: /*.gif", "/x/y.gif?z", true),
            ("Disallow: /a$", "/a", true),
            ("Disallow: /a$", "/ab", false),
            ("Disallow: /*/b*c$", "/a/bcdc", true),
            ("Disallow: *", "/", true),
            ("Disallow: /*?", "/a?b", true),
            ("Disallow: /*?", "/a", false),
            ("Disallow: /A", "/a", false),
            ("Disallow: /文", "/%E6%96%87/1", true),
            ("Disallow: /%e6%96%87", "/文", true),
            ("Disallow: /%61", "/abc", true),
            ("Disallow: /a%2fb", "/a/b", false),
            ("Disallow: /a%2fb", "/a%2Fb", true),
            ("Disallow: /", "/robots.txt", false),
            ("Disallow: a", "/a", false),
        ] {
            let file = format!("User-agent: *\n{rules}\n");
            assert_eq!(denied(&file, path), expected, "{rules} {path}");
        }
    }

    #[test]
    fn groups_that_name_us_replace_those_for_all() {
        for (file, expected) in [
            (
                "User-agent: *\nDisallow: /\n\nUser-agent: PRESSMARK/2.0\nAllow: /",
                false,
            ),
            (
                "User-agent: pressmark\nDisallow:\n\nUser-agent: *\nDisallow: /",
                false,
            ),
            ("User-agent: pressmarkbot\nDisallow: /", false),
            (
                "User-agent: other\nUser-agent: Pressmark\nDisallow: /",
                true,
            ),
            (
                "User-agent: Pressmark\nDisallow: /x\nUser-agent: b\nDisallow: /",
                false,
            ),
            (
                "User-agent: Pressmark\nSitemap: /s\nUser-agent: b\nDisallow: /",
                true,
            ),
            (
                "User-agent: Pressmark\nDisallow: /x\n\nUser-agent: pressmark\nDisallow: /a",
                true,
            ),
            ("\u{feff}user-AGENT : *\rDISALLOW : / # all\r", true),
            ("Disallow: /", false),
            ("<html>User-agent: *<br>Disallow: /</html>", false),
            ("", false),
        ] {
            assert_eq!(denied(file, "/a"), expected, "{file}");
        }
    }

    #[test]
    fn a_crawl_delay_is_read_within_reason() {
        let delay = |value: &str| {
            Rules::parse(format!("User-agent: *\nCrawl-delay: {value}").as_bytes()).delay
        };
        assert_eq!(delay("2.5"), Some(Duration::from_millis(2500)));
        assert_eq!(delay("86400"), Some(LONGEST_DELAY));
        for wrong in ["", "-1", "NaN", "soon"] {
            assert_eq!(delay(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = "/*a".repeat(200);
        let file = format!("User-agent: *\nDisallow: {pattern}$");
        assert!(!denied(&file, &format!("/{}", "a".repeat(5_000))));
    }

    /// The plainest reading of a pattern: every way is tried.
    fn matches_plainly(pattern: &[u8], path: &[u8]) -> bool {
        match (pattern, path) {
            ([], _) | (b"$", []) => true,
            ([b'*', rest @ ..], _) => {
                matches_plainly(rest, path)
                    || path
                        .split_first()
                        .is_some_and(|(_, path)| matches_plainly(pattern, path))
            }
            ([p, pattern @ ..], [q, path @ ..]) => {
                p == q && !(*p == b'$' && pattern.is_empty()) && matches_plainly(pattern, path)
            }
            _ => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn the_first_fit_of_each_piece_is_as_good_as_any(
            pattern in "[ab*]{0,8}\\$?", path in "[ab]{0,10}",
        ) {
            let (pattern, path) = (pattern.as_bytes(), path.as_bytes());
            proptest::prop_assert_eq!(matches(pattern, path), matches_plainly(pattern, path));
        }

        #[test]
        fn whatever_a_file_holds_it_is_read(
            file in proptest::collection::vec(proptest::num::u8::ANY, 0..200), path in "/a[ -~]{0,20}",
        ) {
            let url = Url::parse("https://a.example").unwrap().join(&path).unwrap();
            let line = [b"User-agent: *\nDisallow: ".as_slice(), &file].concat();
            Rules::parse(&line).denies(&url);
        }
    }
}
