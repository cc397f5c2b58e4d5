//! The attributes by which `FreshRSS`, Miniflux and this program say how a feed is watched.
//!
//! Sources: the OPML page of FreshRSS's developer documentation, and `internal/reader/opml` of
//! Miniflux.

use pressmark_feed::Opml;
use pressmark_model::Slug;

use super::scrape;
use crate::setting::{assign, pairs};
use crate::source::{Source, SourceSettings, SourceState};

/// The prefixes of the extensions that are understood, and their namespaces.
pub(super) const NAMESPACES: [(&str, &str); 3] = [
    ("frss", "https://freshrss.org/opml"),
    ("miniflux", "https://miniflux.app/opml"),
    ("pressmark", "urn:pressmark:opml"),
];
/// Settings that no other program's attributes say exactly.
const OWN: [&str; 13] = [
    "read",
    "also",
    "backfill",
    "interval",
    "proxy",
    "robots",
    "full_text",
    "render",
    "block",
    "keep",
    "per_host_gap",
    "timeout",
    "max_page_bytes",
];
/// Miniflux's names of what a rule looks at, and ours.
const RULE_FIELDS: [(&str, &str); 5] = [
    ("EntryTitle", "title"),
    ("EntryURL", "url"),
    ("EntryAuthor", "author"),
    ("EntryContent", "text"),
    ("EntryTag", "tag"),
];

/// What is kept and written back, but not done: the attribute, the values that ask for nothing
/// else than what is done, and what is done.
const UNUSED: [(&str, &[&str], &str); 12] = [
    ("frss:CURLOPT_POST", OFF, BY_GET),
    ("frss:CURLOPT_POSTFIELDS", &[""], BY_GET),
    ("frss:CURLOPT_CUSTOMREQUEST", &["", "GET"], BY_GET),
    ("frss:CURLOPT_FOLLOWLOCATION", ON, "redirects are followed"),
    ("frss:CURLOPT_SSL_VERIFYPEER", ON, VERIFIED),
    ("frss:sslVerify", ON, VERIFIED),
    ("miniflux:allowSelfSignedCertificates", OFF, VERIFIED),
    ("frss:xPathItemTimeFormat", &[""], AS_WRITTEN),
    ("frss:jsonItemTimeFormat", &["", "U"], AS_WRITTEN),
    (
        "frss:cssFullContentConditions",
        &[""],
        "the whole text is taken of all entries",
    ),
    ("frss:filtersActionRead", &[""], "nothing is marked as read"),
    (
        "miniflux:fetchViaProxy",
        OFF,
        "no proxy is named, so the one of the configuration is used, if there is one",
    ),
];
const ON: &[&str] = &["", "1", "true"];
const OFF: &[&str] = &["", "0", "false"];
const BY_GET: &str = "it is asked by GET, without a form";
const VERIFIED: &str = "certificates are always verified";
const AS_WRITTEN: &str = "dates are read in any form, the day before the month";

pub(super) type Attributes = [(String, String)];

/// What the attributes of an outline say.
#[derive(Debug, Default)]
pub(super) struct Understood {
    pub(super) settings: SourceSettings,
    pub(super) paused: bool,
    pub(super) slug: Option<Slug>,
    /// What is not understood, or cannot be used.
    pub(super) notes: Vec<String>,
}

/// Attributes that say one thing together.
struct Family {
    names: &'static [&'static str],
    same: fn(&Understood, &Understood) -> bool,
    write: fn(&Understood) -> Vec<(&'static str, String)>,
}

const FAMILIES: [Family; 8] = [
    Family {
        names: scrape::READER,
        same: |a, b| a.settings.read == b.settings.read,
        write: |now| scrape::attributes(now.settings.read.as_ref()),
    },
    Family {
        names: &["frss:CURLOPT_USERAGENT", "miniflux:userAgent"],
        same: |a, b| a.settings.user_agent == b.settings.user_agent,
        write: |now| both(USER_AGENT, now.settings.user_agent.as_ref()),
    },
    Family {
        names: &["frss:CURLOPT_COOKIE", "miniflux:cookie"],
        same: |a, b| a.settings.cookie == b.settings.cookie,
        write: |now| both(COOKIE, now.settings.cookie.as_ref()),
    },
    Family {
        names: &["frss:CURLOPT_HTTPHEADER"],
        same: |a, b| a.settings.headers == b.settings.headers,
        write: |now| {
            lines(
                "frss:CURLOPT_HTTPHEADER",
                now.settings.headers.iter().cloned(),
            )
        },
    },
    Family {
        names: &[
            "frss:CURLOPT_PROXY",
            "frss:CURLOPT_PROXYTYPE",
            "miniflux:proxyUrl",
        ],
        same: |a, b| a.settings.proxy == b.settings.proxy,
        write: |now| proxy_attributes(now.settings.proxy.as_deref()),
    },
    Family {
        names: &["miniflux:blockFilterEntryRules", "miniflux:blocklistRules"],
        same: |a, b| a.settings.block == b.settings.block,
        write: |now| rule_attributes("miniflux:blockFilterEntryRules", &now.settings.block),
    },
    Family {
        names: &["miniflux:keepFilterEntryRules", "miniflux:keeplistRules"],
        same: |a, b| a.settings.keep == b.settings.keep,
        write: |now| rule_attributes("miniflux:keepFilterEntryRules", &now.settings.keep),
    },
    Family {
        names: &["frss:ttl", "miniflux:disabled"],
        same: |a, b| a.paused == b.paused && a.settings.interval == b.settings.interval,
        write: |now| {
            let seconds = now.settings.interval.map(|interval| interval.as_secs());
            let mut all = Vec::new();
            all.extend(seconds.map(|seconds| ("frss:ttl", seconds.to_string())));
            all.extend(now.paused.then(|| ("miniflux:disabled", "true".to_owned())));
            all
        },
    },
];

const USER_AGENT: [&str; 2] = ["frss:CURLOPT_USERAGENT", "miniflux:userAgent"];
const COOKIE: [&str; 2] = ["frss:CURLOPT_COOKIE", "miniflux:cookie"];

/// The attributes with the usual prefixes of the namespaces that are understood. Other namespaces
/// are declared by attributes of their own, so that they stay with the outline.
pub(super) fn with_known_prefixes(opml: &Opml, attributes: &Attributes) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::with_capacity(attributes.len());
    for (name, value) in attributes {
        let Some((prefix, local)) = name.split_once(':') else {
            all.push((name.clone(), value.clone()));
            continue;
        };
        let declared = opml.namespaces.iter().find(|(known, _)| known == prefix);
        let usual = NAMESPACES
            .iter()
            .find(|(_, uri)| declared.is_some_and(|(_, declared)| declared == uri));
        match (usual, declared) {
            (Some((usual, _)), _) => all.push((format!("{usual}:{local}"), value.clone())),
            (None, Some((_, uri))) => {
                let declaration = (format!("xmlns:{prefix}"), uri.clone());
                if !all.contains(&declaration) {
                    all.push(declaration);
                }
                all.push((name.clone(), value.clone()));
            }
            (None, None) => all.push((name.clone(), value.clone())),
        }
    }
    all
}

/// Whether an attribute is this program's own.
pub(super) fn is_own(name: &str) -> bool {
    name.starts_with("pressmark:")
}

pub(super) fn value<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

impl Understood {
    pub(super) fn of(attributes: &Attributes) -> Self {
        let mut understood = Self::default();
        understood.read(attributes);
        understood
    }

    fn read(&mut self, attributes: &Attributes) {
        let first = |names: [&str; 2]| names.into_iter().find_map(|name| value(attributes, name));
        self.set("user_agent", first(USER_AGENT).unwrap_or_default());
        self.set("cookie", first(COOKIE).unwrap_or_default());
        let headers = value(attributes, "frss:CURLOPT_HTTPHEADER").unwrap_or_default();
        let headers = headers.split(['\r', '\n']).map(str::trim);
        self.set_each(
            "headers",
            headers.filter(|line| !line.is_empty()).map(str::to_owned),
        );
        self.settings.read = scrape::reader(attributes, &mut self.notes);
        if value(attributes, "pressmark:proxy").is_none() {
            self.read_proxy(attributes);
        }
        self.read_rules(
            attributes,
            "block",
            ["blockFilterEntryRules", "blocklistRules"],
        );
        self.read_rules(
            attributes,
            "keep",
            ["keepFilterEntryRules", "keeplistRules"],
        );
        match value(attributes, "frss:ttl").and_then(|ttl| ttl.trim().parse::<i64>().ok()) {
            // FreshRSS mutes a feed by a negative interval.
            Some(..0) => self.paused = true,
            Some(seconds @ 1..) => self.set("interval", &format!("{seconds}s")),
            Some(0) | None => {}
        }
        self.paused |= value(attributes, "miniflux:disabled") == Some("true");
        for key in OWN {
            if let Some(text) = value(attributes, &format!("pressmark:{key}")) {
                self.set(key, text);
            }
        }
        self.slug = value(attributes, "pressmark:slug").and_then(|slug| slug.parse().ok());
        for (name, usual, done) in UNUSED {
            if value(attributes, name).is_some_and(|value| !usual.contains(&value.trim())) {
                self.notes.push(format!("`{name}` is not used: {done}"));
            }
        }
    }

    fn set(&mut self, key: &str, text: &str) {
        match assign(&mut self.settings, key, text) {
            Ok(()) => {}
            Err(error) if key == "proxy" => self.pause_for(&error.to_string()),
            Err(error) => self.notes.push(error.to_string()),
        }
    }

    /// Sets what is a list: what cannot be used of it is told, and left out.
    fn set_each(&mut self, key: &str, items: impl Iterator<Item = String>) {
        let mut usable = Vec::new();
        for item in items {
            match assign(&mut SourceSettings::default(), key, &item) {
                Ok(()) => usable.push(item),
                Err(error) => self.notes.push(error.to_string()),
            }
        }
        self.set(key, &usable.join("\n"));
    }

    /// A source that was asked through a proxy is not asked without: that could endanger whoever
    /// reads it.
    fn pause_for(&mut self, trouble: &str) {
        self.paused = true;
        self.notes.push(format!(
            "{trouble}: the source is paused, so that it is not asked without one"
        ));
    }

    /// `CURLOPT_PROXYTYPE` is curl's number: 0 HTTP, 5 SOCKS5, 7 SOCKS5 that resolves names itself;
    /// with `FreshRSS` -1, before it 3, is no proxy at all.
    fn read_proxy(&mut self, attributes: &Attributes) {
        if let Some(url) = value(attributes, "miniflux:proxyUrl") {
            return self.set("proxy", url);
        }
        let address = value(attributes, "frss:CURLOPT_PROXY").unwrap_or_default();
        let scheme = match value(attributes, "frss:CURLOPT_PROXYTYPE") {
            Some("-1" | "3") => return self.set("proxy", "direct"),
            _ if address.is_empty() => return,
            _ if address.contains("://") => "",
            Some("0") | None => "http://",
            Some("5") => "socks5://",
            Some("7") => "socks5h://",
            Some(other) => {
                return self.pause_for(&format!("a proxy of curl's type {other} is not used"));
            }
        };
        self.set("proxy", &format!("{scheme}{address}"));
    }

    fn read_rules(&mut self, attributes: &Attributes, key: &str, names: [&str; 2]) {
        let [rules, list] = names.map(|name| value(attributes, &format!("miniflux:{name}")));
        let mut ours = Vec::new();
        for line in rules.unwrap_or_default().lines().map(str::trim) {
            let field = line.split_once('=').and_then(|(name, expression)| {
                let (_, field) = RULE_FIELDS.iter().find(|(known, _)| *known == name)?;
                Some(format!("{field}={expression}"))
            });
            match field {
                Some(rule) => ours.push(rule),
                None if line.is_empty() => {}
                None => self.notes.push(format!("the rule `{line}` is not used")),
            }
        }
        let list = list.map(str::trim).filter(|list| !list.is_empty());
        ours.extend(list.map(|expression| format!("any={expression}")));
        self.set_each(key, ours.into_iter());
    }
}

/// The attributes of a source: those that it came with, where they still say what is set, and
/// today's settings.
pub(super) fn written(source: &Source) -> Vec<(String, String)> {
    let mut all = source.settings.outline.clone();
    let then = Understood::of(&all);
    let now = Understood {
        settings: source.settings.clone(),
        paused: source.state == SourceState::Paused,
        ..Understood::default()
    };
    for family in FAMILIES {
        if !(family.same)(&then, &now) {
            all.retain(|(name, _)| !family.names.contains(&name.as_str()));
            let new = (family.write)(&now);
            all.extend(
                new.into_iter()
                    .map(|(name, value)| (name.to_owned(), value)),
            );
        }
    }
    let own = pairs(&source.settings)
        .into_iter()
        .filter(|(key, _)| OWN.contains(key))
        .map(|(key, value)| (format!("pressmark:{key}"), value));
    all.extend(own);
    all.push(("pressmark:slug".to_owned(), source.slug.to_string()));
    all
}

fn both(names: [&'static str; 2], value: Option<&String>) -> Vec<(&'static str, String)> {
    match value {
        Some(value) => names.map(|name| (name, value.clone())).to_vec(),
        None => Vec::new(),
    }
}

fn lines(name: &'static str, items: impl Iterator<Item = String>) -> Vec<(&'static str, String)> {
    let text = items.collect::<Vec<_>>().join("\n");
    Vec::from_iter((!text.is_empty()).then_some((name, text)))
}

fn proxy_attributes(proxy: Option<&str>) -> Vec<(&'static str, String)> {
    let Some(proxy) = proxy else {
        return Vec::new();
    };
    let (kind, address) = match proxy.split_once("://") {
        Some(("http", address)) => ("0", address),
        Some(("socks5", address)) => ("5", address),
        Some(("socks5h", address)) => ("7", address),
        _ => return vec![("frss:CURLOPT_PROXYTYPE", "-1".to_owned())],
    };
    vec![
        ("frss:CURLOPT_PROXY", address.to_owned()),
        ("frss:CURLOPT_PROXYTYPE", kind.to_owned()),
        ("miniflux:proxyUrl", proxy.to_owned()),
    ]
}

/// Our rules in Miniflux's words. A rule about `any` has none there: it is left to our own
/// attribute.
fn rule_attributes(name: &'static str, rules: &[String]) -> Vec<(&'static str, String)> {
    let theirs = rules.iter().filter_map(|rule| {
        let (field, expression) = rule.split_once('=')?;
        let (known, _) = RULE_FIELDS.iter().find(|(_, ours)| *ours == field)?;
        Some(format!("{known}={expression}"))
    });
    lines(name, theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(pairs: &[(&str, &str)]) -> Understood {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Understood::of(&pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_cannot_be_used_takes_nothing_else_with_it() {
        let rules = "EntryTitle=(?i)foo\nEntryTitle=(unclosed\nEntryDate=x\nEntryURL=/ad/";
        let read = understood(&[
            ("miniflux:blockFilterEntryRules", rules),
            ("miniflux:blocklistRules", "promo"),
            ("miniflux:keeplistRules", "(?!x)y"),
            ("frss:CURLOPT_HTTPHEADER", "X-A: 1\r\nno header\nX-B: 2"),
        ]);
        let settings = read.settings;
        assert_eq!(settings.block, ["title=(?i)foo", "url=/ad/", "any=promo"]);
        assert!(settings.keep.is_empty() && !read.paused);
        assert_eq!(settings.headers, ["X-A: 1", "X-B: 2"]);
        assert_eq!(read.notes.len(), 4, "{:?}", read.notes);
        for bad in ["no header", "EntryDate", "(unclosed", "(?!x)y"] {
            let named = read.notes.iter().filter(|note| note.contains(bad));
            assert_eq!(named.count(), 1, "{bad}: {:?}", read.notes);
        }
    }

    #[test]
    fn a_source_is_not_asked_without_its_proxy() {
        let address = ("frss:CURLOPT_PROXY", "127.0.0.1:9050");
        for unusable in [
            vec![address, ("frss:CURLOPT_PROXYTYPE", "4")],
            vec![address, ("frss:CURLOPT_PROXYTYPE", "6")],
            vec![("miniflux:proxyUrl", "https://127.0.0.1:9")],
            vec![("pressmark:proxy", "ftp://x")],
        ] {
            let read = understood(&unusable);
            assert!(read.paused && read.settings.proxy.is_none(), "{unusable:?}");
            assert_eq!(read.notes.len(), 1, "{:?}", read.notes);
        }
        for usable in [
            vec![address, ("frss:CURLOPT_PROXYTYPE", "5")],
            vec![("frss:CURLOPT_PROXYTYPE", "-1")],
            vec![
                ("miniflux:proxyUrl", "ftp://x"),
                ("pressmark:proxy", "direct"),
            ],
        ] {
            let read = understood(&usable);
            assert!(!read.paused && read.notes.is_empty(), "{usable:?}");
        }
    }

    #[test]
    fn what_is_not_done_is_told() {
        let usual = [
            ("frss:sslVerify", "true"),
            ("miniflux:fetchViaProxy", "false"),
            ("frss:CURLOPT_CUSTOMREQUEST", "GET"),
            ("frss:CURLOPT_POST", "0"),
        ];
        assert!(understood(&usual).notes.is_empty());
        for other in [
            ("frss:sslVerify", "0"),
            ("miniflux:fetchViaProxy", "true"),
            ("frss:CURLOPT_POSTFIELDS", "q=1"),
            ("frss:cssFullContentConditions", "#/sport/#"),
        ] {
            let notes = understood(&[other]).notes;
            assert!(notes[0].contains(other.0) && notes.len() == 1, "{notes:?}");
        }
    }
}
